import Testing

@testable import berth

@Suite("--start") struct StartOptionTests {
    @Test(
        "of what is nearly a time says what would do",
        arguments: [
            ("2h", "say +2h"), ("2026-12-01T02:00:00", "say its zone: 2026-12-01T02:00:00Z"),
            ("2026-12-01T02:00", "its seconds and its zone: 2026-12-01T02:00:00Z"),
            ("2026-12-01", "the time of the day and its zone: 2026-12-01T00:00:00Z"), ("+soon", "or +2h for"),
        ])
    func hint(text: String, hint: String) {
        let failure = #expect(throws: CommandFailure.self) { try StartOption(text) }
        #expect(failure?.hint?.contains(hint) == true)
    }

    @Test("is a time, one from now, or now", arguments: ["2026-12-01T02:00:00Z", "noon", "+2h", "now+2h", "now"])
    func time(text: String) throws {
        let option = try StartOption(text)
        #expect(option.isRelative == text.hasSuffix("+2h"))
        #expect((option.time == nil) == (text == "now"))
        #expect((option.time == text) == (text == "noon" || text.hasPrefix("2026")))
    }
}
