internal import BerthCore
package import BerthModel

/// Sees to those who wait: grants them what becomes free, has plugins and the kernel follow, and tells who listens.
extension Agent {
    /// How often the whole queue is looked at, for what becomes free without anybody saying so.
    private static let attendance: Duration = .seconds(1)

    /// So many of those who wait are looked at then.
    private static let attendedDepth = 1000

    /// Whether a change may leave room for those who wait.
    static func mayFree(_ change: Event.Change) -> Bool {
        switch change {
        case .freed, .ended, .resized, .capacityChanged, .unitsChanged, .unmanagedChanged, .poolsChanged, .moved,
            .maintenanceRemoved:
            true
        default: false
        }
    }

    /// Grants what can be granted of what waits.
    func admitWaiting(depth: Int = State.admitDepth) {
        guard !state.waiters.isEmpty, phase == .serving, hasStarted else { return }
        let now = ports.clock.now()
        let decision = decide(.admit(depth: depth), now)
        guard !decision.changes.isEmpty else { return }
        let stored = record(decision.changes, at: now.wall)
        // Gangs that became smaller are whole now.
        if decision.effects.isEmpty, decision.changes.allSatisfy(\.isQueued) {
            settleLater(stored)
            return admitWaiting(depth: depth)
        }
        var gangs: [GangKey: (gang: Gang, ids: [ReservationID])] = [:]
        for case .enforce(let id) in decision.effects {
            taking.insert(id)
            if let reservation = state.reservations[id], let gang = reservation.gang, let key = reservation.gangKey {
                gangs[key, default: (gang, [])].ids.append(id)
            } else {
                Task { await self.takeTurn(of: id, stored) }
            }
        }
        for (gang, ids) in gangs.values { Task { await self.takeTurn(of: gang, ids, stored) } }
        let notices = decision.effects.filter { if case .signal = $0 { true } else { false } }
        guard !notices.isEmpty else { return }
        Task {
            // Nobody is told of what could not be stored.
            do throws(AgentError) { try await self.settle(stored) } catch { return }
            self.follow(notices)
        }
    }

    /// Has plugins prepare and the kernel hold what was granted to one that had waited.
    private func takeTurn(of id: ReservationID, _ stored: Storing) async {
        var failure: AgentError?
        do throws(AgentError) {
            try await alone(with: id) { () async throws(AgentError) in
                try await self.settle(stored)
                let process = self.callers.removeValue(forKey: id)
                // It may have been given back meanwhile.
                guard self.state.reservations[id]?.isLive == true else { throw .refused(.ended(id)) }
                try await self.provide(id)
                try await self.enforce(id)
                if let process { try await self.attachCaller(process, to: id) }
            }
        } catch {
            failure = error
        }
        taking.remove(id)
        // What could not be stored has not happened: it waits on, and whoever listens too.
        if case .ledger = failure {
            if phase == .draining { tell(id, .stopping) }
            return
        }
        tell(id, failure)
    }

    /// Takes up one that was just queued: its caller is attached when its turn comes, and those who have to go for it are
    /// told.
    func takeUp(
        _ id: ReservationID, _ process: (any ProcessHandle)?, _ stored: Storing, _ effects: [Effect] = []
    ) async throws(AgentError) -> ReservationView {
        callers[id] = process
        attend()
        try await settle(stored)
        follow(effects)
        if taking.contains(id), let failure = await told(of: id) { throw failure }
        return try await current(id)
    }

    /// Looks at the queue now and then while somebody waits.
    func attend() {
        guard !isAttending, !state.waiters.isEmpty else { return }
        isAttending = true
        Task {
            while !self.state.waiters.isEmpty {
                try? await Task.sleep(for: Agent.attendance)
                guard self.phase == .serving else { continue }
                // Nobody is there any more to run what would be granted.
                self.withdraw(self.callers.filter { !$0.value.isAlive }.map(\.key))
                // Whoever sets the clock says nothing of it.
                self.setAlarm()
                guard self.state.mayAdmit(self.ports.clock.now()) else { continue }
                await self.measure()
                self.admitWaiting(depth: Agent.attendedDepth)
            }
            self.isAttending = false
        }
    }

