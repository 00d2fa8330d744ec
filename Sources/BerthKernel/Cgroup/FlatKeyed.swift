package import BerthModel

/// A flat keyed file of cgroup v2: one `KEY VALUE` a line, with values that are whole numbers of at least 0.
package struct FlatKeyed: Equatable, Sendable {
    private let values: [Substring: UInt64]
    private let text: String

    /// Keys that Berth does not know are kept: every kernel adds some.
    /// - Throws: for a line that is no key and number, for a number beyond 64 bits, and for a key that comes twice
    package init(parsing text: String) throws(ParseError) {
        var values: [Substring: UInt64] = [:]
        for line in text.trimmed.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            guard fields.count == 2, !fields[0].isEmpty, let value = UInt64(digits: fields[1]),
                values.updateValue(value, forKey: fields[0]) == nil
            else { throw ParseError(line, expected: "a key and a number, each key once") }
        }
        self.values = values
        self.text = text
    }

    /// The value of a key; nil where this kernel does not have it.
    package subscript(key: String) -> UInt64? { values[key[...]] }

    /// The value of a key that every kernel has.
    package func required(_ key: String) throws(ParseError) -> UInt64 {
        guard let value = self[key] else { throw ParseError(text, expected: "lines with the key \(key)") }
        return value
    }

    /// The value of a key that every kernel has, and that is 0 or 1.
    package func flag(_ key: String) throws(ParseError) -> Bool {
        switch try required(key) {
        case 0: return false
        case 1: return true
        default: throw ParseError(text, expected: "lines with \(key) 0 or 1")
        }
    }
}
