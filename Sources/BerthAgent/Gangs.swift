internal import BerthCore
internal import BerthModel

/// Sees to gangs: all of one begin together, or none does.
extension Agent {
    /// Whether with this change all of a gang have asked.
    func completesGang(_ change: Event.Change) -> Bool {
        guard case .queued(let reservation) = change else { return false }
        return !state.waiters.gang(of: reservation).isEmpty
    }

    /// Has plugins prepare and the kernel hold what was granted to a gang, and attaches its callers when all of that is done.
    /// Nobody is told before: where one of them cannot be held, or its caller is gone, the core ends them all, and none has
    /// begun.
    func takeTurn(of gang: Gang, _ ids: [ReservationID], _ stored: Storing) async {
        var failures: [ReservationID: AgentError] = [:]
        do throws(AgentError) {
            try await settle(stored)
            failures = try await forEach(of: ids) { id throws(AgentError) in
                try await self.provide(id)
                try await self.enforce(id)
            }
            let rest = ids.filter { failures[$0] == nil }
            failures.merge(
                try await forEach(of: rest) { id throws(AgentError) in
                    guard let process = self.callers.removeValue(forKey: id) else { return }
                    try await self.attachCaller(process, to: id)
                }
            ) { first, _ in first }
        } catch {
            // What could not be stored has not happened: they wait on, and whoever listens too.
            taking.subtract(ids)
            if phase == .draining { for id in ids { tell(id, .stopping) } }
            return
        }
        for id in ids {
            callers[id] = nil
            if !failures.isEmpty, failures[id] == nil || failures[id] == .refused(.ended(id)),
                state.reservations[id]?.isLive != true, state.reservations[id]?.reason != .released
            {
                failures[id] = .refused(.gang(.incomplete(gang)))
            }
            taking.remove(id)
            tell(id, failures[id])
        }
    }

    /// Does something with each of a gang that is live, and collects what went wrong. Throws where the ledger fails.
    private func forEach(
        of ids: [ReservationID], _ body: (ReservationID) async throws(AgentError) -> Void
    ) async throws(AgentError) -> [ReservationID: AgentError] {
        var failures: [ReservationID: AgentError] = [:]
        for id in ids {
            do throws(AgentError) {
                try await alone(with: id) { () async throws(AgentError) in
                    guard self.state.reservations[id]?.isLive == true else { throw .refused(.ended(id)) }
                    try await body(id)
                }
            } catch {
                if case .ledger = error { throw error }
                failures[id] = error
            }
        }
        return failures
    }
}
