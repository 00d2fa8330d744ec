/// What a JSON text may cost at most.
public struct JSONLimits: Hashable, Sendable {
    /// No limit on nesting is higher than this: reading, printing and comparing go one call deeper with each level.
    public static let deepest = 512

    /// How many arrays and objects may be open at once: `[[]]` has two.
    public let maxDepth: Int
    /// How many bytes a text may have.
    public let maxBytes: Int

    /// Limits; `maxDepth` is held between 0 and `deepest`, `maxBytes` is not below 0.
    public init(maxDepth: Int = 64, maxBytes: Int = 1 << 20) {
        self.maxDepth = min(max(maxDepth, 0), JSONLimits.deepest)
        self.maxBytes = max(maxBytes, 0)
    }
}

extension JSONValue {
    /// Reads one value by RFC 8259, with nothing but white space around it.
    ///
    /// Strict where the RFC leaves a choice: the text is UTF-8 without a byte order mark; invalid UTF-8 and escapes of
    /// lone surrogates are refused. Numbers of any size are kept as they are, and so are names that stand twice.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()) throws(JSONParseError) {
        self = try JSONParser.parse(bytes, limits: limits) { (parser: inout JSONParser) throws(JSONParseError) in
            try parser.document()
        }
    }

    /// Reads one value, as from a raw buffer.
    public init(parsing bytes: RawSpan, limits: JSONLimits = JSONLimits()) throws(JSONParseError) {
        self = try bytes.withUnsafeBytes { (bytes) throws(JSONParseError) in
            try JSONValue(parsing: bytes, limits: limits)
        }
    }

    /// Reads one value, as from a raw buffer.
    public init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONParseError) {
        try self.init(parsing: bytes.span.bytes, limits: limits)
    }

    /// Reads one value, as from a raw buffer.
    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONParseError) {
        try self.init(parsing: text.utf8.span.bytes, limits: limits)
    }
}
