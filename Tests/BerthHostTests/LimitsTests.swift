import BerthModel
import Testing

@testable import BerthHost

@Suite("The agent's own limits") struct LimitsTests {
    static let online = CPUSet(0..<8)
    static let nodes = [
        Host.NUMANode(id: 0, cpus: [0, 1, 2, 3], memory: 1 << 30),
        Host.NUMANode(id: 1, cpus: [4, 5, 6, 7], memory: 2 << 30), Host.NUMANode(id: 2, cpus: [], memory: 0),
    ]
    static let mount = "31 23 0:28 / /cg rw - cgroup2 cgroup2 rw\n"

    /// What is left in a group `/a/b` of version 2, whose files are given.
    func discover(_ files: [String: String], own: String = "/a/b") throws -> Host.Limits {
        let tree = try ComputeTree(
            ["proc/self/mountinfo": Self.mount, "proc/self/cgroup": "0::\(own)\n"] + files)
        return Host.Limits.discover(try tree.reader(), online: Self.online, nodes: Self.nodes, total: 3 << 30)
    }

    @Test("are the host's where nothing narrows it")
    func none() throws {
        let limits = try discover([
            "proc/self/status": "Cpus_allowed_list:\t0-127\nMems_allowed_list:\t0-1\n",
            "cg/cpuset.cpus.effective": "0-7\n", "cg/cpuset.mems.effective": "0-1\n", "cg/a/cpu.max": "max 100000\n",
            "cg/a/memory.max": "max\n",
        ])
        #expect(limits.cpus == .init(Self.online, by: "host"))
        #expect(limits.affinity == Self.online)
        #expect(limits.cpuMillicores == .init(8000, by: "host"))
        #expect(limits.memoryNodes == .init([0, 1], by: "host"))
        #expect(limits.memory == .init(3 << 30, by: "host"))
        #expect(limits.swap == nil)
        #expect(limits.processes == nil)
        #expect(limits.groupFolder == "/cg/a/b")
    }

    @Test("are set by the outermost group that has them")
    func cpuset() throws {
        let limits = try discover([
            "cg/cpuset.cpus.effective": "0-7\n", "cg/a/cpuset.cpus.effective": "2-5\n",
            "cg/a/b/cpuset.cpus.effective": "2-5\n",
        ])
        #expect(limits.cpus == .init([2, 3, 4, 5], by: "/cg/a/cpuset.cpus.effective"))
        #expect(limits.cpuMillicores == .init(4000, by: "/cg/a/cpuset.cpus.effective"))
    }

    @Test("of a partition are its own: its parent has given those CPUs away")
    func partition() throws {
        let limits = try discover(["cg/a/cpuset.cpus.effective": "0-3\n", "cg/a/b/cpuset.cpus.effective": "4-5\n"])
        #expect(limits.cpus == .init([4, 5], by: "/cg/a/b/cpuset.cpus.effective"))
    }

