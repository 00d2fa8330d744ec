import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The place where an agent works")
struct CgroupPlaceTests {
    private static let manager = "sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service"
    private static let user: [String: String?] = ["proc/self/status": "Uid:\t1000\t1000\t1000\t1000\n"]

    private func place(_ files: [String: String?], agent: AgentFacts? = nil) throws -> CgroupPlace? {
        let root = try PlantedTree(DoctorHost.sound(but: files).compactMapValues { $0 }).reader().root
        return DoctorFacts.discover(root, Host.discover(root), agent: agent).place
    }

    @Test("is the top of the tree for root, where systemd makes its slice")
    func top() throws {
        let place = try #require(try place([:]))
        #expect(place.kind == .top && place.folder == "/sys/fs/cgroup")
        #expect(place.delegated == ["cpu", "memory", "pids"])
    }

    @Test("is the group of its own in a container without systemd")
    func own() throws {
        let files = DoctorHost.group("sys/fs/cgroup/system.slice").mapValues { Optional($0) }
            .merging(["run/systemd/system/x": nil, ".dockerenv": ""]) { $1 }
        let place = try #require(try place(files))
        #expect(place.kind == .own && place.folder == "/sys/fs/cgroup/system.slice")
    }

    @Test("of an ordinary user is what its manager was given, and what that leaves out is told")
    func manager() throws {
        let files = Self.user.merging(["\(Self.manager)/cgroup.controllers": "cpu memory pids\n"]) { $1 }
        let place = try #require(try place(files))
        #expect(place.kind == .userManager && place.controllers == ["cpu", "memory", "pids"])
        let diagnosis = try DoctorHost.diagnose(DoctorHost.sound(but: files))
        #expect(diagnosis.isHealthy)
        for code in [Finding.Code.controllerCPUSet, .controllerIO] {
            #expect(diagnosis[code]?.level == .note)
            #expect(diagnosis[code]?.mend.contains { $0.contains("Delegate=cpuset cpu io memory pids") } == true)
        }
        #expect(diagnosis[.controllerCPU]?.level == .ok)
        #expect(diagnosis[.user]?.found.hasSuffix("without cpuset io") == true)
    }

    @Test("is missing where an ordinary user has no manager, unless the agent is root's")
    func nowhere() throws {
        #expect(try place(Self.user) == nil)
        #expect(try DoctorHost.diagnose(DoctorHost.sound(but: Self.user)).problems == [.user])
        let forbidden = AgentFacts(socket: "/s", contact: .refused(KernelError("connect to", "/s", code: 13)))
        #expect(try place(Self.user, agent: forbidden)?.kind == .top)
        #expect(
            try DoctorHost.diagnose(DoctorHost.sound(but: Self.user), agent: forbidden).problems == [.agentSocket])
    }

    @Test("is where a running agent works, and what it did not switch on there is a problem")
    func agent() throws {
        let files: [String: String?] = [
            "sys/fs/cgroup/w/cgroup.controllers": "cpu cpuset io memory pids\n",
            "sys/fs/cgroup/w/cgroup.subtree_control": "cpu cpuset memory pids\n",
        ]
        let process = AgentProcess(pid: 7, user: 0, tasks: [], root: .folder("/sys/fs/cgroup/w"))
        let agent = AgentFacts(socket: "/s", contact: .connected(user: 0), process: process)
        #expect(try place(files, agent: agent)?.kind == .agent)
        let diagnosis = try DoctorHost.diagnose(DoctorHost.sound(but: files), agent: agent)
        #expect(diagnosis.problems == [.controllerIO, .agentReceipts])
        #expect(diagnosis[.agentReceipts]?.found.hasSuffix(": storage") == true)
    }
}
