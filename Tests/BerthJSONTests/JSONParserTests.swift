import BerthJSON
import Foundation
import Testing

@Suite("The JSON parser") struct JSONParserTests {
    @Test("takes what RFC 8259 allows", arguments: JSONCases.accepted)
    func accepted(text: String, printed: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(Array(value.description.utf8) == Array(printed.utf8))
        #expect(try JSONValue(parsing: printed) == value)
    }

    @Test("refuses everything else, with the place and what it wanted", arguments: JSONCases.refused)
    func refused(text: String, offset: Int, expected: String) {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error?.offset == offset)
        #expect(error?.expected == expected)
    }

    @Test("refuses what is no UTF-8, in values and in names", arguments: JSONCases.noUTF8)
    func noUTF8(bytes: [UInt8], offset: Int) {
        for prefix in ["\"", "[\"é", "{\"a"] {
            let text = Array(prefix.utf8) + bytes + Array("\"".utf8)
            let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
            #expect(error?.offset == prefix.utf8.count + offset)
            #expect(error?.expected == "UTF-8")
        }
    }

    @Test("takes every character that is not escaped, and gives it back")
    func everyScalar() throws {
        var text = ""
        for scalar in (0x20...0x10FFFF).compactMap(Unicode.Scalar.init(_:)) where scalar != "\"" && scalar != "\\" {
            text.unicodeScalars.append(scalar)
        }
        let value = try JSONValue(parsing: "\"\(text)\"", limits: JSONLimits(maxBytes: 8 << 20))
        #expect(value == .string(text))
    }

    @Test("refuses every control character that is not escaped", arguments: UInt8(0)..<0x20)
    func control(byte: UInt8) {
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: Array("\"".utf8) + [byte] + Array("\"".utf8)) }
    }

    @Test("takes nesting up to the limit and not one level more", arguments: [0, 1, 2, 64, 512])
    func depth(limit: Int) throws {
        let limits = JSONLimits(maxDepth: limit)
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(try JSONValue(parsing: nested(limit), limits: limits).description == nested(limit))
            let error = #expect(throws: JSONParseError.self) {
                try JSONValue(parsing: nested(limit + 1), limits: limits)
            }
            #expect(error?.offset == open.utf8.count * limit)
            #expect(error?.expected == "at most \(limit) levels of nesting")
        }
    }

    @Test("is not brought down by any nesting, whatever the limit says", arguments: ["[", "{\"a\":", "[{\"a\":"])
    func hostileDepth(open: String) {
        let text = String(repeating: open, count: 100_000)
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: text, limits: JSONLimits(maxDepth: .max)) }
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: text, limits: JSONLimits(maxDepth: .min)) }
    }

    @Test("reads, prints and compares to its depth on a small stack", arguments: [(64, 256 << 10), (512, 1 << 20)])
    func smallStack(depth: Int, stackBytes: Int) async {
        let text =
            String(repeating: "[{\"a\":", count: depth / 2) + "1" + String(repeating: "}]", count: depth / 2)
        let isSame = await withCheckedContinuation { continuation in
            let thread = Thread {
                let limits = JSONLimits(maxDepth: depth)
                let value = try? JSONValue(parsing: text, limits: limits)
                let again = try? JSONValue(parsing: value?.pretty ?? "", limits: limits)
                continuation.resume(
                    returning: value?.description == text && value == again && value?.hashValue == again?.hashValue)
            }
            thread.stackSize = stackBytes
            thread.start()
        }
        #expect(isSame)
    }

    @Test("refuses a text over the limit before it looks at it")
    func size() throws {
        let limits = JSONLimits(maxBytes: 10)
        #expect(try JSONValue(parsing: "\"12345678\"", limits: limits) == "12345678")
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: "\"123456789\"", limits: limits) }
        #expect(error?.description == "line 1, column 11: expected at most 10 bytes, found 11")
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: "1", limits: JSONLimits(maxBytes: .min)) }
        #expect(JSONLimits() == JSONLimits(maxDepth: 64, maxBytes: 1_048_576))
    }

    @Test("reads from every kind of memory")
    func sources() throws {
        let bytes = Array("xx[1,\"é\"]".utf8)
        let slice = bytes[2...]
        let value: JSONValue = [1, "é"]
        #expect(try JSONValue(parsing: Array(slice)) == value)
        #expect(try JSONValue(parsing: slice.span.bytes) == value)
        #expect(try slice.withUnsafeBytes { try JSONValue(parsing: $0) } == value)
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: UnsafeRawBufferPointer(start: nil, count: 0)) }
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: [UInt8]()) }
    }
}
