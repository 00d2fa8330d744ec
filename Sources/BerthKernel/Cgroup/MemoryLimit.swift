package import BerthModel

/// An amount of memory that a group is held to or kept: the value of `memory.max`, `memory.high`, `memory.low`,
/// `memory.min` and `memory.swap.max`.
package enum MemoryLimit: Equatable, Sendable {
    /// `max`: no limit, or, of a protection, all there is.
    case unlimited
    /// So many bytes. The kernel rounds down to whole pages.
    case bytes(UInt64)

    /// Where the kernel ends a group.
    package static let maxFile = "memory.max"
    /// Where the kernel slows a group down and reclaims from it.
    package static let highFile = "memory.high"
    /// Below this nothing is reclaimed while others have something to give.
    package static let lowFile = "memory.low"
    /// Below this nothing is ever reclaimed.
    package static let minFile = "memory.min"
    /// The most swap that a group takes.
    package static let swapMaxFile = "memory.swap.max"

    package init(parsing text: String) throws(ParseError) {
        let word = text.trimmed
        guard word != "max" else {
            self = .unlimited
            return
        }
        guard let bytes = UInt64(digits: word) else { throw ParseError(text, expected: "\"max\" or a number of bytes") }
        self = .bytes(bytes)
    }
}

extension MemoryLimit: Comparable {
    /// Unlimited is more than any number of bytes.
    package static func < (left: MemoryLimit, right: MemoryLimit) -> Bool {
        switch (left, right) {
        case (.bytes(let left), .bytes(let right)): left < right
        case (.bytes, .unlimited): true
        case (.unlimited, _): false
        }
    }
}

extension MemoryLimit: CustomStringConvertible {
    /// The text to write to the kernel.
    package var description: String {
        switch self {
        case .unlimited: "max"
        case .bytes(let bytes): String(bytes)
        }
    }
}
