import Testing

@testable import BerthHost

@Suite("The names of processors") struct CPUModelTests {
    @Test(
        "are those of the makers, or the numbers",
        arguments: [
            (0x41, 0xD0C, "Arm Neoverse-N1"), (0x48, 0xD01, "HiSilicon Kunpeng 920 (TSV110)"),
            (0x41, 0xFFF, "Arm part 0xfff"), (0x99, 0x1, "implementer 0x99 part 0x1"),
        ])
    func arm(implementer: Int, part: Int, name: String) {
        #expect(ARMCoreNames.name(.init(id: 0, implementer: implementer, part: part)) == name)
        #expect(ARMCoreNames.name(.init(id: 0, implementer: implementer)) == nil)
    }

    @Test("of mainframes have the machine's type", arguments: [("3931", "IBM z16 (3931)"), ("1", "IBM 1")])
    func mainframe(type: String, name: String) { #expect(MainframeNames.name(ofType: type) == name) }

    @Test(
        "come with a clock only where it is one",
        arguments: [
            ("clock : 4000.5MHz", 4_000_000_000), ("clock : MHz", nil), ("clock : 0MHz", nil), ("clock : -5MHz", nil),
            ("clock : 9999999999999999999999MHz", nil), ("clock : ٣MHz", nil),
        ] as [(String, Int?)])
    func clock(text: String, clock: Int?) { #expect(CPUInfo(text).clock == clock) }
}
