import Testing

@testable import BerthHost

@Suite("The lines of a kernel file") struct FieldLinesTests {
    @Test(
        "come without padding, blank ones not at all",
        arguments: [
            ("", []), ("\n\n \t\n", []), ("a\nb", ["a", "b"]), (" a \r\n\u{0}\u{0}b\u{0}", ["a", "b"]),
            ("a\n\u{0}", ["a"]), ("é\n", ["é"]),
        ] as [(String, [String])])
    func lines(text: String, expected: [String]) {
        var lines: [String] = []
        text.forEachLine { lines.append($0.text) }
        #expect(lines == expected)
    }

    @Test(
        "are cut at the first colon",
        arguments: [
            ("MemTotal:  12 kB", ["MemTotal", "12 kB"]), ("a : b : c", ["a", "b : c"]), ("flags\t\t:", ["flags", ""]),
            (":", ["", ""]), ("none", []),
        ] as [(String, [String])])
    func fields(text: String, expected: [String]) {
        var fields: [String] = []
        text.forEachField { fields += [$0.text, $1.text] }
        #expect(fields == expected)
    }

    @Test(
        "begin with a number or with none",
        arguments: [
            ("2048 kB", 2048), ("0", 0), ("007x", 7), ("", nil), ("-1", nil), ("+1", nil), ("x1", nil),
            ("9223372036854775807", Int.max), ("9223372036854775808", nil), ("99999999999999999999999", nil),
        ] as [(String, Int?)])
    func number(text: String, expected: Int?) { #expect(text.utf8.span.leadingInteger == expected) }

    @Test("are compared with words at the start, at the end, inside and as a whole")
    func words() {
        let line = "31 23 - cgroup2 x"
        let span = line.utf8.span
        #expect(span.starts(with: "31 ") && !span.starts(with: "32"))
        #expect(span.ends(with: " x") && !span.ends(with: "31 23 - cgroup2 xx"))
        #expect(span.contains("- cgroup") && !span.contains("cpuset"))
        #expect(span.equals("31 23 - cgroup2 x") && !span.equals("31"))
        let empty = "".utf8.span
        #expect(!empty.contains("a") && !empty.starts(with: "a") && empty.equals(""))
    }
}
