import BerthModel
import Testing

@Suite("A parse error") struct ParseErrorTests {
    @Test("says what was read and what would have been accepted")
    func description() {
        let error = ParseError("x\u{1B}", expected: "a list of CPUs")
        #expect("\(error)" == #""x\u{1B}" is not a list of CPUs"#)
    }

    @Test(
        "keeps 80 characters of the text",
        arguments: [String(repeating: "a", count: 1000), "e" + String(repeating: "\u{301}", count: 100_000)])
    func cut(text: String) {
        let error = ParseError(text, expected: "short")
        #expect(error.text.unicodeScalars.count == 80)
        #expect(text.unicodeScalars.starts(with: error.text.unicodeScalars))
    }
}
