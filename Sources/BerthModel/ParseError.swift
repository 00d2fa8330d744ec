/// A text that is not what its reader knows: a kernel file, a quantity, a list of CPUs.
public struct ParseError: Error, Hashable, Sendable {
    /// The text that was read, cut after 80 characters (code points, for one letter may carry a million accents).
    public let text: String
    /// What would have been accepted, as a noun phrase.
    public let expected: String

    /// - Parameters:
    ///   - text: what was read
    ///   - expected: what would have been accepted
    public init(_ text: some StringProtocol, expected: String) {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.prefix(80))
        self.text = String(scalars)
        self.expected = expected
    }
}

extension ParseError: CustomStringConvertible {
    /// `"x" is not a list of CPUs`, with control characters escaped.
    public var description: String { "\(text.quoted) is not \(expected)" }
}
