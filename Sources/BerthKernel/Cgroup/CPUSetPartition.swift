package import BerthModel

/// Whether a group has its CPUs for itself: the value of `cpuset.cpus.partition`.
package struct CPUSetPartition: Equatable, Sendable {
    package static let file = "cpuset.cpus.partition"

    /// What a group can be; the raw value is the kernel's word.
    package enum Kind: String, CaseIterable, Sendable {
        /// It shares the CPUs of its parent.
        case member
        /// Its CPUs are taken from its parent's and balanced among themselves.
        case root
        /// As `root`, with no balancing among its CPUs.
        case isolated
    }

    /// What was asked for.
    package let kind: Kind
    /// Why the kernel does not hold it, in its words (`Parent is not a partition root`); nil while it does. Empty where
    /// the kernel gives none, as before Linux 6.1.
    package let invalidReason: String?

    package init(_ kind: Kind, invalidReason: String? = nil) {
        self.kind = kind
        self.invalidReason = invalidReason
    }

    /// Whether the kernel holds it. It goes invalid silently: without an error of the write, and later without any.
    package var isValid: Bool { invalidReason == nil }

    /// Reads `root`, `root invalid`, or `root invalid (Parent is not a partition root)`.
    package init(parsing text: String) throws(ParseError) {
        let line = text.trimmed
        let fields = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        let refusal = ParseError(text, expected: "a partition such as \"root\" or \"root invalid (a reason)\"")
        guard let kind = fields.first.flatMap({ Kind(rawValue: String($0)) }), !line.utf8.contains(0x0A) else {
            throw refusal
        }
        guard fields.count > 1 else {
            self.init(kind)
            return
        }
        // A member is always valid.
        guard fields[1] == "invalid", kind != .member else { throw refusal }
        guard fields.count > 2 else {
            self.init(kind, invalidReason: "")
            return
        }
        let reason = fields[2].utf8
        guard reason.count > 2, reason.first == UInt8(ascii: "("), reason.last == UInt8(ascii: ")") else {
            throw refusal
        }
        self.init(kind, invalidReason: String(Substring(reason.dropFirst().dropLast())))
    }
}

extension CPUSetPartition: CustomStringConvertible {
    /// The kernel's line. Only a valid one can be written to the kernel.
    package var description: String {
        guard let invalidReason else { return kind.rawValue }
        return invalidReason.isEmpty ? "\(kind.rawValue) invalid" : "\(kind.rawValue) invalid (\(invalidReason))"
    }
}