    /// Answers when a reservation waits no more: granted, with the kernel holding it, or over. Throws what went wrong; the
    /// end of the task ends the wait, and changes nothing.
    package func turn(of id: ReservationID, for peer: Peer) async throws(AgentError) -> ReservationView {
        if state.waiters[id] != nil || taking.contains(id) {
            try needToListen(peer)
            listening[peer.user, default: 0] += 1
            defer { listening[peer.user] = listening[peer.user].flatMap { $0 > 1 ? $0 - 1 : nil } }
            if let failure = await told(of: id) { throw failure }
        }
        let view = try await current(id)
        if !view.reservation.isLive, view.reservation.grantedAt == nil { throw whyNever(view.reservation) }
        return view
    }

    /// The same for a request, where it may come to wait: who has others go waits for that.
    package func needToListen(_ peer: Peer, for request: ReservationRequest) throws(AgentError) {
        guard request.wait != nil || request.start != nil || state.pools.strategy(for: request) == .priority else {
            return
        }
        try needToListen(peer)
    }

    /// Throws where a user has as many requests that wait as it may.
    package func needToListen(_ peer: Peer) throws(AgentError) {
        guard peer.user == 0 || (listening[peer.user] ?? 0) < Agent.mostListening else {
            throw .refused(.overCap(.waits(Agent.mostListening)))
        }
    }

    /// Nobody heard the answer to a request that waits: it is withdrawn where nobody can come back to it.
    package func noteUnheard(_ id: ReservationID) {
        guard state.waiters[id]?.waiting?.request.isDetached != true else { return }
        guard phase != .reloading else {
            unheard.insert(id)
            return
        }
        guard phase == .serving else { return }
        withdraw([id])
    }

    /// Takes those of these that wait out of the queue, all before anybody is granted what they waited for.
    private func withdraw(_ ids: [ReservationID]) {
        let changes = ids.filter { state.waiters[$0] != nil }.sorted().flatMap {
            state.withdrawal($0, .released, .neverAttached)
        }
        guard !changes.isEmpty, phase != .reloading else { return }
        settleLater(record(changes, at: ports.clock.now().wall))
        admitWaiting()
    }

    /// Withdraws, after a start, what nobody can come back to.
    func withdrawUnheard() {
        withdraw(state.waiters.all.filter { $0.waiting?.request.isDetached != true }.map(\.id))
    }

    /// So many requests of one user may wait at a time.
    static let mostListening = 16

    func told(of id: ReservationID) async -> AgentError? {
        guard phase != .draining || isOnItsWay(id) else { return .stopping }
        nextTurn += 1
        let number = nextTurn
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(returning: .unavailable("the connection is over"))
                }
                turns[id, default: [:]][number] = continuation
            }
        } onCancel: {
            Task { await self.stopListening(number, id) }
        }
    }

    private func stopListening(_ number: Int, _ id: ReservationID) {
        turns[id]?.removeValue(forKey: number)?.resume(returning: .unavailable("the connection is over"))
        if turns[id]?.isEmpty == true { turns[id] = nil }
    }

    /// Tells everybody who listens for a reservation's turn.
    func tell(_ id: ReservationID, _ failure: AgentError?) {
        for continuation in (turns.removeValue(forKey: id) ?? [:]).values { continuation.resume(returning: failure) }
    }

    /// One that waited is over before its turn came; why is told once that is stored.
    func noteWithdrawn(_ reservation: Reservation, _ stored: Storing) {
        callers[reservation.id] = nil
        guard turns[reservation.id] != nil else { return settleLater(stored) }
        let error = whyNever(reservation)
        Task {
            var failure = error
            do throws(AgentError) { try await self.settle(stored) } catch { failure = error }
            self.tell(reservation.id, failure)
        }
    }

    /// What is told of one that waited and was never granted.
    func whyNever(_ reservation: Reservation) -> AgentError {
        switch reservation.reason {
        // It was promised its start, and what it was promised was not there until its end.
        case .wait where reservation.waiting?.booking != nil: .over(reservation)
        case .wait, .gang: .refused(state.refusal(of: reservation, ports.clock.now()))
        default: .over(reservation)
        }
    }

    /// Tells those who listen for what a ledger that was read back does not have, and withdraws what nobody heard of.
    func tellOfLost() {
        callers = callers.filter { state.waiters[$0.key] != nil }
        withdraw(Array(unheard))
        unheard = []
        for id in Array(turns.keys) where state.waiters[id] == nil && !taking.contains(id) {
            tell(id, .unavailable("the request could not be stored"))
        }
        attend()
    }
}

extension Event.Change {
    fileprivate var isQueued: Bool { if case .queued = self { true } else { false } }
}
