internal import BerthModel

/// Those who were promised a start, in the order of their starts.
struct Bookings: Sendable {
    /// Its place in the order.
    private struct Place: Hashable, Comparable {
        var start: Timestamp
        var asked: Timestamp
        var id: ReservationID

        init?(_ reservation: Reservation) {
            guard let booking = reservation.waiting?.booking else { return nil }
            (start, asked, id) = (booking.start, reservation.createdAt, reservation.id)
        }

        static func < (left: Place, right: Place) -> Bool {
            (left.start, left.asked, left.id) < (right.start, right.asked, right.id)
        }
    }

    private var places: [Place] = []

    var isEmpty: Bool { places.isEmpty }

    var count: Int { places.count }

    /// The first of their starts; nil where there is none.
    var firstStart: Timestamp? { places.first?.start }

    /// The first start after a moment; nil where there is none.
    func start(after moment: Timestamp) -> Timestamp? {
        let index = first { $0.start > moment }
        return index < places.count ? places[index].start : nil
    }

    /// Their ids, the first start first.
    var ids: [ReservationID] { places.map(\.id) }

    /// The ids of those whose start has come.
    func due(_ now: Timestamp) -> [ReservationID] { places[..<first { $0.start > now }].map(\.id) }

    /// Takes one in, where it was promised a start.
    mutating func insert(_ reservation: Reservation) {
        guard let place = Place(reservation) else { return }
        places.insert(place, at: first { $0 > place })
    }

    /// Lets one go.
    mutating func remove(_ reservation: Reservation) {
        guard let place = Place(reservation) else { return }
        let index = first { $0 >= place }
        if index < places.count, places[index] == place { places.remove(at: index) }
    }

    /// Where the first is of which something is so that is so of all after it.
    private func first(where isSo: (Place) -> Bool) -> Int {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if isSo(places[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
