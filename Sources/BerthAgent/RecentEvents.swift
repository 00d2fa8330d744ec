internal import BerthModel

/// The latest events, so that streams that keep up never ask the ledger.
struct RecentEvents {
    /// How many are kept.
    private static let capacity = 4096
    private var events: [Event] = []

    /// The last event; 0 before the first.
    var last: Int64 { events.last?.id ?? 0 }

    /// Adds what has just become durable.
    mutating func append(_ more: some Collection<Event>) {
        events += more
        // Trimmed in steps, for taking away the front moves the rest.
        if events.count > 2 * RecentEvents.capacity { events.removeFirst(events.count - RecentEvents.capacity) }
    }

    /// The events after an id; nil when older ones are needed than are kept here.
    func after(_ id: Int64, limit: Int) -> ArraySlice<Event>? {
        guard let first = events.first?.id, id >= first - 1 else { return nil }
        let start = Int(clamping: id - first + 1)
        return events[min(start, events.count)...].prefix(limit)
    }
}
