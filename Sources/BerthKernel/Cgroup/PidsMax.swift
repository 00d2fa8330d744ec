package import BerthModel

/// How many processes and threads may be in a group and those below it: the value of `pids.max`.
package struct PidsMax: Equatable, Sendable {
    package static let file = "pids.max"

    /// The most tasks; nil means no ceiling. 0 lets nothing fork.
    package let limit: Int?

    package init(limit: Int?) {
        precondition((limit ?? 0) >= 0, "a ceiling on tasks is not negative")
        self.limit = limit
    }

    package init(parsing text: String) throws(ParseError) {
        let word = text.trimmed
        guard word != "max" else {
            self.init(limit: nil)
            return
        }
        guard let limit = Int(digits: word) else { throw ParseError(text, expected: "\"max\" or a number of tasks") }
        self.init(limit: limit)
    }
}

extension PidsMax: CustomStringConvertible {
    /// The text to write to the kernel.
    package var description: String { limit.map(String.init) ?? "max" }
}
