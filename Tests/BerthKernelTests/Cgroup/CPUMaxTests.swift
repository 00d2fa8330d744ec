import BerthKernel
import BerthModel
import Testing

@Suite("cpu.max")
struct CPUMaxTests {
    @Test("is read and printed back the same", arguments: ["max 100000", "50000 100000"])
    func roundTrip(text: String) throws { #expect(try CPUMax(parsing: text + "\n").description == text) }

    @Test("a quota is microseconds a period, none is no ceiling")
    func values() throws {
        #expect(try CPUMax(parsing: "50000 200000") == CPUMax(quota: 50_000, period: 200_000))
        #expect(try CPUMax(parsing: "max 100000") == CPUMax(quota: nil))
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "max", "-1 100000", "50000 0", "0 100000", "1 2 3", "max  100000", "+1 100000", "MAX 100000", "1 max",
            "99999999999999999999 100000", "50000 99999999999999999999",
        ])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUMax(parsing: text) } }
}
