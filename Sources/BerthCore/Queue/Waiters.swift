package import BerthModel

/// The reservations that wait.
package struct Waiters: Sendable {
    private var reservations: [ReservationID: Reservation] = [:]
    /// The same in their lines, for a policy to choose among, by pool.
    private(set) var lines: [PoolName: Lines] = [:]
    private var ageing = Policy.standardAgeing
    private var counts: [UInt32: Int] = [:]

    /// Whether nobody waits.
    package var isEmpty: Bool { reservations.isEmpty }

    /// How many wait.
    package var count: Int { reservations.count }

    /// All who wait, in no order.
    package var all: some Collection<Reservation> { reservations.values }

    /// One that waits.
    package subscript(id: ReservationID) -> Reservation? { reservations[id] }

    /// One that waits, as a policy sees it.
    func claimant(_ id: ReservationID) -> Claimant? { reservations[id].flatMap { lines[$0.pool]?[id] } }

    /// Where one stands among all, in the order of priority and time; nil where that is not known, for there are several pools.
    func position(of id: ReservationID) -> Int? { lines.count == 1 ? lines.values.first?.position(of: id) : nil }

    /// How many of a user's wait.
    func count(of user: UInt32) -> Int { counts[user] ?? 0 }

    /// Takes one up, or takes it to be this from now on.
    mutating func set(_ reservation: Reservation) {
        guard let former = reservations.updateValue(reservation, forKey: reservation.id) else {
            counts[reservation.user, default: 0] += 1
            return line(reservation)
        }
        guard former.pool != reservation.pool else { return }
        leave(former)
        line(reservation)
    }

    private mutating func line(_ reservation: Reservation) {
        lines[reservation.pool, default: Lines(ageing: ageing)].insert(Claimant(reservation))
    }

    private mutating func leave(_ reservation: Reservation) {
        lines[reservation.pool]?.remove(reservation.id)
        if lines[reservation.pool]?.isEmpty == true { lines[reservation.pool] = nil }
    }

    /// Lets one go.
    mutating func remove(_ id: ReservationID) -> Reservation? {
        guard let reservation = reservations.removeValue(forKey: id) else { return nil }
        let left = (counts[reservation.user] ?? 1) - 1
        counts[reservation.user] = left > 0 ? left : nil
        leave(reservation)
        return reservation
    }

    /// Takes a wait to be worth this from now on, as ``Policy/ageing`` says.
    mutating func age(_ ageing: Int64) {
        self.ageing = ageing
        lines = lines.mapValues { $0.with(ageing: ageing) }
    }
}
