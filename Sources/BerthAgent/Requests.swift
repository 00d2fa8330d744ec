internal import BerthCore
package import BerthModel

/// What clients ask for, one method each.
extension Agent {
    /// Grants a reservation, has the kernel hold it, and attaches the caller where it wants that.
    package func reserve(
        _ request: ReservationRequest, by peer: Peer, retry: RetryKey? = nil
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try needServing()
        try needPool(request.pool, peer)
        await measure()
        if let retry, let ended = try await ended(peer, retry) {
            if ended.grantedAt == nil { throw whyNever(ended) }
            return view(ended)
        }
        try needServing()
        let process = request.attachesCaller ? try ownProcess(of: peer) : nil
        // What validators see is what will be granted: what has ended by itself is given back before they look.
        // The same where less would do: what is over already is no reason for less.
        // And for nobody to have to go.
        let mayTakeBack = request.wait != nil && state.pools[request.pool]?.giveBack == .preempt
        let mayPreempt = state.pools.strategy(for: request) == .priority
        if !ports.validators.isEmpty || request.takesLess || mayPreempt || mayTakeBack {
            let asked = Command.reserve(ports.ids.next(), request, self.caller(peer), retry)
            if state.decide(asked, ports.clock.now()).isShort { _ = await reap() }
        }
        let isRetry = retry.map { state.reservation(of: peer.user, retry: $0.key) != nil } ?? false
        let request = isRetry ? request : try await admit(request, .reserve, by: peer)
        try needServing()
        let id = ports.ids.next()
        let command = Command.reserve(id, request, self.caller(peer), retry)
        var (decision, stored) = carryOut(command)
        if decision.isInsufficient, ports.validators.isEmpty, await reap() {
            try needServing()
            (decision, stored) = carryOut(command)
        }
        let granted: ReservationID
        do throws(AgentError) { granted = try answer(decision) } catch { throw error.telling(request.amendments) }
        guard granted == id else { return try await retried(granted, stored, process, peer) }
        // The last of a gang is granted in the same moment, with all of it.
        if state.waiters[id] != nil || taking.contains(id) {
            return try await takeUp(id, process, stored, decision.effects)
        }
        return try await alone(with: id) { () async throws(AgentError) in
            try await self.settle(stored)
            try await self.provide(id)
            try await self.enforce(id)
            if let process { try await self.attachCaller(process, to: id) }
            return try await self.current(id)
        }
    }

    /// Changes what a reservation holds, live.
    package func resize(
        _ id: ReservationID, _ change: ResourceChange, force: Bool = false, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        await measure()
        // Not while it is alone with the reservation: what is over may be this one, and is ended alone with it.
        let asked = Command.resize(id, change, self.caller(peer))
        if state.decide(asked, ports.clock.now()).isShort { _ = await reap() }
        return try await alone(with: id) { () async throws(AgentError) in
            let change = try await self.admit(change, to: id, by: peer)
            let command = Command.resize(id, change, self.caller(peer))
            let former = self.state.reservations[id]?.grant
            let told = try await self.provideLess(command, id)
            do throws(AgentError) {
                try await self.carryOut(command, resizing: id, force: force, by: peer)
            } catch {
                if !told.isEmpty { await self.provideHeld(told, id) }
                throw error
            }
            if !change.amendments.isEmpty {
                try await self.settle(self.carryOut(.noteAmended(id, change.amendments)).stored)
            }
            if let former { try await self.provideAgain(id, from: former) }
            return try await self.current(id)
        }
    }

    /// Sets a reservation's lease anew, from now.
    package func renew(
        _ id: ReservationID, _ lease: Duration, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try await change(.renew(id, lease, self.caller(peer)), by: peer)
        if let renewed = state.reservations[id] {
            do throws(EnforcementError) { try await ports.enforcer.mark(renewed) } catch {
                throw .refused(error.refusal)
            }
        }
        return try await current(id)
    }

