import BerthKernel
import BerthModel
import Testing

@Suite("A limit on memory")
struct MemoryLimitTests {
    @Test("is read and printed back the same", arguments: ["max", "0", "4096", "18446744073709551615"])
    func roundTrip(text: String) throws { #expect(try MemoryLimit(parsing: text + "\n").description == text) }

    @Test(
        "anything else is refused",
        arguments: ["", "-1", "+1", "1 2", "1M", "MAX", "max max", "18446744073709551616", "٣"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try MemoryLimit(parsing: text) } }

    @Test("no limit is more than any, and is no number")
    func order() throws {
        #expect(MemoryLimit.bytes(.max) < .unlimited && MemoryLimit.bytes(1) < .bytes(2))
        #expect(!(MemoryLimit.unlimited < .unlimited) && !(MemoryLimit.unlimited < .bytes(.max)))
        #expect(try MemoryLimit(parsing: "18446744073709551615") != .unlimited)
    }
}
