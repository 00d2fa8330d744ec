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
    ///   - caps: what its user may have
    ///   - own: what its user has
    ///   - held: what all hold
    func choose(
        _ request: ReservationRequest, within caps: Caps, having own: Holdings, beside held: Holdings
    ) throws(Refusal) -> Choice {
        let grant = try placement(beside: held, request.strategy ?? .standard).grant(request.resources)
        try check(grant, within: caps, besides: own)
        return Choice(grant: grant)
    }

    /// What is held instead of what a reservation holds, for resources that it shall have from now on.
    /// - Parameters:
    ///   - resources: what it shall have
    ///   - reservation: what it holds now
    ///   - caller: who asks
    ///   - held: what all hold, it too
    func choose(
        _ resources: Resources, insteadOf reservation: Reservation, _ caller: Caller, beside held: Holdings
    ) throws(Refusal) -> Choice {
        var others = held
        others.remove(reservation.grant)
        let grant = try placement(beside: others, reservation.strategy, current: reservation.grant).grant(resources)
        var rest = users[reservation.user]?.holdings ?? Holdings()
        rest.remove(reservation.grant)
        try check(grant, within: caller.caps, besides: rest)
        return Choice(grant: grant)
    }

    func placement(
        beside held: Holdings, _ strategy: Strategy, current: Grant? = nil
    ) throws(Refusal) -> Placement {
        // Nobody comes here before discovery has spoken.
        guard let capacity, let cores else { throw .invalid([]) }
        return Placement(
            capacity: capacity, cores: cores, held: held, unmanaged: unmanagedMemory, current: current,
            strategy: strategy)
    }

    private func check(_ grant: Grant, within caps: Caps, besides rest: Holdings) throws(Refusal) {
        guard !caps.quantities.isEmpty else { return }
        var asked = Holdings()
        asked.add(grant)
        for (type, cap) in caps.quantities.sorted(by: { $0.key < $1.key }) {
            guard asked[type] > .zero, rest[type] + asked[type] > cap else { continue }
            throw .overCap(.quantity(type, cap: cap, held: rest[type], asked: asked[type]))
        }
    }
}
