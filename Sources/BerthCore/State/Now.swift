package import BerthModel

/// The two clocks at one moment.
package struct Now: Hashable, Sendable {
    /// The wall clock: what people are shown.
    package var wall: Timestamp
    /// CLOCK_BOOTTIME in milliseconds: what deadlines are measured by, for nobody sets it.
    package var uptime: Int64

    package init(wall: Timestamp, uptime: Int64) {
        self.wall = wall
        self.uptime = uptime
    }
}
