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
            case .enforce(let id): Task { _ = await self.enforce(id) }
            case .end(let id): finishLater(id)
            }
        }
    }

    /// Has the kernel hold what a reservation holds. Throws what the core makes of the receipts.
    func enforce(_ id: ReservationID) async -> Refusal? {
        guard let reservation = state.reservations[id] else { return .unknown(id) }
        let receipts = await ports.enforcer.enforce(reservation)
        let (decision, stored) = carryOut(.noteEnforced(id, receipts))
        settleLater(stored)
        follow(decision.effects)
        if case .refused(let refusal) = decision.answer { return refusal }
        return nil
    }

    func finishLater(_ id: ReservationID) {
        Task { await self.finish(id, grace: Agent.grace) }
    }

    /// Ends what runs in an ended reservation and frees its units. A second call waits for the first.
    func finish(_ id: ReservationID, grace: Duration) async {
        await alone(with: id) {
            guard let reservation = self.state.reservations[id], !reservation.isLive else { return }
            await self.ports.enforcer.end(reservation, grace: grace)
            let (_, stored) = self.carryOut(.noteFreed(id))
            self.settleLater(stored)
        }
    }

    /// An attached process has ended.
    func noteExited(_ id: ReservationID, _ process: ProcessIdentity) {
        guard holders[process] == id else { return }
        guard state.reservations[id]?.attached.contains(process) == true else {
            exitedEarly.insert(process)
            return
        }
        holders[process] = nil
        let (decision, stored) = carryOut(.noteExited(id, process))
        settleLater(stored)
        follow(decision.effects)
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
