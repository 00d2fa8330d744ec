import BerthJSON
import BerthKernel
import Testing

@testable import BerthHost

@Suite("What the doctor says of the agent")
struct AgentFindingsTests {
    private func diagnose(_ agent: AgentFacts) throws -> Diagnosis {
        try DoctorHost.diagnose(DoctorHost.sound(but: [:]), agent: agent)
    }

    private func process(_ capabilities: [CapabilitySet], user: UInt32 = 0) -> AgentFacts {
        let tasks = capabilities.enumerated().map { AgentProcess.Task(id: 100 + $0.offset, capabilities: $0.element) }
        let process = AgentProcess(pid: 100, user: user, tasks: tasks, root: .nowhere)
        return AgentFacts(
            socket: "/s", contact: .connected(user: user), health: .answered(["state": "serving"]), process: process)
    }

    @Test(
        "that cannot be reached is a problem, with what to do",
        arguments: [
            (2, "no agent listens", "systemctl enable"), (111, "no agent listens", "systemctl enable"),
            (13, "you may not speak", "sudo usermod -aG berth \"$USER\""), (11, "cannot be reached", "status berthd"),
        ] as [(Int32, String, String)])
    func unreached(code: Int32, found: String, mend: String) throws {
        let agent = AgentFacts(socket: "/s", contact: .refused(KernelError("connect to", "/s", code: code)))
        let diagnosis = try diagnose(agent)
        let finding = try #require(diagnosis[.agentSocket])
        #expect(finding.level == .problem && finding.found.contains(found) && finding.shownBy == "/s")
        #expect(finding.mend.first?.contains(mend) == true)
        #expect(diagnosis[.agentHealth] == nil && diagnosis[.agentCapabilities] == nil)
    }

    @Test("that answers is told by its state")
    func health() throws {
        func level(_ health: AgentFacts.Health) throws -> Finding.Level? {
            try diagnose(AgentFacts(socket: "/s", contact: .connected(user: 0), health: health))[.agentHealth]?.level
        }
        #expect(try level(.answered(["state": "serving", "version": "1"])) == .ok)
        #expect(try level(.answered(["state": "starting"])) == .note)
        #expect(try level(.answered([1])) == .note)
        #expect(try level(.silent("it says nothing")) == .problem)
    }

    @Test("has a ledger that is told where the agent tells it")
    func ledger() throws {
        func finding(_ health: JSONValue) throws -> Finding? {
            try diagnose(
                AgentFacts(socket: "/s", contact: .connected(user: 0), health: .answered(health)))[.agentLedger]
        }
        #expect(try finding(["state": "serving"]) == nil)
        #expect(try finding(["ledger": "ok"])?.level == .ok)
        #expect(try finding(["ledger": "unwritable"])?.level == .problem)
    }

    @Test("has what it needs of root's powers and no more, in every thread")
    func capabilities() throws {
        let expected = AgentCapabilities.kept
        #expect(try diagnose(process([expected, expected]))[.agentCapabilities]?.level == .ok)
        #expect(try diagnose(process([CapabilitySet(bits: 0)]))[.agentCapabilities]?.level == .ok)
        let more = expected.union(CapabilitySet(["sys_module"]))
        let finding = try #require(try diagnose(process([expected, more, expected]))[.agentCapabilities])
        #expect(finding.level == .problem)
        #expect(finding.found.contains("1 (101)") && finding.found.hasSuffix("need: sys_module"))
        #expect(try diagnose(process([more, more]))[.agentCapabilities]?.found.hasPrefix("all 2") == true)
        #expect(try diagnose(process([]))[.agentCapabilities]?.level == .note)
    }

    @Test("of an ordinary user has none")
    func ordinary() throws {
        let finding = try diagnose(process([CapabilitySet(["kill"])], user: 1000))[.agentCapabilities]
        #expect(finding?.level == .problem)
    }

    @Test("that was told to enforce nothing says so, and that is no problem")
    func nothing() throws {
        let finding = try diagnose(process([]))[.agentReceipts]
        #expect(finding?.level == .note && finding?.found.contains("--cgroup-root none") == true)
    }
}
