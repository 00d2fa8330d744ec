internal import BerthModel
internal import HeapModule

/// Which reservations end when, soonest first.
///
/// A deadline that is moved or dropped stays in the heap and is passed over when it comes up; the heap is made anew
/// when most of it is of that kind, so that renewals do not make it grow.
struct Deadlines: Sendable {
    private var heap = Heap<Deadline>()
    private var current: [ReservationID: Int64] = [:]

    private struct Deadline: Comparable {
        var at: Int64
        var id: ReservationID

        static func < (left: Deadline, right: Deadline) -> Bool { (left.at, left.id) < (right.at, right.id) }
    }

    /// The soonest deadline.
    var soonest: Int64? { heap.min?.at }

    /// Sets, moves or (with nil) drops the deadline of a reservation.
    mutating func set(_ id: ReservationID, _ deadline: Int64?) {
        current[id] = deadline
        if let deadline { heap.insert(Deadline(at: deadline, id: id)) }
        if heap.count > 64, heap.count > 4 * current.count {
            heap = Heap(current.map { Deadline(at: $0.value, id: $0.key) })
        }
        while let first = heap.min, current[first.id] != first.at { heap.removeMin() }
    }

    /// The soonest deadlines of those that count, so many of them.
    func soonest(_ most: Int, where counts: (ReservationID) -> Bool) -> [(at: Int64, id: ReservationID)] {
        var heap = heap
        var found: [(at: Int64, id: ReservationID)] = []
        while found.count < most, let first = heap.popMin() {
            // One that was set twice to the same moment is in the heap twice.
            guard current[first.id] == first.at, found.last?.id != first.id, counts(first.id) else { continue }
            found.append((first.at, first.id))
        }
        return found
    }

    /// The reservations whose deadline has come, soonest first. The order is that of deadlines and ids alone, so that a
    /// replay decides the same.
    func due(at now: Int64) -> [ReservationID] {
        guard let soonest, soonest <= now else { return [] }
        return current.filter { $0.value <= now }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
    }
}
