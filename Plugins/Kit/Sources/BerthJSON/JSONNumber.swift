/// A JSON number, kept as the text it was written with, so that nothing is rounded before someone asks for a type.
///
/// Two numbers are equal when their texts are: `1` and `1.0` differ, `int64` of both is 1.
public struct JSONNumber: Hashable, Sendable, CustomStringConvertible {
    /// The number as it stands in the JSON text.
    public let lexeme: String

    /// A text that is already known to follow the grammar.
    init(unchecked lexeme: String) { self.lexeme = lexeme }

    /// A whole number.
    public init(_ integer: Int) { lexeme = String(integer) }
    /// A whole number.
    public init(_ integer: Int64) { lexeme = String(integer) }
    /// A whole number.
    public init(_ integer: UInt64) { lexeme = String(integer) }

    /// The number `scaled` / 10^`decimals`, written with as few digits as it needs: (1500, decimals: 3) is `1.5`.
    ///
    /// `decimals` is 0 to 18.
    public init(_ scaled: Int64, decimals: Int) {
        precondition((0...18).contains(decimals), "a number has 0 to 18 decimals")
        let one = (0..<decimals).reduce(UInt64(1)) { power, _ in power * 10 }
        var (whole, rest) = scaled.magnitude.quotientAndRemainder(dividingBy: one)
        let sign = scaled < 0 ? "-" : ""
        guard rest > 0 else {
            self.init(unchecked: sign + String(whole))
            return
        }
        var places = decimals
        while rest % 10 == 0 {
            rest /= 10
            places -= 1
        }
        let fraction = String(rest)
        let zeros = String(repeating: "0", count: places - fraction.utf8.count)
        self.init(unchecked: "\(sign)\(whole).\(zeros)\(fraction)")
    }

    /// A number by RFC 8259, with nothing before or after it.
    public init(parsing text: String) throws(JSONParseError) {
        let bytes = text.utf8.span.bytes
        self = try bytes.withUnsafeBytes { (bytes) throws(JSONParseError) in
            try JSONParser.parse(bytes, limits: JSONLimits()) { (parser: inout JSONParser) throws(JSONParseError) in
                try parser.number()
            }
        }
    }

    /// The number in JSON.
    public var description: String { lexeme }

    /// The nearest double; infinite where the number is too large for one, zero where it is too small.
    public var double: Double { Double(lexeme) ?? .nan }

    /// The number where it is whole and fits, however it is written: `1e3` and `1000.0` are 1000.
    public var int64: Int64? { Int64(lexeme) ?? scaled(decimals: 0) }

    /// The number where it is whole, not negative, and fits, however it is written.
    public var uint64: UInt64? {
        guard let exact = exactly(decimals: 0), !exact.isNegative || exact.magnitude == 0 else { return nil }
        return exact.magnitude
    }

    /// The number times 10^`decimals` where that is whole and fits, else nil; nothing is ever rounded.
    ///
    /// `1.5` with 3 decimals is 1500; `0.0001` with 3 decimals is nil. Takes time in proportion to the text, whatever
    /// its exponent says.
    public func scaled(decimals: Int) -> Int64? {
        guard let exact = exactly(decimals: decimals) else { return nil }
        guard exact.isNegative else { return Int64(exactly: exact.magnitude) }
        return exact.magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- exact.magnitude) : nil
    }
}
