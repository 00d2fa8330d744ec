internal import BerthModel

/// Which reservations end when, soonest first.
///
/// Sorted, in parts of a few hundred: so a deadline is set, moved or dropped at the cost of one part, and the soonest few are
/// read off though a hundred thousand wait behind them.
struct Deadlines: Sendable {
    private var parts: [[Deadline]] = []
    private var current: [ReservationID: Int64] = [:]

    /// A part with more is halved.
    private static let mostOfPart = 512

    private struct Deadline: Comparable {
        var at: Int64
        var id: ReservationID

        static func < (left: Deadline, right: Deadline) -> Bool { (left.at, left.id) < (right.at, right.id) }
    }

    /// The soonest deadline.
    var soonest: Int64? { parts.first?.first?.at }

    /// Sets, moves or (with nil) drops the deadline of a reservation.
    mutating func set(_ id: ReservationID, _ deadline: Int64?) {
        let former = current[id]
        guard former != deadline else { return }
        current[id] = deadline
        if let former { remove(Deadline(at: former, id: id)) }
        if let deadline { insert(Deadline(at: deadline, id: id)) }
    }

    /// The soonest deadlines, so many of them.
    func soonest(_ most: Int) -> [(at: Int64, id: ReservationID)] {
        parts.lazy.joined().prefix(most).map { ($0.at, $0.id) }
    }

    /// Whether any is after a moment.
    func hasAny(after moment: Int64) -> Bool { parts.last?.last.map { $0.at > moment } ?? false }

    /// The soonest deadlines after a moment, so many of them.
    func soonest(_ most: Int, after moment: Int64) -> [(at: Int64, id: ReservationID)] {
        guard !parts.isEmpty else { return [] }
        let first = part(of: Deadline(at: moment, id: ReservationID(bits: .max)))
        return parts[first...].lazy.joined().drop { $0.at <= moment }.prefix(most).map { ($0.at, $0.id) }
    }

    /// The reservations whose deadline has come, soonest first. The order is that of deadlines and ids alone, so that a
    /// replay decides the same.
    func due(at now: Int64) -> [ReservationID] { parts.lazy.joined().prefix { $0.at <= now }.map(\.id) }

    private mutating func insert(_ deadline: Deadline) {
        guard !parts.isEmpty else { return parts = [[deadline]] }
        let part = self.part(of: deadline)
        parts[part].insert(deadline, at: Deadlines.place(of: deadline, in: parts[part]))
        guard parts[part].count > Deadlines.mostOfPart else { return }
        let half = Array(parts[part][(Deadlines.mostOfPart / 2)...])
        parts[part].removeLast(half.count)
        parts.insert(half, at: part + 1)
    }

    private mutating func remove(_ deadline: Deadline) {
        guard !parts.isEmpty else { return }
        let part = self.part(of: deadline)
        let place = Deadlines.place(of: deadline, in: parts[part])
        guard place < parts[part].count, parts[part][place] == deadline else { return }
        parts[part].remove(at: place)
        if parts[part].isEmpty { parts.remove(at: part) }
    }

    /// The part in which a deadline lies, or would: the last that does not begin after it.
    private func part(of deadline: Deadline) -> Int {
        var (low, high) = (0, parts.count)
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].first.map({ $0 <= deadline }) ?? true { low = middle + 1 } else { high = middle }
        }
        return max(low - 1, 0)
    }

    /// Where in a part a deadline stands, or would.
    private static func place(of deadline: Deadline, in part: [Deadline]) -> Int {
        var (low, high) = (0, part.count)
        while low < high {
            let middle = (low + high) / 2
            if part[middle] < deadline { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
