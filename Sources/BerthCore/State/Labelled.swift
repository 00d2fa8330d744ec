internal import BerthModel

/// Which reservations have which labels, so that those of a label are found among many.
struct Labelled: Sendable {
    private var holders: [Label: Set<ReservationID>] = [:]

    private struct Label: Hashable {
        var key: String
        var value: String
    }

    /// Takes a reservation in.
    mutating func add(_ reservation: Reservation) {
        for (key, value) in reservation.labels {
            holders[Label(key: key, value: value), default: []].insert(reservation.id)
        }
    }

    /// Takes it out again.
    mutating func remove(_ reservation: Reservation) {
        for (key, value) in reservation.labels {
            let label = Label(key: key, value: value)
            holders[label]?.remove(reservation.id)
            if holders[label]?.isEmpty == true { holders[label] = nil }
        }
    }

    /// Those that have all of these labels.
    func all(_ labels: [String: String]) -> Set<ReservationID> {
        let sets = labels.map { holders[Label(key: $0.key, value: $0.value)] ?? [] }.sorted { $0.count < $1.count }
        guard let smallest = sets.first else { return [] }
        return sets.dropFirst().reduce(smallest) { $0.intersection($1) }
    }
}
