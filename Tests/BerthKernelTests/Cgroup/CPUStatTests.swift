import BerthKernel
import BerthModel
import Testing

@Suite("cpu.stat")
struct CPUStatTests {
    @Test("is read with the CPU controller on, and off")
    func values() throws {
        let on = try CPUStat(
            parsing: "usage_usec 9\nuser_usec 5\nsystem_usec 4\nnr_periods 3\nnr_throttled 2\nthrottled_usec 1\n")
        #expect(on == CPUStat(usageMicroseconds: 9, throttledPeriods: 2, throttledMicroseconds: 1))
        #expect(on.description == "usage_usec 9\nnr_throttled 2\nthrottled_usec 1")
        let off = try CPUStat(parsing: "usage_usec 9\nuser_usec 5\nsystem_usec 4\n")
        #expect(off == CPUStat(usageMicroseconds: 9, throttledPeriods: nil, throttledMicroseconds: nil))
        #expect(off.description == "usage_usec 9")
    }

    @Test("anything else is refused", arguments: ["", "user_usec 5", "usage_usec x", "usage_usec 1\nusage_usec 2"])
    func refusal(text: String) { #expect(throws: ParseError.self) { try CPUStat(parsing: text) } }
}
