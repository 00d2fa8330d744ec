package import BerthModel

/// A group's share of CPU time among its siblings: the value of `cpu.weight`.
package struct CPUWeight: Equatable, Sendable {
    package static let file = "cpu.weight"
    /// What the kernel takes.
    package static let range = 1...10_000

    /// The weight; the kernel's own is 100.
    package let value: Int

    package init(_ value: Int) {
        precondition(CPUWeight.range.contains(value), "a CPU weight is 1 to 10000")
        self.value = value
    }

    /// The weight for an amount of CPU: a tenth of the millicores, within what the kernel takes.
    package static func of(millicores: Int) -> CPUWeight {
        CPUWeight(min(max(millicores / 10, range.lowerBound), range.upperBound))
    }

    /// A group with `cpu.idle` set reads 0, which is refused: it has no share.
    package init(parsing text: String) throws(ParseError) {
        guard let value = Int(digits: text.trimmed), CPUWeight.range.contains(value) else {
            throw ParseError(text, expected: "a weight of 1 to 10000")
        }
        self.init(value)
    }
}

extension CPUWeight: CustomStringConvertible {
    /// The text to write to the kernel.
    package var description: String { String(value) }
}
