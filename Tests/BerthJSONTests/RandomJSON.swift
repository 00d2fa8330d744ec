import BerthJSON
import Support

extension SeededGenerator {
    /// One of the choices.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[Int.random(in: choices.indices, using: &self)] }

    /// A number as RFC 8259 allows it, more often than not near a limit of 64 bits.
    mutating func number() -> String {
        var text = pick(["", "-"])
        text += pick([
            "0", "1", "10", "9223372036854775807", "9223372036854775808", "18446744073709551615",
            "18446744073709551616",
            String(UInt64.random(in: 1...UInt64.max, using: &self)), String(Int.random(in: 1...9999, using: &self)),
        ])
        if Bool.random(using: &self) {
            text += "." + digits(Int.random(in: 1...6, using: &self))
            if Bool.random(using: &self) { text += String(repeating: "0", count: Int.random(in: 0...20, using: &self)) }
        }
        if Bool.random(using: &self) {
            text += pick(["e", "E"]) + pick(["", "+", "-"]) + digits(Int.random(in: 1...2, using: &self))
        }
        return text
    }

    private mutating func digits(_ count: Int) -> String {
        (0..<count).reduce(into: "") { text, _ in text += String(Int.random(in: 0...9, using: &self)) }
    }

    /// A text with all that can go wrong in one: escapes, controls, characters of every length.
    mutating func text() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...20, using: &self) {
            let scalar: Unicode.Scalar =
                switch Int.random(in: 0..<4, using: &self) {
                case 0:
                    pick(["\"", "\\", "/", "\u{8}", "\u{C}", "\n", "\r", "\t", "\u{0}", "\u{1F}", "\u{7F}", "{", "]"])
                case 1: pick(["é", "\u{301}", "€", "\u{2028}", "\u{FEFF}", "\u{FFFF}", "😀", "\u{10FFFF}", "\u{D7FF}"])
                case 2: Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &self)) ?? "x"
                default: Unicode.Scalar(UInt8.random(in: 0x20..<0x7F, using: &self))
                }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// Any value, with at most `depth` levels of arrays and objects.
    mutating func value(depth: Int = 4) throws -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &self) {
        case 0: return pick([nil, true, false])
        case 1: return .number(try JSONNumber(parsing: number()))
        case 2, 3: return .string(text())
        case 4:
            return .array(try (0..<Int.random(in: 0...5, using: &self)).map { _ in try value(depth: depth - 1) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...12, using: &self) {
                object.append(try value(depth: depth - 1), for: Bool.random(using: &self) ? text() : pick(["a", "b"]))
            }
            return .object(object)
        }
    }

    /// The bytes with up to four small damages.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            let end = min(place + Int.random(in: 0...8, using: &self), bytes.count)
            let other = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 2: bytes.insert(contentsOf: pick(JSONMutation.tokens).utf8, at: place)
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: bytes[place..<end], at: other)
            default: bytes = Bool.random(using: &self) ? Array(bytes[..<place]) : bytes
            }
        }
        return bytes
    }
}

enum JSONMutation {
    /// What the grammar is made of, to be dropped in anywhere.
    static let tokens = [
        "\"", "\\", "\\u", "\\uD83D", "\\uDE00", "\\u0000", "{", "}", "[", "]", ",", ":", " ", "\n", "null", "true",
        "false",
        "-", "0", "1e5", ".", "e", "é", "\u{FEFF}", "\u{0}", "[[[[[[[[", "{\"a\":",
    ]
}