    /// Ends a reservation and answers when nothing of it runs any more; again, the same answer.
    package func release(
        _ id: ReservationID, grace: Duration? = nil, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        do throws(AgentError) {
            try await change(.release(id, self.caller(peer)), by: peer, following: false)
        } catch .over(let reservation) {
            return view(reservation)
        }
        let last = state.reservations[id]
        // What could not be stored has not happened: the state was read back meanwhile.
        if last?.isLive == true { throw .unavailable("the release could not be stored") }
        if let ended = await finish(id, grace: grace ?? Agent.grace), var last {
            last.usage = ended.usage
            // The kernel's word of their end may still be on its way, and the next answer must be the same.
            if ended.quarantine == nil { (last.attached, last.left) = ([], []) }
            return view(last)
        }
        return try await current(id)
    }

    /// Attaches the caller, or another process of the same user, to a reservation.
    package func attach(
        _ pid: Int32?, to id: ReservationID, by peer: Peer
    ) async throws(AgentError) -> ReservationView {
        try need(.submit, peer)
        try await change(.attach(id, self.caller(peer)), by: peer)
        let process: any ProcessHandle
        if let pid {
            do throws(AttachError) { process = try ports.processes.process(pid) } catch { throw .attach(error) }
            guard peer.user == 0 || process.users.areAll(peer.user) else { throw .attach(.notYours(pid: pid)) }
        } else {
            process = try ownProcess(of: peer)
        }
        return try await alone(with: id) { () async throws(AgentError) in
            try await self.attach(process, to: id)
            return try await self.current(id)
        }
    }
}

extension Agent {
    /// Decides, stores, and starts what follows from it; throws where the core refuses.
    @discardableResult
    func change(
        _ command: Command, by peer: Peer, following: Bool = true
    ) async throws(AgentError) -> [Effect] {
        try needServing()
        let (decision, stored) = carryOut(command)
        do throws(AgentError) {
            _ = try answer(decision)
        } catch .refused(.unknown(let id)) {
            throw try await overOrUnknown(id, peer)
        } catch .refused(.pending(let id)) {
            throw promisedOrPending(id)
        }
        try await settle(stored)
        if following { follow(decision.effects.filter { if case .end = $0 { true } else { false } }) }
        return decision.effects
    }

    private func answer(_ decision: Decision) throws(AgentError) -> ReservationID {
        switch decision.answer {
        case .done(let id): return id
        case .refused(let refusal): throw .refused(refusal)
        case .nothing: throw .unavailable("the agent knows nothing of its host yet")
        }
    }

    /// A reservation that the core does not hold: one that is over, another user's, or none.
    private func overOrUnknown(_ id: ReservationID, _ peer: Peer) async throws(AgentError) -> AgentError {
        guard let reservation = try await endedReservation(id) else { return .refused(.unknown(id)) }
        let caller = self.caller(peer)
        guard reservation.user == caller.user || caller.isAdmin else { return .refused(.notYours(id)) }
        return .over(reservation)
    }

    /// One that holds nothing yet: whose start is to come, or who waits for its turn.
    private func promisedOrPending(_ id: ReservationID) -> AgentError {
        guard let waiter = state.waiters[id], let booking = waiter.waiting?.booking,
            booking.start > ports.clock.now().wall
        else { return .refused(.pending(id)) }
        return .promised(waiter)
    }

    /// The ended reservation that the same request made before, while its key is kept.
    private func ended(_ peer: Peer, _ retry: RetryKey) async throws(AgentError) -> Reservation? {
        guard state.reservation(of: peer.user, retry: retry.key) == nil else { return nil }
        var ended: Reservation?
        // What ends while the ledger is read may be the one: it is read again then.
        var before: Int
        repeat {
            before = freedCount
            do throws(LedgerError) {
                ended = try await ports.ledger.ended(user: peer.user, retry: retry.key)
            } catch {
                throw .ledger(error)
            }
        } while ended == nil && freedCount != before
        guard let ended, ended.retry == retry else {
            if ended != nil { throw .refused(.keyReused(retry.key)) }
            return nil
        }
        return ended
    }