    @Test("of a group without the controller are its nearest ancestor's")
    func ancestor() throws {
        #expect(try discover(["cg/a/cpuset.cpus.effective": "1\n"]).cpus?.value == [1])
        #expect(
            try discover(["cg/a/b/cpuset.cpus.effective": "\n", "cg/a/cpuset.cpus.effective": "1\n"]).cpus?.value == [1]
        )
    }

    @Test("are cut by affinity, which is named only where it cuts further")
    func affinity() throws {
        let status = "Cpus_allowed_list:\t2-3\n"
        #expect(try discover(["proc/self/status": status]).cpus == .init([2, 3], by: "affinity"))
        let both = try discover(["proc/self/status": status, "cg/a/b/cpuset.cpus.effective": "2-5"])
        #expect(both.cpus == .init([2, 3], by: "/cg/a/b/cpuset.cpus.effective and affinity"))
        let same = try discover(["proc/self/status": status, "cg/a/b/cpuset.cpus.effective": "2-3"])
        #expect(same.cpus == .init([2, 3], by: "/cg/a/b/cpuset.cpus.effective"))
    }

    @Test("that leave nothing contradict the host, and are noted")
    func contradiction() throws {
        let reader = try ComputeTree(["proc/self/status": "Cpus_allowed_list: 50\n"]).reader()
        let limits = Host.Limits.discover(reader, online: [0], nodes: [], total: nil)
        #expect(limits.cpus == .init([0], by: "host"))
        #expect(reader.problems.count == 1)
    }

    @Test("on memory nodes leave the memory of those nodes")
    func memoryNodes() throws {
        let limits = try discover(["cg/a/b/cpuset.mems.effective": "1\n"])
        #expect(limits.memoryNodes == .init([1], by: "/cg/a/b/cpuset.mems.effective"))
        #expect(limits.memory == .init(2 << 30, by: "/cg/a/b/cpuset.mems.effective"))
    }

    @Test(
        "on CPU time are the smallest quota of any ancestor",
        arguments: [
            (["a/b/cpu.max": "150000 100000", "a/cpu.max": "max 100000"], 1500, "/cg/a/b/cpu.max"),
            (["a/b/cpu.max": "150000 100000", "a/cpu.max": "50000 50000"], 1000, "/cg/a/cpu.max"),
            (["a/b/cpu.max": "100000 100000", "a/cpu.max": "50000 50000"], 1000, "/cg/a/cpu.max"),
            (["a/b/cpu.max": "33333 100000"], 333, "/cg/a/b/cpu.max"),
            (["a/b/cpu.max": "900000 100000"], 8000, "host"),
            (["a/b/cpu.max": "junk", "a/cpu.max": "0 100000"], 8000, "host"),
        ] as [([String: String], Int, String)])
    func quota(files: [String: String], millicores: Int, by: String) throws {
        let below = Dictionary(uniqueKeysWithValues: files.map { ("cg/\($0)", $1) })
        #expect(try discover(below).cpuMillicores == .init(millicores, by: by))
    }

    @Test("on memory are the smallest maximum of any ancestor, and beside it the smallest high")
    func memory() throws {
        let limits = try discover([
            "cg/a/b/memory.max": "1073741824\n", "cg/a/memory.high": "536870912\n", "cg/a/memory.max": "max\n",
            "cg/a/b/memory.swap.max": "0\n", "cg/a/b/pids.max": "100\n", "cg/a/pids.max": "100\n",
        ])
        #expect(limits.memory == .init(1 << 30, by: "/cg/a/b/memory.max"))
        #expect(limits.memoryHigh == .init(512 << 20, by: "/cg/a/memory.high"))
        #expect(try discover(["cg/a/memory.max": "5000\n", "cg/a/b/memory.high": "5000\n"]).memoryHigh == nil)
        #expect(limits.swap == .init(0, by: "/cg/a/b/memory.swap.max"))
        #expect(limits.processes == .init(100, by: "/cg/a/pids.max"))
        #expect(try discover(["cg/a/memory.max": "9999999999999"]).memory?.by == "host")
    }

    @Test("are unknown where nothing is known of the host")
    func unknown() throws {
        let limits = Host.Limits.discover(try ComputeTree([:]).reader(), online: nil, nodes: [], total: nil)
        #expect(limits == Host.Limits())
    }

    @Test("are what a container sees of its own group, mounted as if it were the root")
    func container() throws {
        let limits = try discover(
            [
                "proc/self/mountinfo": "31 23 0:28 /docker/x /cg rw - cgroup2 cgroup2 rw\n",
                "cg/cpu.max": "200000 100000\n", "cg/cpuset.cpus.effective": "0-3\n",
            ], own: "/docker/x")
        #expect(limits.cpuMillicores == .init(2000, by: "/cg/cpu.max"))
        #expect(limits.groupFolder == "/cg")
    }
}
