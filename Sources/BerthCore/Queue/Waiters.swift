package import BerthModel

/// The reservations that wait, in the order in which they are looked at.
package struct Waiters: Sendable {
    private var reservations: [ReservationID: Reservation] = [:]
    /// By rank, the first of all in front.
    private var order: [Entry] = []
    private var counts: [UInt32: Int] = [:]

    /// How long waiting is worth one step of priority, in milliseconds: nobody waits for ever for being unimportant.
    static let ageing: Int64 = 60_000

    private struct Entry: Comparable {
        var rank: Int64
        var id: ReservationID

        static func < (left: Entry, right: Entry) -> Bool { (left.rank, left.id) < (right.rank, right.id) }
    }

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

    /// Those who wait, first comes first: by when they asked, and earlier by a minute for each step of priority.
    package var inOrder: some Sequence<Reservation> { order.lazy.compactMap { reservations[$0.id] } }

    /// Those who wait, with one more among them.
    func inOrder(with candidate: Reservation) -> some Sequence<Reservation> {
        let place = self.place(of: Waiters.entry(candidate))
        let before = order[..<place].lazy.compactMap { reservations[$0.id] }
        let after = order[place...].lazy.compactMap { reservations[$0.id] }
        return [AnySequence(before), AnySequence(CollectionOfOne(candidate)), AnySequence(after)].lazy.joined()
    }

    /// Takes one up, or takes it to be this from now on.
    mutating func set(_ reservation: Reservation) {
        if reservations.updateValue(reservation, forKey: reservation.id) == nil {
            counts[reservation.user, default: 0] += 1
            let entry = Waiters.entry(reservation)
            order.insert(entry, at: place(of: entry))
        }
    }

    /// Lets one go.
    mutating func remove(_ id: ReservationID) -> Reservation? {
        guard let reservation = reservations.removeValue(forKey: id) else { return nil }
        let left = (counts[reservation.user] ?? 1) - 1
        counts[reservation.user] = left > 0 ? left : nil
        order.remove(at: place(of: Waiters.entry(reservation)))
        return reservation
    }

    private static func entry(_ reservation: Reservation) -> Entry {
        let priority = Int64(reservation.waiting?.request.priority ?? 0)
        return Entry(rank: reservation.createdAt.milliseconds - priority * ageing, id: reservation.id)
    }

    private func place(of entry: Entry) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < entry { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
