package import BerthModel

/// Elastic pools that have back at once what they have lent.
extension State {
    /// What becomes of a request that is short of what its pool is guaranteed and has lent: it waits for those who have
    /// borrowed it, and they end. Nil where nothing is to be had so.
    func givingBack(to candidate: Reservation) -> Decision? {
        let ids = borrowers(from: candidate)
        guard !ids.isEmpty else { return nil }
        var decision = Decision(changes: [.queued(candidate)], answer: .done(candidate.id))
        for id in ids {
            let ending = ending(id, .expired, .preempted, answer: .nothing)
            decision.changes += ending.changes
            decision.effects += ending.effects
        }
        return decision
    }

    /// The reservations that hold what a pool has lent and must go, so that one that asks for what that pool is guaranteed
    /// can be granted: the latest granted, and none without whom it could be granted as well. None where its pool does not
    /// take back at once, where it asks for more than is its pool's own, or where that would not help.
    package func borrowers(from candidate: Reservation) -> [ReservationID] {
        guard hasPools, let request = candidate.waiting?.request, pools[candidate.pool]?.giveBack == .preempt,
            pools[candidate.pool]?.kind == .elastic
        else { return [] }
        // Who waits in the same pool is before it, and has what is its own first.
        let waiting = waiters.all.filter { $0.pool == candidate.pool && $0.id != candidate.id }
        let demand = waiting.reduce(into: Amounts(leastOf: request)) { $0.add(Claimant($1).demand) }
        let own = PoolRoom(candidate.pool, of: pools, beside: poolHoldings)
        let said = demand.parts.filter { pools.types.contains($0.type) }
        guard !said.isEmpty, said.allSatisfy({ own.isOwn($0.units, of: $0.type) }) else { return [] }
        var rest = (held: holdings, pools: poolHoldings)
        // What ends is on its way already.
        for id in endingIDs { reservations[id].map { take($0, from: &rest) } }
        func fits() -> Bool {
            guard rooms(for: candidate.pool, at: [rest])?.shortfalls(demand).isEmpty != false else { return false }
            return request.choices.contains { fit($0.least, beside: rest.held) != nil }
        }
        if fits() { return [] }
        var gone: [Reservation] = []
        for borrower in reservations.values.filter(\.isLive).sorted(by: State.isLater) {
            guard hasBorrowed(borrower, from: candidate.pool, said.map(\.type), rest.pools) else { continue }
            take(borrower, from: &rest)
            gone.append(borrower)
            if fits() { break }
        }
        guard fits() else { return [] }
        for borrower in gone.reversed() {
            let without = rest
            rest.held.add(borrower.grant)
            rest.pools.add(borrower.grant, to: borrower.pool, of: pools)
            if fits() { gone.removeAll { $0.id == borrower.id } } else { rest = without }
        }
        return gone.map(\.id)
    }

    /// Whether one is in an elastic pool beside a pool, or beside one that this is within, that holds more of one of these
    /// types than it is guaranteed.
    private func hasBorrowed(
        _ reservation: Reservation, from name: PoolName, _ types: [ResourceType], _ held: PoolHoldings
    ) -> Bool {
        let around = pools.path(of: name)
        let path = pools.path(of: reservation.pool)
        guard let pool = path.first(where: { pool in around.contains { $0.parent == pool.parent } }),
            !around.contains(where: { $0.name == pool.name }), pool.kind == .elastic
        else { return false }
        let room = PoolRoom(pool.name, of: pools, beside: held)
        return types.contains { type in
            (reservation.grant[type]?.amount.units ?? 0) > 0 && room.hasBorrowed(type)
        }
    }

    private func take(_ reservation: Reservation, from rest: inout (held: Holdings, pools: PoolHoldings)) {
        rest.held.remove(reservation.grant)
        rest.pools.add(reservation.grant, sign: -1, to: reservation.pool, of: pools)
    }

    private static func isLater(_ left: Reservation, _ right: Reservation) -> Bool {
        (left.grantedAt ?? left.createdAt, left.id) > (right.grantedAt ?? right.createdAt, right.id)
    }
}
