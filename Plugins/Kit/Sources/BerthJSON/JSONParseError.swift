/// A text that is not JSON, or is more than the limits allow.
///
/// Prints as `line 3, column 7: expected "," or "}", found "x"`.
public struct JSONParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What would have been accepted there: `a value`, `"," or "]"`.
    public let expected: String
    /// What is there instead: `"x"`, `the byte 0xFF`, `the end of the text`.
    public let found: String
    /// How many bytes come before the place.
    public let offset: Int
    /// The line of the place, from 1; lines end in a line feed.
    public let line: Int
    /// The column of the place in characters (Unicode scalars), from 1.
    public let column: Int

    /// The mistake at an offset of a text; `found` is taken from the text unless given.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int, expected: String, found: String? = nil) {
        self.expected = expected
        self.offset = offset
        self.found = found ?? (offset < bytes.count ? JSONParseError.name(of: bytes[offset]) : "the end of the text")
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }

    private static func name(of byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\n"): return "the end of the line"
        case UInt8(ascii: "\""): return "a quote"
        case 0x20..<0x7F: return "\"\(Character(Unicode.Scalar(byte)))\""
        default: return "the byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))"
        }
    }

    /// The whole sentence.
    public var description: String { "line \(line), column \(column): expected \(expected), found \(found)" }
}
