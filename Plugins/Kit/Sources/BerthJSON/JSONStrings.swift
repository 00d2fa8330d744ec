/// Strings are read twice where they have escapes: once to check them and find their end, once to put the text
/// together. The first has all the refusals, the second none.
extension JSONParser {
    /// A string, from its opening quote to past its closing one.
    mutating func string() throws(JSONParseError) -> String {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            switch byte {
            case UInt8(ascii: "\""):
                let end = position
                position += 1
                return hasEscapes ? unescaped(from: start, to: end) : text(from: start, to: end)
            case UInt8(ascii: "\\"):
                try skipEscape()
                hasEscapes = true
            case 0x20..<0x80:
                position += 1
            case 0x80...:
                try skipSequence()
            default:
                let isAtEnd = position == bytes.count
                throw error(isAtEnd ? "the closing quote of a string" : "no control character in a string")
            }
        }
    }

    /// Walks over one escape, or over the two that make a surrogate pair.
    private mutating func skipEscape() throws(JSONParseError) {
        position += 1
        guard byte == UInt8(ascii: "u") else {
            guard byteEscaped(by: byte) != nil else { throw error("an escape: one of \\\" \\\\ / b f n r t u") }
            position += 1
            return
        }
        position += 1
        let digits = position
        let unit = try skipFourDigits()
        if 0xDC00..<0xE000 ~= unit {
            position = digits
            throw error("a high surrogate before this low one")
        }
        guard 0xD800..<0xDC00 ~= unit else { return }
        for next in [UInt8(ascii: "\\"), UInt8(ascii: "u")] {
            guard byte == next else { throw error("the escape of a low surrogate") }
            position += 1
        }
        let lowDigits = position
        guard 0xDC00..<0xE000 ~= (try skipFourDigits()) else {
            position = lowDigits
            throw error("a low surrogate after the high one")
        }
    }

    private mutating func skipFourDigits() throws(JSONParseError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = hexValue(of: byte) else { throw error("four hexadecimal digits") }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    /// Walks over one character of two to four bytes (The Unicode Standard, table 3-7).
    private mutating func skipSequence() throws(JSONParseError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch byte {
        case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
        case 0xE0: (second, length) = (0xA0...0xBF, 3)
        case 0xED: (second, length) = (0x80...0x9F, 3)
        case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
        case 0xF0: (second, length) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
        case 0xF4: (second, length) = (0x80...0x8F, 4)
        default: throw error("UTF-8")
        }
        position += 1
        guard second ~= byte else { throw error("UTF-8") }
        position += 1
        for _ in 2..<length {
            guard byte & 0xC0 == 0x80 else { throw error("UTF-8") }
            position += 1
        }
    }

    /// The text of a checked string. No escape is shorter than what it stands for.
    private func unescaped(from start: Int, to end: Int) -> String {
        String(unsafeUninitializedCapacity: end - start) { text in
            var count = 0
            var place = start
            func put(_ byte: UInt8) {
                text[count] = byte
                count += 1
            }
            while place < end {
                guard bytes[place] == UInt8(ascii: "\\") else {
                    put(bytes[place])
                    place += 1
                    continue
                }
                if let byte = byteEscaped(by: bytes[place + 1]) {
                    put(byte)
                    place += 2
                    continue
                }
                var scalar = unit(at: place + 2)
                place += 6
                if 0xD800..<0xDC00 ~= scalar {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (unit(at: place + 2) - 0xDC00)
                    place += 6
                }
                if let scalar = Unicode.Scalar(scalar) { UTF8.encode(scalar)?.forEach(put) }
            }
            return count
        }
    }

    /// The value of four checked hexadecimal digits.
    private func unit(at place: Int) -> UInt32 {
        bytes[place..<place + 4].reduce(0) { $0 << 4 | UInt32(hexValue(of: $1) ?? 0) }
    }

    private func hexValue(of byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// What a backslash and this byte stand for, nil for `u` and for what is no escape.
    private func byteEscaped(by byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}
