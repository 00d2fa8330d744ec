package import BerthModel

/// What somebody holds or was promised, by when it begins and is over: of that follow the hours that it will have had.
package struct Spans: Hashable, Sendable {
    /// From when until when something is had, in milliseconds since 1970.
    package struct Span: Hashable, Sendable {
        /// Nil where it is held already.
        package var start: Int64?
        package var end: Int64

        package init(from start: Int64? = nil, until end: Int64) {
            self.start = start
            self.end = end
        }
    }

    private var amounts: [Span: Amounts] = [:]

    package init() {}

    package var isEmpty: Bool { amounts.isEmpty }

    /// When it begins what is to come.
    var starts: Set<Int64> { Set(amounts.keys.lazy.compactMap(\.start)) }

    /// Takes something in, or with a negative sign out.
    mutating func add(_ some: Amounts, sign: Int, over span: Span) {
        amounts[span, default: Amounts()].add(some, times: Int128(sign))
        if amounts[span]?.parts.isEmpty == true { amounts[span] = nil }
    }

    /// So much of a type times milliseconds is had between two moments.
    func hours(of type: ResourceType, from start: Int64, until end: Int64) -> Int128 {
        amounts.reduce(0) { sum, entry in
            let overlap = min(entry.key.end, end) - max(entry.key.start ?? start, start)
            return overlap > 0 ? sum + entry.value[type] * Int128(overlap) : sum
        }
    }
}

extension Reservation {
    /// When what it holds is over if it is not renewed, in milliseconds since 1970; nil where that is not known. What has ended
    /// is gone any moment.
    package var heldUntil: Int64? { isLive ? expiresAt?.milliseconds : nil }

    /// The same as accounts have it.
    var heldSpan: Spans.Span? { heldUntil.map { Spans.Span(until: $0) } }
}

extension Booking {
    /// From when until when it is had.
    var span: Spans.Span { Spans.Span(from: start.milliseconds, until: end.milliseconds) }
}
