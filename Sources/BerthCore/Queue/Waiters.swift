package import BerthModel

/// The reservations that wait.
package struct Waiters: Sendable {
    private var reservations: [ReservationID: Reservation] = [:]
    /// The same in their lines, for a policy to choose among.
    private(set) var lines = Lines()
    private var counts: [UInt32: Int] = [:]

    /// Whether nobody waits.
    package var isEmpty: Bool { reservations.isEmpty }

    /// How many wait.
    package var count: Int { reservations.count }

    /// All who wait, in no order.
    package var all: some Collection<Reservation> { reservations.values }

    /// One that waits.
    package subscript(id: ReservationID) -> Reservation? { reservations[id] }

    /// How many of a user's wait.
    func count(of user: UInt32) -> Int { counts[user] ?? 0 }

    /// Takes one up, or takes it to be this from now on.
    mutating func set(_ reservation: Reservation) {
        guard reservations.updateValue(reservation, forKey: reservation.id) == nil else { return }
        counts[reservation.user, default: 0] += 1
        lines.insert(Claimant(reservation))
    }

    /// Lets one go.
    mutating func remove(_ id: ReservationID) -> Reservation? {
        guard let reservation = reservations.removeValue(forKey: id) else { return nil }
        let left = (counts[reservation.user] ?? 1) - 1
        counts[reservation.user] = left > 0 ? left : nil
        lines.remove(id)
        return reservation
    }

    /// Takes a wait to be worth this from now on, as ``Policy/ageing`` says.
    mutating func age(_ ageing: Int64) { lines = lines.with(ageing: ageing) }
}
