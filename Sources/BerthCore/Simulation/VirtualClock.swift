package import BerthModel

/// A clock that goes on only when it is told to, so that months pass in a second and the same input has the same output.
package struct VirtualClock: Hashable, Sendable {
    /// The wall clock at its start.
    package let start: Timestamp
    /// Milliseconds since its start.
    package private(set) var elapsed: Int64 = 0

    /// - Parameter start: the wall clock at its start
    package init(start: Timestamp = Timestamp(milliseconds: 0)) { self.start = start }

    /// The moment, as the core wants it.
    package var now: Now {
        Now(wall: Timestamp(milliseconds: start.milliseconds + elapsed), uptime: elapsed)
    }

    /// Goes on to a moment in milliseconds since its start; it never goes back.
    package mutating func advance(to moment: Int64) { elapsed = max(elapsed, moment) }
}
