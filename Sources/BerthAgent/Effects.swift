internal import BerthCore
internal import BerthModel

/// Carries out in the background what decisions ask of the kernel, and tells the core what came of it.
extension Agent {
    /// How long processes have after SIGTERM where nobody says otherwise.
    static let grace: Duration = .seconds(10)

    /// Starts what a decision asks for and nobody waits for.
    func follow(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .enforce(let id): Task { await self.enforceAgain(id) }
            case .end(let id): finishLater(id)
            case .signal(let id, let signal): Task { await self.send(signal, to: id) }
            // A resize or a move is carried out by whoever asked for it.
            case .resize, .move: break
            // Ceilings are set in their order, where a decision is carried out.
            case .ceiling: break
            }
        }
    }

    /// Has the kernel hold what was just granted. Throws what the core makes of the outcome.
    func enforce(_ id: ReservationID) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        let command: Command
        do throws(EnforcementError) {
            command = .noteEnforced(id, try await ports.enforcer.enforce(reservation))
        } catch {
            command = .noteUnenforced(id, error.receipts, reason: error.reason)
        }
        let (decision, stored) = carryOut(command)
        settleLater(stored)
        follow(decision.effects)
        if case .refused(let refusal) = decision.answer { throw .refused(refusal) }
    }

    /// Has the kernel hold again what it should hold already, and notes where it does not.
    func enforceAgain(_ id: ReservationID) async {
        await alone(with: id) {
            await self.hold(id)
            await self.lookOutside(id)
        }
    }

    /// The same for who is alone with the reservation.
    /// - Parameter borrowed: what it is to hold beside its grant of what others lend, where that is not what it has now
    func hold(_ id: ReservationID, borrowing borrowed: Quantity? = nil) async {
        guard var reservation = state.reservations[id], reservation.isLive else { return }
        if let borrowed { reservation.borrowed = borrowed }
        let receipts: [Receipt]
        do throws(EnforcementError) {
            receipts = try await ports.enforcer.enforce(reservation)
        } catch {
            // What runs goes on: its holder is told by the receipts, and the next look tries again.
            receipts = error.receipts
        }
        guard state.reservations[id]?.isLive == true else { return }
        let (decision, stored) = carryOut(.noteEnforced(id, receipts))
        settleLater(stored)
        follow(decision.effects)
    }

    /// Looks at everything that the kernel should hold: after a reload of systemd, and now and then.
    package func verify() async {
        guard phase == .serving else { return }
        await ports.enforcer.use(state.pools)
        for id in state.reservations.values.filter(\.isLive).map(\.id).sorted() { await enforceAgain(id) }
        for id in quarantined.keys.sorted() { finishLater(id) }
    }

    func finishLater(_ id: ReservationID) {
        // Who went for another and wanted no signal of its own was asked to end when it had its notice.
        let isAsked =
            state.reservations[id].map { $0.reason == .preempted && $0.preemption != nil && $0.warning == nil } ?? false
        Task { await self.finish(id, grace: isAsked ? .zero : Agent.grace) }
    }

    /// Sends a signal to all that runs in a live reservation.
    private func send(_ signal: Signal, to id: ReservationID) async {
        guard let reservation = state.reservations[id], reservation.isLive else { return }
        await ports.enforcer.send(signal, to: reservation)
    }

    /// Ends what runs in an ended reservation and frees its units. A second call waits for the first, and gets nil where
    /// nothing was left to do.
    @discardableResult
    func finish(_ id: ReservationID, grace: Duration) async -> EndedLeaf? {
        await alone(with: id) {
            guard let reservation = self.state.reservations[id], !reservation.isLive else { return nil }
            let ended = await self.ports.enforcer.end(id, grace: grace)
            self.quarantined[id] = ended.quarantine
            guard ended.quarantine == nil else { return ended }
            await self.giveBack(reservation)
            self.settleLater(self.carryOut(.noteFreed(id, ended.usage)).stored)
            return ended
        }
    }

    /// An attached process has ended.
    func noteExited(_ id: ReservationID, _ process: ProcessIdentity) async {
        guard phase != .reloading, holders[process] == id else { return }
        guard state.reservations[id]?.attached.contains(process) == true else {
            exitedEarly.insert(process)
            return
        }
        letGo(process)
        let (decision, stored) = carryOut(.noteExited(id, process))
        settleLater(stored)
        follow(decision.effects)
        await noteEmptied(id)
    }

    /// A leaf has emptied, or may have, and no attached process is left outside.
    func noteEmptied(_ id: ReservationID) async {
        if quarantined[id] != nil { return finishLater(id) }
        guard mayEnd(id) else { return }
        await alone(with: id) {
            guard self.mayEnd(id), let reservation = self.state.reservations[id] else { return }
            let leaf = await self.ports.enforcer.look(at: reservation)
            guard leaf.isEmpty else { return }
            let (decision, stored) = self.carryOut(.noteEmptied(id, outOfMemory: leaf.outOfMemory))
            self.settleLater(stored)
            self.follow(decision.effects)
        }
    }

    /// Whether an empty leaf is the end of this reservation.
    private func mayEnd(_ id: ReservationID) -> Bool {
        guard let reservation = state.reservations[id] else { return false }
        return reservation.isLive && reservation.end == .empty && reservation.wasAttached
            && reservation.attached.isEmpty
    }

    /// Forgets a process that was attached.
    func letGo(_ process: ProcessIdentity) {
        holders[process] = nil
        handles[process] = nil
    }

    /// Does one long thing with a reservation at a time, in the order of the calls.
    func alone<Value, Failure: Error>(
        with id: ReservationID, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        while waiting[id] != nil {
            await withCheckedContinuation { waiting[id, default: []].append($0) }
        }
        waiting[id] = []
        defer {
            let waiters = waiting.removeValue(forKey: id) ?? []
            for waiter in waiters { waiter.resume() }
        }
        return try await body()
    }
}
