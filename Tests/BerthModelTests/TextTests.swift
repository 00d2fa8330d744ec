import BerthModel
import Testing

@Suite("Text") struct TextTests {
    @Test(
        "loses white space and NUL bytes at its ends only",
        arguments: [
            ("", ""), ("\n", ""), ("\u{0}\u{0}", ""), (" a b \n\u{0}", "a b"), ("a\u{0}b", "a\u{0}b"), ("\tx\r\n", "x"),
            ("é\n", "é"), ("\u{A0}x", "\u{A0}x"),
        ])
    func trimming(text: String, expected: String) {
        #expect(text.trimmed == expected)
        #expect(Substring("<" + text + ">").dropFirst().dropLast().trimmed == expected)
    }

    @Test(
        "is quoted so that a terminal shows it and does nothing else",
        arguments: [
            ("a", #""a""#), ("é", #""é""#), (#"a"b\"#, #""a\"b\\""#), ("\n", #""\n""#), ("\u{1B}[2J", #""\u{1B}[2J""#),
            ("\u{9B}2J", #""\u{009B}2J""#), ("\u{202E}", #""\u{202E}""#), ("\u{0}", #""\0""#),
        ])
    func quoting(text: String, expected: String) { #expect(text.quoted == expected) }
}
