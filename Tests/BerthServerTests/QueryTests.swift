import Testing

@testable import BerthServer

@Suite("Queries") struct QueryTests {
    @Test(
        "are read by name",
        arguments: [
            ("a=1&b=2", "1", "2"), ("b=2", nil, "2"), ("", nil, nil), ("a", "", nil), ("a=", "", nil),
            ("&&a=1&", "1", nil),
            ("a=%41%2b+%c3%A4", "A+ ä", nil), ("%61=1", "1", nil), ("a=b=c", "b=c", nil),
        ] as [(Substring, String?, String?)])
    func read(text: Substring, first: String?, second: String?) throws {
        let query = try Query(text, known: ["a", "b"])
        #expect(query["a"] == first)
        #expect(query["b"] == second)
    }

    @Test(
        "what is unknown, double or broken is refused",
        arguments: [
            ("c=1", .invalid), ("a=1&a=1", .invalid), ("a=1&%61=1", .invalid), ("a=%", .malformed),
            ("a=%4", .malformed), ("a=%g0", .malformed), ("a=%ff", .malformed), ("%ff=1", .malformed),
            ("A=1", .invalid),
        ] as [(Substring, ProblemCode)])
    func refused(text: Substring, code: ProblemCode) {
        #expect {
            try Query(text, known: ["a", "b"])
        } throws: { ($0 as? Problem)?.code == code }
    }

    @Test("a name that is nearly right gets a hint")
    func hint() {
        #expect {
            try Query("stat=x", known: ["state"])
        } throws: { ($0 as? Problem)?.hint == #"did you mean "state"?"# }
    }
}

@Suite("What is written with %XX") struct PercentEncodingTests {
    @Test(
        "is decoded, and nothing that is broken",
        arguments: [
            ("", ""), ("a+b", "a+b"), ("a%2Fb", "a/b"), ("%c3%a4", "ä"), ("%", nil), ("%4", nil), ("%g0", nil),
            ("%ff", nil),
        ] as [(Substring, String?)])
    func decoded(text: Substring, expected: String?) {
        #expect(PercentEncoding.decoded(text, plusIsSpace: false) == expected)
    }
}
