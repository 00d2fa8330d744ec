package import BerthModel

/// The reservations that wait.
package struct Waiters: Sendable {
    private var reservations: [ReservationID: Reservation] = [:]
    /// The same in their lines, for a policy to choose among, by pool.
    private(set) var lines: [PoolName: Lines] = [:]
    private var policies = Policies()
    private var pools = Pools()
    /// Those of them that were promised a start, and stand in no line.
    private(set) var bookings = Bookings()
    private var counts: [UInt32: Int] = [:]
    /// Those who wait for the others of their gang, or with them.
    private var gangs: [GangKey: Set<ReservationID>] = [:]
    /// The gangs of which some were queued again.
    private(set) var requeuedGangs: Set<GangKey> = []

    /// Whether nobody waits.
    package var isEmpty: Bool { reservations.isEmpty }

    /// How many wait.
    package var count: Int { reservations.count }

    /// All who wait, in no order.
    package var all: some Collection<Reservation> { reservations.values }

    /// How many of them were promised no start.
    package var unpromised: Int { reservations.count - bookings.count }

    /// One that waits.
    package subscript(id: ReservationID) -> Reservation? { reservations[id] }

    /// Where one stands among all, in the order of priority and time; nil where that is not known, for there are several pools.
    func position(of id: ReservationID) -> Int? { lines.count == 1 ? lines.values.first?.position(of: id) : nil }

    /// Whether what is over by then is in nobody's way.
    func isClear(until end: Timestamp?) -> Bool {
        guard !reservations.isEmpty else { return true }
        guard lines.isEmpty, let end, let start = bookings.firstStart else { return false }
        return end <= start
    }

    /// How many of a user's wait.
    func count(of user: UInt32) -> Int { counts[user] ?? 0 }

    /// Takes one up, or takes it to be this from now on.
    mutating func set(_ reservation: Reservation) {
        guard let former = reservations.updateValue(reservation, forKey: reservation.id) else {
            counts[reservation.user, default: 0] += 1
            return line(reservation)
        }
        guard former.pool != reservation.pool || former.gang != reservation.gang else { return }
        reservations[former.id] = former
        leave(former)
        reservations[reservation.id] = reservation
        line(reservation)
    }

    /// One that was promised a start stands in no line, and one that is of a gang that is not complete is in nobody's way.
    private mutating func line(_ reservation: Reservation) {
        guard reservation.waiting?.booking == nil else { return bookings.insert(reservation) }
        guard let key = reservation.gangKey else { return insert(Claimant(reservation), reservation.pool) }
        gangs[key, default: []].insert(reservation.id)
        if reservation.requeueOf != nil { requeuedGangs.insert(key) }
        let gang = gang(of: reservation)
        if !gang.isEmpty { insert(Claimant(together: gang), reservation.pool) }
    }

    private mutating func insert(_ claimant: Claimant, _ pool: PoolName) {
        var claimant = claimant
        claimant.scopes = policies.scopes(of: pool, in: pools)
        lines[pool, default: Lines(ageing: policies[claimant.scopes.first].ageing)].insert(claimant)
    }

    private mutating func leave(_ reservation: Reservation, grantedAt time: Int64? = nil) {
        guard reservation.waiting?.booking == nil else { return bookings.remove(reservation) }
        guard let key = reservation.gangKey else { return leave(reservation.id, reservation.pool, grantedAt: time) }
        // All of a gang are of one pool.
        if let first = gang(of: reservation).first { leave(first.id, reservation.pool, grantedAt: time) }
        gangs[key]?.remove(reservation.id)
        guard gangs[key]?.isEmpty == true else { return }
        gangs[key] = nil
        requeuedGangs.remove(key)
    }

    private mutating func leave(_ id: ReservationID, _ pool: PoolName, grantedAt time: Int64?) {
        lines[pool]?.remove(id, grantedAt: time)
        if lines[pool]?.isEmpty == true { lines[pool] = nil }
    }

    /// Lets one go.
    /// - Parameter time: when it was granted, in milliseconds since 1970; nil where it was not
    mutating func remove(_ id: ReservationID, grantedAt time: Int64? = nil) -> Reservation? {
        guard let reservation = reservations[id] else { return nil }
        leave(reservation, grantedAt: time)
        reservations[id] = nil
        let left = (counts[reservation.user] ?? 1) - 1
        counts[reservation.user] = left > 0 ? left : nil
        return reservation
    }

    /// Those of a gang who wait, the first of them first.
    func members(of key: GangKey) -> [Reservation] {
        (gangs[key] ?? []).compactMap { reservations[$0] }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// All of the gang of one who waits, the first of them first; empty where it has none, or others are missing.
    package func gang(of reservation: Reservation) -> [Reservation] {
        guard let gang = reservation.gang, let key = reservation.gangKey, gangs[key]?.count == gang.size else {
            return []
        }
        let members = members(of: key)
        return members.allSatisfy { $0.gang == gang } ? members : []
    }

    /// How many of the gang of one who waits have asked, it too, where others are missing; nil where it waits for none.
    package func membersSoFar(of reservation: Reservation) -> Int? {
        guard let gang = reservation.gang, let key = reservation.gangKey, let count = gangs[key]?.count else {
            return nil
        }
        return count < gang.size ? count : nil
    }

    /// Lines them up by these policies from now on.
    mutating func line(by policies: Policies, in pools: Pools) {
        (self.policies, self.pools) = (policies, pools)
        for (pool, line) in lines {
            let scopes = policies.scopes(of: pool, in: pools)
            lines[pool] = line.with(ageing: policies[scopes.first].ageing, scopes: scopes)
        }
    }
}
