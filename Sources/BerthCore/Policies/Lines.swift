package import BerthModel
internal import DequeModule

/// Those who wait: a line for each user in each group, each in its order.
///
/// Ageing orders two who wait by `since - priority * ageing`, which time does not change. So a line stays sorted, and who
/// goes next is only a question of which line.
package struct Lines: Sendable {
    /// How long a wait is worth one step of priority, in milliseconds.
    package let ageing: Int64
    private(set) var lines: [Owner: Deque<Entry>] = [:]
    private var claimants: [ReservationID: Claimant] = [:]
    /// When a line that is still there had something granted last, in milliseconds since 1970. A line that becomes empty needs
    /// none: who waits in it next waits since later.
    private var served: [Owner: Int64] = [:]

    /// Whose line it is.
    struct Owner: Hashable, Sendable {
        var user: UInt32
        var group: String?
    }

    /// A place in a line.
    struct Entry: Hashable, Sendable, Comparable {
        /// Whoever has the least goes first.
        var rank: Int64
        var since: Int64
        var id: ReservationID

        static func < (left: Entry, right: Entry) -> Bool {
            (left.rank, left.since, left.id.bits) < (right.rank, right.since, right.id.bits)
        }
    }

    /// - Parameter ageing: how long a wait is worth one step of priority, in milliseconds
    package init(ageing: Int64 = Policy.standardAgeing) { self.ageing = ageing }

    /// How many wait.
    package var count: Int { claimants.count }

    package var isEmpty: Bool { claimants.isEmpty }

    /// One who waits.
    package subscript(id: ReservationID) -> Claimant? { claimants[id] }

    /// All who wait, in no order.
    package var all: some Collection<Claimant> { claimants.values }

    /// How many go before one by priority and wait alone, and one more; nil for whoever does not wait.
    func position(of id: ReservationID) -> Int? {
        guard let claimant = claimants[id] else { return nil }
        let entry = entry(of: claimant)
        return lines.values.reduce(1) { $0 + Lines.place(of: entry, in: $1) }
    }

    /// Who is first of the line that has waited and had nothing for the longest time, and since when; nil where nobody waits.
    package var longestPassed: (id: ReservationID, since: Int64)? {
        lines.lazy.compactMap { owner, line in
            line.first.map { (id: $0.id, since: max($0.since, served[owner] ?? $0.since)) }
        }.min { ($0.since, $0.id.bits) < ($1.since, $1.id.bits) }
    }

    /// Puts one at its place; one that is there already moves to its new place.
    package mutating func insert(_ claimant: Claimant) {
        let owner = Owner(user: claimant.user, group: claimant.group)
        let last = served[owner]
        remove(claimant.id)
        served[owner] = last
        claimants[claimant.id] = claimant
        let entry = entry(of: claimant)
        let place = Lines.place(of: entry, in: lines[owner] ?? [])
        lines[owner, default: []].insert(entry, at: place)
    }

    /// Takes one out who waits no more.
    /// - Parameter time: when it was granted, in milliseconds since 1970; nil where it was not
    @discardableResult
    package mutating func remove(_ id: ReservationID, grantedAt time: Int64? = nil) -> Claimant? {
        guard let claimant = claimants.removeValue(forKey: id) else { return nil }
        let owner = Owner(user: claimant.user, group: claimant.group)
        let entry = entry(of: claimant)
        let place = Lines.place(of: entry, in: lines[owner] ?? [])
        lines[owner]?.remove(at: place)
        if let time { served[owner] = time }
        if lines[owner]?.isEmpty == true { (lines[owner], served[owner]) = (nil, nil) }
        return claimant
    }

    /// The same who wait, where a wait is worth something else, or other pools have policies.
    package func with(ageing: Int64, scopes: [PoolName] = []) -> Lines {
        guard ageing != self.ageing || claimants.values.first?.scopes ?? scopes != scopes else { return self }
        var lines = Lines(ageing: ageing)
        // In order, so that each goes to the end of its line, as far as it can.
        for var claimant in claimants.values.sorted(by: { lines.entry(of: $0) < lines.entry(of: $1) }) {
            claimant.scopes = scopes
            lines.insert(claimant)
        }
        lines.served = served
        return lines
    }

    func entry(of claimant: Claimant) -> Entry {
        let priority = min(max(claimant.priority, Claimant.priorities.lowerBound), Claimant.priorities.upperBound)
        let ahead = Int64(priority).multipliedReportingOverflow(by: ageing)
        let rank = claimant.since.subtractingReportingOverflow(ahead.partialValue)
        // What 64 bits do not hold waits at either end.
        guard !ahead.overflow, !rank.overflow else {
            return Entry(rank: priority > 0 ? .min : .max, since: claimant.since, id: claimant.id)
        }
        return Entry(rank: rank.partialValue, since: claimant.since, id: claimant.id)
    }

    /// Where an entry stands, or would.
    static func place(of entry: Entry, in line: Deque<Entry>) -> Int {
        var (low, high) = (0, line.count)
        if let last = line.last, last < entry { return high }
        while low < high {
            let middle = (low + high) / 2
            if line[middle] < entry { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
