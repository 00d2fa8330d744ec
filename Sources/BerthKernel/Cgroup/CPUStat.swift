package import BerthModel

/// What a group and those below it used of the CPUs, and how often `cpu.max` stopped it: `cpu.stat`.
package struct CPUStat: Equatable, Sendable {
    package static let file = "cpu.stat"

    /// CPU time in microseconds, of processes that have ended too.
    package let usageMicroseconds: UInt64
    /// Periods at whose end it had used up its quota; nil where the CPU controller is off.
    package let throttledPeriods: UInt64?
    /// How long its CPUs stood still for it, in microseconds; nil where the CPU controller is off.
    package let throttledMicroseconds: UInt64?

    package init(usageMicroseconds: UInt64, throttledPeriods: UInt64?, throttledMicroseconds: UInt64?) {
        self.usageMicroseconds = usageMicroseconds
        self.throttledPeriods = throttledPeriods
        self.throttledMicroseconds = throttledMicroseconds
    }

    package init(parsing text: String) throws(ParseError) {
        let lines = try FlatKeyed(parsing: text)
        self.init(
            usageMicroseconds: try lines.required("usage_usec"), throttledPeriods: lines["nr_throttled"],
            throttledMicroseconds: lines["throttled_usec"])
    }
}

extension CPUStat: CustomStringConvertible {
    /// The kernel's lines, of those that are kept.
    package var description: String {
        [
            ("usage_usec", usageMicroseconds), ("nr_throttled", throttledPeriods),
            ("throttled_usec", throttledMicroseconds),
        ]
        .compactMap { (key, value) in value.map { "\(key) \($0)" } }.joined(separator: "\n")
    }
}
