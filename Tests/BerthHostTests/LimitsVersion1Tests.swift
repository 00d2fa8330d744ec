import BerthModel
import Testing

@testable import BerthHost

@Suite("The agent's own limits in cgroups of version 1") struct LimitsVersion1Tests {
    static let tables = [
        "proc/self/mountinfo": """
        32 23 0:29 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct
        33 23 0:30 / /cg/cpuset rw - cgroup cgroup rw,cpuset
        34 23 0:31 /docker/x /cg/memory rw - cgroup cgroup rw,memory
        35 23 0:32 / /cg/pids rw - cgroup cgroup rw,pids

        """,
        "proc/self/cgroup": "4:pids:/p\n3:memory:/docker/x/m\n2:cpuset:/s\n1:cpu,cpuacct:/c\n",
    ]

    func discover(_ files: [String: String]) throws -> Host.Limits {
        let reader = try ComputeTree(Self.tables + files).reader()
        return Host.Limits.discover(reader, online: LimitsTests.online, nodes: LimitsTests.nodes, total: 3 << 30)
    }

    @Test("are found in each controller's own tree")
    func all() throws {
        let limits = try discover([
            "cg/cpu/c/cpu.cfs_quota_us": "250000\n", "cg/cpu/c/cpu.cfs_period_us": "100000\n",
            "cg/cpu/cpu.cfs_quota_us": "-1\n", "cg/cpu/cpu.cfs_period_us": "100000\n",
            "cg/cpuset/s/cpuset.cpus": "0-5\n", "cg/cpuset/s/cpuset.effective_cpus": "0-3\n",
            "cg/cpuset/s/cpuset.mems": "0\n", "cg/memory/m/memory.limit_in_bytes": "9223372036854771712\n",
            "cg/memory/memory.limit_in_bytes": "536870912\n", "cg/memory/memory.memsw.limit_in_bytes": "536870913\n",
            "cg/pids/p/pids.max": "7\n",
        ])
        #expect(limits.cgroup == .v1)
        #expect(limits.cpus == .init([0, 1, 2, 3], by: "/cg/cpuset/s/cpuset.effective_cpus"))
        #expect(limits.cpuMillicores == .init(2500, by: "/cg/cpu/c/cpu.cfs_quota_us"))
        #expect(limits.memoryNodes == .init([0], by: "/cg/cpuset/s/cpuset.mems"))
        #expect(limits.memory == .init(512 << 20, by: "/cg/memory/memory.limit_in_bytes"))
        #expect(limits.swap == .init(1, by: "/cg/memory/memory.memsw.limit_in_bytes"))
        #expect(limits.processes == .init(7, by: "/cg/pids/p/pids.max"))
    }

    @Test("do not count for a child of a group that has the hierarchy off")
    func hierarchy() throws {
        let files = [
            "cg/memory/memory.limit_in_bytes": "536870912\n", "cg/memory/m/memory.limit_in_bytes": "1073741824\n",
        ]
        #expect(try discover(files).memory?.value == 512 << 20)
        #expect(try discover(files + ["cg/memory/memory.use_hierarchy": "0\n"]).memory?.value == 1 << 30)
        #expect(try discover(files + ["cg/memory/memory.use_hierarchy": "1\n"]).memory?.value == 512 << 20)
    }

    @Test("are in files without a prefix where cpusets are mounted as before cgroups")
    func noPrefix() throws {
        let reader = try ComputeTree([
            "proc/mounts": "cpuset /dev/cpuset cgroup rw,cpuset,noprefix 0 0\n", "proc/self/cpuset": "/prout\n",
            "dev/cpuset/cpus": "0-7\n", "dev/cpuset/mems": "0-1\n", "dev/cpuset/prout/cpus": "0-3\n",
            "dev/cpuset/prout/mems": "1\n",
        ]).reader()
        let limits = Host.Limits.discover(reader, online: LimitsTests.online, nodes: LimitsTests.nodes, total: nil)
        #expect(limits.cpus == .init([0, 1, 2, 3], by: "/dev/cpuset/prout/cpus"))
        #expect(limits.memoryNodes == .init([1], by: "/dev/cpuset/prout/mems"))
        #expect(limits.groupFolder == "/dev/cpuset/prout")
    }
}
