/// The place of a value in a JSON document (RFC 6901): `/resources/memory/limit`. The whole document is the empty
/// pointer.
public struct JSONPointer: Hashable, Sendable {
    /// The whole document.
    public static let root = JSONPointer([])

    /// Member names and array indices from the outside in, unescaped.
    public let tokens: [String]

    /// The place that these member names and array indices lead to.
    public init(_ tokens: [String]) { self.tokens = tokens }

    /// Reads a pointer such as `/a~1b/0`; refuses one that does not begin with `/`, and a `~` without 0 or 1 after it.
    public init(parsing text: String) throws(JSONParseError) {
        let bytes = text.utf8.span.bytes
        tokens = try bytes.withUnsafeBytes { (bytes) throws(JSONParseError) in
            try JSONPointer.tokens(of: bytes)
        }
    }

    private static func tokens(of bytes: UnsafeRawBufferPointer) throws(JSONParseError) -> [String] {
        guard let first = bytes.first else { return [] }
        guard first == UInt8(ascii: "/") else { throw JSONParseError(bytes, at: 0, expected: "\"/\"") }
        var tokens: [[UInt8]] = []
        var offset = 0
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "/"):
                tokens.append([])
            case UInt8(ascii: "~"):
                offset += 1
                let next = offset < bytes.count ? bytes[offset] : 0
                guard next == UInt8(ascii: "0") || next == UInt8(ascii: "1") else {
                    throw JSONParseError(bytes, at: offset, expected: "0 or 1 after \"~\"")
                }
                tokens[tokens.count - 1].append(next == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
            case let byte:
                tokens[tokens.count - 1].append(byte)
            }
            offset += 1
        }
        return tokens.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The member of this name below the place.
    public func appending(_ key: String) -> JSONPointer { JSONPointer(tokens + [key]) }

    /// The element of this index below the place.
    public func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

    /// The same place told from further out, where the value that it is told from stands at `outer`.
    public func below(_ outer: JSONPointer) -> JSONPointer { JSONPointer(outer.tokens + tokens) }
}

extension JSONPointer: CustomStringConvertible {
    /// The pointer as RFC 6901 writes it: `~` as `~0` and `/` as `~1`. The root is the empty text.
    public var description: String {
        var bytes: [UInt8] = []
        for token in tokens {
            bytes.append(UInt8(ascii: "/"))
            for byte in token.utf8 {
                switch byte {
                case UInt8(ascii: "~"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "0")]
                case UInt8(ascii: "/"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "1")]
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONPointer {
    /// The pointer as it may stand in a message: as long as it takes at most 512 bytes it is whole; of a longer one the
    /// innermost names are left out, so that it leads to the nearest place above that can be told in short.
    public var excerpt: String {
        var place = self
        while place.description.utf8.count > 512 { place = JSONPointer(Array(place.tokens.dropLast())) }
        return place.description
    }
}

extension JSONValue {
    /// The value at a place, nil where there is none. Of a name that stands twice the last value counts.
    public subscript(pointer: JSONPointer) -> JSONValue? {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .object(let object):
                guard let next = object[token] else { return nil }
                value = next
            case .array(let elements):
                guard let index = Int(token), String(index) == token, elements.indices ~= index else { return nil }
                value = elements[index]
            default:
                return nil
            }
        }
        return value
    }
}
