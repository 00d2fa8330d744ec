extension JSONValue {
    /// Adds the value to `bytes` as compact JSON.
    ///
    /// Quotes, backslashes and the control characters below U+0020 are escaped, as RFC 8259 asks; all else is UTF-8.
    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(word: "null")
        case .bool(true): bytes.append(word: "true")
        case .bool(false): bytes.append(word: "false")
        case .number(let number): bytes.append(contentsOf: number.lexeme.utf8)
        case .string(let text): bytes.append(quoted: text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(quoted: member.key)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The value as JSON for people: one member or element a line, two spaces a level, no line feed at the end.
    public var pretty: String {
        var bytes: [UInt8] = []
        writePretty(into: &bytes, level: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func writePretty(into bytes: inout [UInt8], level: Int) {
        switch self {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                bytes.startLine(level: level + 1, after: index > 0 ? "," : nil)
                element.writePretty(into: &bytes, level: level + 1)
            }
            bytes.startLine(level: level, after: nil)
            bytes.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.enumerated() {
                bytes.startLine(level: level + 1, after: index > 0 ? "," : nil)
                bytes.append(quoted: member.key)
                bytes.append(word: ": ")
                member.value.writePretty(into: &bytes, level: level + 1)
            }
            bytes.startLine(level: level, after: nil)
            bytes.append(UInt8(ascii: "}"))
        default:
            write(into: &bytes)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON.
    public var description: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(word: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    fileprivate mutating func startLine(level: Int, after comma: Unicode.Scalar?) {
        if let comma { append(UInt8(ascii: comma)) }
        append(UInt8(ascii: "\n"))
        append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    /// Adds a text as a JSON string.
    fileprivate mutating func append(quoted text: String) {
        let bytes = text.utf8.span
        var length = bytes.count + 2
        for index in bytes.indices where isEscaped(bytes[index]) { length += 5 }
        append(addingCapacity: length) { output in
            output.append(UInt8(ascii: "\""))
            for index in bytes.indices {
                let byte = bytes[index]
                if isEscaped(byte) { output.append(escapeOf: byte) } else { output.append(byte) }
            }
            output.append(UInt8(ascii: "\""))
        }
    }
}

private func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}

extension OutputSpan<UInt8> {
    /// Adds the escape of a byte, six bytes long at most.
    fileprivate mutating func append(escapeOf byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0..<0x20:
            append(UInt8(ascii: "u"))
            for digit in [0, 0, byte >> 4, byte & 0xF] {
                append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        default: append(byte)
        }
    }
}
