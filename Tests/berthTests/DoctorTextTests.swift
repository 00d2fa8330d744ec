import BerthHost
import Testing

@testable import berth

@Suite("The doctor's page")
struct DoctorTextTests {
    private let findings = [
        Finding(.ok, .cgroupVersion, "all is well", shownBy: "/a"),
        Finding(.problem, .controllerCPU, "no cpu", shownBy: "/b", consequence: "less", mend: ["do this", "do that"]),
        Finding(.problem, .controllerIO, "no io", mend: ["do this", "do that"]),
        Finding(.note, .agentHealth, "\u{1B}[2J said it\n", consequence: String(repeating: "word ", count: 60)),
    ]

    @Test("shows what is not in order, with what follows and what mends it, told once")
    func page() {
        let text = DoctorText.page(Diagnosis(findings), showsAll: false)
        #expect(
            text.hasPrefix(
                """
                Cgroups
                  problem  no cpu (/b)
                           so: less
                           mend: do this
                                 do that
                  problem  no io
                           mend: as above

                Agent
                  note     \\u{1b}[2J said it\\u{a}

                """))
        #expect(text.hasSuffix("\n2 problems, 1 note, 1 in order (--all shows those)\n"))
        #expect(!text.contains("all is well"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 110 })
    }

    @Test("shows what is in order on request")
    func all() {
        let text = DoctorText.page(Diagnosis([findings[0]]), showsAll: true)
        #expect(text == "Cgroups\n  ok       all is well (/a)\n\n0 problems, 0 notes, 1 in order\n")
    }
}
