package import BerthModel

/// The ceiling on a group's CPU time: the value of `cpu.max`.
package struct CPUMax: Equatable, Sendable {
    package static let file = "cpu.max"

    /// CPU time per period in microseconds; nil means no ceiling.
    package let quota: Int?
    /// Length of a period in microseconds. The kernel takes 1,000 to 1,000,000.
    package let period: Int

    package init(quota: Int?, period: Int = 100_000) {
        precondition(period > 0 && (quota ?? 1) > 0, "a CPU ceiling is positive")
        self.quota = quota
        self.period = period
    }

    /// A third field is refused: a receipt must not rest on half a value.
    package init(parsing text: String) throws(ParseError) {
        let fields = text.trimmed.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 2, let period = Int(digits: fields[1]), period > 0 else {
            throw ParseError(text, expected: "a quota and a period in microseconds")
        }
        guard fields[0] != "max" else {
            self.init(quota: nil, period: period)
            return
        }
        guard let quota = Int(digits: fields[0]), quota > 0 else {
            throw ParseError(text, expected: "\"max\" or a positive quota in microseconds")
        }
        self.init(quota: quota, period: period)
    }
}

extension CPUMax: CustomStringConvertible {
    /// The text to write to the kernel.
    package var description: String { "\(quota.map(String.init) ?? "max") \(period)" }
}
