import BerthJSON
import Testing

@Suite("The JSON printer") struct JSONPrinterTests {
    @Test("escapes quotes, backslashes and control characters, and nothing else")
    func escapes() {
        let escaped: [UInt8: String] = [
            0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r", 0x22: "\\\"", 0x5C: "\\\\",
            0x00: "\\u0000",
            0x0B: "\\u000b", 0x10: "\\u0010", 0x1B: "\\u001b", 0x1F: "\\u001f",
        ]
        for byte in UInt8(0)..<0x80 {
            let character = String(Unicode.Scalar(byte))
            let printed = JSONValue.string("a\(character)b").description
            if byte < 0x20 && escaped[byte] == nil {
                #expect(printed.hasPrefix("\"a\\u00"))
                #expect(printed.utf8.count == 10)
            } else {
                #expect(printed == "\"a\(escaped[byte] ?? character)b\"")
            }
        }
        #expect(JSONValue.string("é\u{2028}😀/").description == "\"é\u{2028}😀/\"")
    }

    @Test("prints a long text that is all escapes")
    func manyEscapes() {
        let text = String(repeating: "\u{1}", count: 10_000)
        #expect(JSONValue.string(text).description == "\"" + String(repeating: "\\u0001", count: 10_000) + "\"")
    }

    @Test("adds to what is there")
    func adding() {
        var bytes = Array("data: ".utf8)
        (["a": [1, nil, true, false, "x"]] as JSONValue).write(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"data: {"a":[1,null,true,false,"x"]}"#)
    }

    @Test("indents by two spaces a level, and leaves empty ones on their line")
    func pretty() {
        let value: JSONValue = ["a": 1, "b": [], "c": [:], "d": [true, ["e": nil]], "f\n": "g"]
        #expect(
            value.pretty == #"""
                {
                  "a": 1,
                  "b": [],
                  "c": {},
                  "d": [
                    true,
                    {
                      "e": null
                    }
                  ],
                  "f\n": "g"
                }
                """#)
        #expect(([] as JSONValue).pretty == "[]")
        #expect(("x" as JSONValue).pretty == "\"x\"")
    }
}
