internal import BerthModel

/// Elastic pools that have back at once what they have lent.
extension State {
    /// Whether others go for a request that waits so that its pool has back what it has lent. For the strategy `priority` they
    /// go by their priority alone.
    func takesBack(_ reservation: Reservation) -> Bool {
        guard hasPools, let request = reservation.waiting?.request, request.wait != nil, request.strategy != .priority,
            let pool = pools[reservation.pool]
        else { return false }
        return pool.kind == .elastic && pool.giveBack == .preempt
    }

    /// The choices of one that takes back of which the least that will do is its pool's own, with the cores that it takes whole.
    /// - Parameter held: what each pool holds
    func ownChoices(of reservation: Reservation, beside held: PoolHoldings) -> [Int] {
        guard takesBack(reservation), let request = reservation.waiting?.request else { return [] }
        return request.choices.indices.filter { index in
            let least = request.choices[index].least
            let amounts = fit(least, beside: Holdings()).map { Amounts($0) } ?? Amounts(least)
            return isOwn(amounts, of: request.pool, beside: held)
        }
    }

    /// Whether amounts are what a pool is guaranteed, of all that pools say anything of.
    func isOwn(_ amounts: Amounts, of pool: PoolName, beside held: PoolHoldings) -> Bool {
        let said = amounts.parts.filter { pools.types.contains($0.type) }
        let own = PoolRoom(pool, of: pools, beside: held)
        return !said.isEmpty && said.allSatisfy { own.isOwn($0.units, of: $0.type) }
    }

    /// Whether one is in an elastic pool beside a pool, or beside one that this is within, that holds more than it is
    /// guaranteed of something that one holds and the other asks for; and so does every pool that the one is within there.
    func hasBorrowed(_ reservation: Reservation, from request: ReservationRequest, _ held: PoolHoldings) -> Bool {
        let around = pools.path(of: request.pool)
        let path = pools.path(of: reservation.pool)
        guard let index = path.firstIndex(where: { pool in around.contains { $0.parent == pool.parent } }),
            !around.contains(where: { $0.name == path[index].name }), path[index].kind == .elastic
        else { return false }
        let rooms = path[...index].map { PoolRoom($0.name, of: pools, beside: held) }
        return Amounts(leastOf: request).parts.contains { part in
            pools.types.contains(part.type) && (reservation.grant[part.type]?.amount.units ?? 0) > 0
                && rooms.allSatisfy { $0.hasBorrowed(part.type) }
        }
    }
}
