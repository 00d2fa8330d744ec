/// Reads JSON from bytes in memory, from `position` on. Lives no longer than the buffer it was given.
struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    private let maxDepth: Int

    private init(_ bytes: UnsafeRawBufferPointer, maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    /// Has `body` read a text that is within the limits, and refuses what it leaves over.
    static func parse<Result>(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits,
        _ body: (inout JSONParser) throws(JSONParseError) -> Result
    ) throws(JSONParseError) -> Result {
        guard bytes.count <= limits.maxBytes else {
            throw JSONParseError(
                bytes, at: limits.maxBytes, expected: "at most \(limits.maxBytes) bytes", found: "\(bytes.count)")
        }
        var parser = JSONParser(bytes, maxDepth: limits.maxDepth)
        let result = try body(&parser)
        guard parser.position == bytes.count else { throw parser.error("the end of the text") }
        return result
    }

    /// The byte at the position. At the end it is 0, which no rule of the grammar takes.
    @inline(__always)
    var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// What goes wrong at the position.
    @inline(never)
    func error(_ expected: String) -> JSONParseError { JSONParseError(bytes, at: position, expected: expected) }

    @inline(__always)
    private mutating func skipSpace() {
        while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// A value with nothing but white space around it.
    mutating func document() throws(JSONParseError) -> JSONValue {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        return value
    }

    /// A value below `depth` open arrays and objects.
    private mutating func value(depth: Int) throws(JSONParseError) -> JSONValue {
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw error("a value")
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONParseError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard byte == word.utf8Start[offset] else { throw error("\"\(word)\"") }
            position += 1
        }
        return value
    }

    private mutating func open(depth: Int) throws(JSONParseError) {
        guard depth < maxDepth else { throw error("at most \(maxDepth) levels of nesting") }
        position += 1
        skipSpace()
    }

    private mutating func array(depth: Int) throws(JSONParseError) -> [JSONValue] {
        try open(depth: depth)
        var elements: [JSONValue] = []
        if take("]") { return elements }
        repeat {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw error("\",\" or \"]\"") }
        return elements
    }

    private mutating func object(depth: Int) throws(JSONParseError) -> JSONObject {
        try open(depth: depth)
        var members: [JSONObject.Member] = []
        if take("}") { return JSONObject(members) }
        repeat {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw error("a name in quotes") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw error("\":\"") }
            skipSpace()
            members.append((key, try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw error("\",\" or \"}\"") }
        return JSONObject(members)
    }

    @inline(__always)
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number() throws(JSONParseError) -> JSONNumber {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return JSONNumber(unchecked: text(from: start, to: position))
    }

    /// One digit or more.
    private mutating func digits() throws(JSONParseError) {
        let start = position
        while byte &- UInt8(ascii: "0") < 10 { position += 1 }
        guard position > start else { throw error("a digit") }
    }

    func text(from start: Int, to end: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }
}