    /// A retry of a request that was granted: waits until the first is answered, and answers the same.
    private func retried(
        _ id: ReservationID, _ stored: Storing, _ process: (any ProcessHandle)?, _ peer: Peer
    ) async throws(AgentError) -> ReservationView {
        if state.waiters[id] != nil { return try await takeUp(id, process, stored) }
        if taking.contains(id), let failure = await told(of: id) { throw failure }
        return try await alone(with: id) { () async throws(AgentError) in
            guard let reservation = self.state.reservations[id], reservation.isLive else {
                do throws(AgentError) {
                    return try await self.current(id)
                } catch .refused(.unknown) {
                    throw .unavailable("the first request with this key could not be stored")
                }
            }
            // The first may have died with an agent, or with the disk, before its plugins were asked.
            if self.lacksProvisions(reservation) {
                // What runs already is not ended because a plugin cannot now.
                if reservation.receipts.isEmpty { try await self.provide(id) } else { await self.provideLacking(id) }
            }
            if let process, !reservation.attached.contains(process.identity) {
                try await self.attach(process, to: id)
            }
            return try await self.current(id)
        }
    }

    /// The process at the other end, which must be one that its user may move.
    private func ownProcess(of peer: Peer) throws(AgentError) -> any ProcessHandle {
        let process: any ProcessHandle
        do throws(AttachError) { process = try peer.process() } catch { throw .attach(error) }
        guard peer.user == 0 || process.users.areAll(peer.user) else { throw .attach(.notYours(pid: peer.pid)) }
        return process
    }

    /// Attaches the caller with the grant; a grant whose caller is gone is given back.
    func attachCaller(_ process: any ProcessHandle, to id: ReservationID) async throws(AgentError) {
        do throws(AgentError) {
            try await attach(process, to: id)
        } catch {
            let (decision, stored) = carryOut(.noteAttachFailed(id))
            settleLater(stored)
            follow(decision.effects)
            throw error
        }
    }

    private func attach(_ process: any ProcessHandle, to id: ReservationID) async throws(AgentError) {
        let identity = process.identity
        let holder = holders[identity]
        if let holder {
            guard holder == id else { throw .attach(.heldElsewhere(pid: identity.pid, holder)) }
            // One that has left is brought back.
            await lookOutside(id)
            guard state.reservations[id]?.left.contains(identity) == true else { return }
        }
        guard let reservation = state.reservations[id], reservation.isLive else { throw .refused(.ended(id)) }
        holders[identity] = id
        handles[identity] = process
        let receipts: [Receipt]
        do throws(AttachError) {
            if holder == nil, reservation.enforce == .required {
                let receipts = try await ports.enforcer.receipts(with: process, in: reservation)
                // What was in doubt before is none of this process's doing.
                let isWorse = zip(reservation.receipts, receipts).contains {
                    $0.status == .enforced && $1.status != .enforced
                }
                if isWorse { throw .unenforceable(receipts) }
            }
            receipts = try await ports.enforcer.attach(process, to: reservation) { [weak self] in
                Task { await self?.noteExited(id, identity) }
            }
        } catch {
            if holder == nil { letGo(identity) }
            throw .attach(error)
        }
        let (decision, stored) = carryOut(.noteAttached(id, identity))
        guard case .done = decision.answer else {
            letGo(identity)
            try needServing()
            throw .refused(.ended(id))
        }
        // What one that came back has in memory may be the leaf's or not, which nobody can tell: that is a doubt.
        if receipts != reservation.receipts {
            let (decision, stored) = carryOut(.noteEnforced(id, receipts))
            settleLater(stored)
            follow(decision.effects)
        }
        if holder != nil { await lookOutside(id) }
        if exitedEarly.remove(identity) != nil { Task { await self.noteExited(id, identity) } }
        try await settle(stored)
    }
}

extension Decision {
    /// Whether it says that something is short.
    fileprivate var isInsufficient: Bool {
        if case .refused(let refusal) = answer { refusal.isInsufficient } else { false }
    }
}
