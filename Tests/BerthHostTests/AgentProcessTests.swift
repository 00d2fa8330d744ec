import BerthKernel
import Testing

@testable import BerthHost

@Suite("The agent's process")
struct AgentProcessTests {
    private static let status = "Name:\tberthd\nUid:\t0\t0\t0\t0\nCapEff:\t0000000000200000\n"
    private static let files = [
        "proc/7/status": status, "proc/7/comm": "berthd\n",
        "proc/7/cmdline": "berthd\0--cgroup-root\0/sys/fs/cgroup/w\0",
        "proc/7/task/7/status": status, "proc/7/task/12/status": "Name:\tx\nCapEff:\t0000000000000000\n",
        "proc/7/task/9/status": "Name:\tx\n",
    ]

    private func read(_ files: [String: String], peer: Int32 = 7) throws -> AgentProcess? {
        AgentProcess.read(try PlantedTree(files).reader().root, peer: peer, mount: "/sys/fs/cgroup")
    }

    @Test("is read with its user, the capabilities of each thread, and where it works")
    func reading() throws {
        let process = try #require(try read(Self.files))
        #expect(process.user == 0 && process.tasks.map(\.id) == [7, 12])
        #expect(process.tasks.map(\.capabilities.description) == ["sys_admin", "none"])
        #expect(process.root == .folder("/sys/fs/cgroup/w"))
    }

    @Test(
        "works where its command line says, else in its scope",
        arguments: [
            ("berthd\0--cgroup-root=none\0", .nowhere), ("berthd\0--cgroup-root\0none\0", .nowhere),
            ("berthd\0--host-root\0x\0", .nowhere), ("berthd\0--cgroup-root=/a\0", .folder("/a")),
            ("berthd\0--cgroup-root=a\0", nil), ("berthd\0--cgroup-root\0", .folder("/sys/fs/cgroup/" + scope)),
            ("", .folder("/sys/fs/cgroup/" + scope)),
        ] as [(String, AgentProcess.Workplace?)])
    func workplace(line: String, expected: AgentProcess.Workplace?) throws {
        let files = Self.files + ["proc/7/cmdline": line, "sys/fs/cgroup/\(scope)/cgroup.procs": ""]
        #expect(try read(files)?.root == expected)
    }

    @Test("is the service's, where systemd opened the socket")
    func activated() throws {
        let procs = "sys/fs/cgroup/system.slice/berthd.service/cgroup.procs"
        let files = Self.files + ["proc/1/status": Self.status, "proc/6/comm": "sh\n"]
        #expect(try read(files + [procs: "6\n7\n"], peer: 1)?.pid == 7)
        #expect(try read(files + [procs: "6\nx\n-1\n"], peer: 1) == nil)
        #expect(try read(files, peer: 1) == nil)
    }

    @Test("is nobody where the number is foreign or gone", arguments: [0, -1, 8, Int32.max])
    func nobody(peer: Int32) throws { #expect(try read(Self.files, peer: peer) == nil) }

    @Test("may have a /proc that says rubbish", arguments: ["", "Uid:\nCapEff:\n", "CapEff: zz\nUid: a b", "\0\0"])
    func rubbish(text: String) throws {
        let process = try #require(
            try read(["proc/7/status": text, "proc/7/task/7/status": text, "proc/7/task/x/y": ""]))
        #expect(process.user == nil && process.tasks.isEmpty && process.root == nil)
    }
}

private let scope = "berth.slice/berth-workloads.scope"
