internal import BerthModel

/// Elastic pools that have back at once what they have lent.
extension State {
    /// Whether others go for a request so that its pool has back what it has lent: it waits, and that is not said of gangs.
    func takesBack(_ reservation: Reservation) -> Bool {
        guard hasPools, let request = reservation.waiting?.request, request.wait != nil, request.gang == nil,
            let pool = pools[reservation.pool]
        else { return false }
        return pool.kind == .elastic && pool.giveBack == .preempt
    }

    /// Whether a request is for what its pool is guaranteed, of all that pools say anything of.
    /// - Parameters:
    ///   - request: the request
    ///   - held: what each pool holds
    func isOwn(_ request: ReservationRequest, beside held: PoolHoldings) -> Bool {
        let said = Amounts(leastOf: request).parts.filter { pools.types.contains($0.type) }
        let own = PoolRoom(request.pool, of: pools, beside: held)
        return !said.isEmpty && said.allSatisfy { own.isOwn($0.units, of: $0.type) }
    }

    /// Whether one is in an elastic pool beside a pool, or beside one that this is within, that holds more than it is
    /// guaranteed of something that one holds and the other asks for.
    func hasBorrowed(_ reservation: Reservation, from request: ReservationRequest, _ held: PoolHoldings) -> Bool {
        let around = pools.path(of: request.pool)
        let path = pools.path(of: reservation.pool)
        guard let pool = path.first(where: { pool in around.contains { $0.parent == pool.parent } }),
            !around.contains(where: { $0.name == pool.name }), pool.kind == .elastic
        else { return false }
        let room = PoolRoom(pool.name, of: pools, beside: held)
        return Amounts(leastOf: request).parts.contains { part in
            pools.types.contains(part.type) && (reservation.grant[part.type]?.amount.units ?? 0) > 0
                && room.hasBorrowed(part.type)
        }
    }
}
