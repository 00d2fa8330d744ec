package import BerthModel

/// The reservations that wait.
package struct Waiters: Sendable {
    private var reservations: [ReservationID: Reservation] = [:]
    /// The same in their lines, for a policy to choose among.
    private(set) var lines = Lines()
    private var counts: [UInt32: Int] = [:]
    /// Those who wait for the others of their gang, or with them.
    private var gangs: [GangKey: Set<ReservationID>] = [:]

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
        guard let key = reservation.gangKey else { return lines.insert(Claimant(reservation)) }
        gangs[key, default: []].insert(reservation.id)
        // One that is not complete stands in no line, and is in nobody's way.
        let gang = gang(of: reservation)
        if !gang.isEmpty { lines.insert(Claimant(together: gang)) }
    }

    /// Lets one go.
    mutating func remove(_ id: ReservationID) -> Reservation? {
        guard let reservation = reservations[id] else { return nil }
        if let key = reservation.gangKey {
            if let first = gang(of: reservation).first { lines.remove(first.id) }
            gangs[key]?.remove(id)
            if gangs[key]?.isEmpty == true { gangs[key] = nil }
        }
        reservations[id] = nil
        let left = (counts[reservation.user] ?? 1) - 1
        counts[reservation.user] = left > 0 ? left : nil
        lines.remove(id)
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
        return members(of: key)
    }

    /// How many of the gang of one who waits have asked, it too, where others are missing; nil where it waits for none.
    func membersSoFar(of reservation: Reservation) -> Int? {
        guard let gang = reservation.gang, let key = reservation.gangKey, let count = gangs[key]?.count else {
            return nil
        }
        return count < gang.size ? count : nil
    }

    /// Takes a wait to be worth this from now on, as ``Policy/ageing`` says.
    mutating func age(_ ageing: Int64) { lines = lines.with(ageing: ageing) }
}
