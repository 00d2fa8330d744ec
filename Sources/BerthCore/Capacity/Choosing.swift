package import BerthModel

/// What a request is granted.
package struct Choice: Hashable, Sendable {
    /// What is held.
    package var grant: Grant
}

extension State {
    /// What a request is granted, beside what others hold, within what its user may have.
    /// - Parameters:
    ///   - request: the request
    ///   - caller: whose it is
    ///   - held: what others hold
    func choose(_ request: ReservationRequest, _ caller: Caller, beside held: Holdings) throws(Refusal) -> Choice {
        let grant = try placement(beside: held, request.strategy ?? .standard).grant(request.resources)
        try check(grant, caller, besides: users[caller.user]?.holdings ?? Holdings())
        return Choice(grant: grant)
    }

    /// What is held instead of what a reservation holds, for resources that it shall have from now on.
    func choose(
        _ resources: Resources, insteadOf reservation: Reservation, _ caller: Caller
    ) throws(Refusal) -> Choice {
        var others = holdings
        others.remove(reservation.grant)
        let grant = try placement(beside: others, reservation.strategy, current: reservation.grant).grant(resources)
        var rest = users[reservation.user]?.holdings ?? Holdings()
        rest.remove(reservation.grant)
        try check(grant, caller, besides: rest)
        return Choice(grant: grant)
    }

    private func placement(
        beside held: Holdings, _ strategy: Strategy, current: Grant? = nil
    ) throws(Refusal) -> Placement {
        // Nobody comes here before discovery has spoken.
        guard let capacity, let cores else { throw .invalid([]) }
        return Placement(
            capacity: capacity, cores: cores, held: held, unmanaged: unmanagedMemory, current: current,
            strategy: strategy)
    }

    private func check(_ grant: Grant, _ caller: Caller, besides rest: Holdings) throws(Refusal) {
        var asked = Holdings()
        asked.add(grant)
        for (type, cap) in caller.caps.quantities.sorted(by: { $0.key < $1.key }) {
            guard asked[type] > .zero, rest[type] + asked[type] > cap else { continue }
            throw .overCap(.quantity(type, cap: cap, held: rest[type], asked: asked[type]))
        }
    }
}
