internal import BerthCore
internal import BerthModel

/// A resize, in an order in which nothing is ever handed out that is still in use.
///
/// First the kernel goes down to what both grants cover, while all of the former is held: where something is in use, nothing
/// has happened. Then the new grant is decided and stored, and the kernel goes up to it.
extension Agent {
    func carryOut(
        _ command: Command, resizing id: ReservationID, force: Bool, by peer: Peer
    ) async throws(AgentError) {
        try needServing()
        guard case .resize(_, let former, let grant)? = state.decide(command, ports.clock.now()).effects.first,
            let reservation = state.reservations[id]
        else {
            // It is refused, or changes nothing.
            try await change(command, by: peer)
            return
        }
        let least = former.meet(grant)
        if least != former {
            do throws(EnforcementError) {
                _ = try await ports.enforcer.resize(reservation, from: former, to: least, force: force)
            } catch {
                throw .refused(error.refusal)
            }
        }
        let effects: [Effect]
        do throws(AgentError) {
            effects = try await change(command, by: peer)
        } catch {
            await hold(id)
            throw error
        }
        // What was free may have changed meanwhile, and with it the units.
        for case .resize(_, _, let grant) in effects { try await grow(id, from: least, to: grant) }
    }

    /// Brings the kernel up to a grant that is stored. Where it cannot, what is left is held.
    private func grow(_ id: ReservationID, from least: Grant, to grant: Grant) async throws(AgentError) {
        guard let reservation = state.reservations[id] else { throw .refused(.unknown(id)) }
        var held = grant
        var refusal: Refusal?
        var receipts: [Receipt] = []
        do throws(EnforcementError) {
            receipts = try await ports.enforcer.resize(reservation, from: least, to: grant, force: true)
                .telling(of: reservation.provisions)
            if reservation.enforce == .required, receipts.contains(where: { $0.status != .enforced }) {
                refusal = .unenforceable(receipts)
                held = least
                receipts = try await ports.enforcer.resize(reservation, from: grant, to: least, force: true)
            }
        } catch {
            refusal = refusal ?? error.refusal
            held = least
            receipts = error.receipts
        }
        try await settle(carryOut(.noteResized(id, held, receipts)).stored)
        // What is another's by now is not gone back to: the kernel follows what is held.
        if let now = state.reservations[id]?.grant, now != held { await hold(id) }
        if let refusal { throw .refused(refusal) }
    }
}
