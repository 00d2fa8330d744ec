import BerthJSON
import Testing

@Suite("A JSON parse error") struct JSONParseErrorTests {
    @Test(
        "is a sentence with line and column",
        arguments: [
            ("", "line 1, column 1: expected a value, found the end of the text"),
            ("{\"a\": 1\n \"b\": 2}", "line 2, column 2: expected \",\" or \"}\", found a quote"),
            ("[1,\r\n2,\n\n  x]", "line 4, column 3: expected a value, found \"x\""),
            ("{\"é😀\": tru\n}", "line 1, column 11: expected \"true\", found the end of the line"),
            ("[\"a\tb\"]", "line 1, column 4: expected no control character in a string, found the byte 0x09"),
            ("[1, é]", "line 1, column 5: expected a value, found the byte 0xC3"),
        ])
    func sentence(text: String, sentence: String) {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error?.description == sentence)
    }

    @Test("counts bytes, lines and characters")
    func place() {
        let error = #expect(throws: JSONParseError.self) { try JSONValue(parsing: "[\n\"é\" x") }
        #expect(error?.offset == 7)
        #expect(error?.line == 2)
        #expect(error?.column == 5)
    }
}
