import BerthKernel
import BerthModel
import Testing

@Suite("memory.events")
struct MemoryEventsTests {
    static let text = "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5"

    @Test(
        "is read and printed back the same",
        arguments: [(text, nil), ("\(text)\noom_group_kill 6", 6)] as [(String, UInt64?)])
    func roundTrip(text: String, group: UInt64?) throws {
        let value = try MemoryEvents(parsing: text + "\n")
        #expect(value == MemoryEvents(low: 1, high: 2, max: 3, oom: 4, oomKill: 5, oomGroupKill: group))
        #expect(value.description == text)
    }

    @Test("a count that is missing is not taken for 0", arguments: ["low", "high", "max", "oom", "oom_kill"])
    func refusal(key: String) {
        let text = MemoryEventsTests.text.split(separator: "\n").filter { !$0.hasPrefix("\(key) ") }
        #expect(text.count == 4)
        #expect(throws: ParseError.self) { try MemoryEvents(parsing: text.joined(separator: "\n")) }
    }
}
