import BerthKernel
import BerthModel
import Foundation
import Support
import Testing

@testable import BerthHost

@Suite("Processors, memory, nodes and limits together") struct ComputeTests {
    /// A machine that has every file that is read, each true.
    static let machine: [String: String] = [
        "proc/cpuinfo":
            "processor: 0\nvendor_id: X\nmodel name: Y\nflags: lm\nphysical id: 0\ncore id: 0\nprocessor: 1\n",
        "proc/meminfo": "MemTotal: 2048 kB\nMemAvailable: 1024 kB\nHugepagesize: 2048 kB\n",
        "proc/stat": "cpu0 1\ncpu1 1\n", "proc/cmdline": "isolcpus=nohz,domain,1\n",
        "proc/sys/kernel/arch": "x86_64\n", "proc/device-tree/model": "Board\u{0}",
        "proc/self/status": "Cpus_allowed_list:\t0-1\nMems_allowed_list:\t0\n", "proc/self/cgroup": "0::/a\n",
        "proc/self/cpuset": "/a\n", "proc/driver/nvidia/gpus/0000:01:00.0/numa_status": "Node: 1\n",
        "proc/self/mountinfo": LimitsTests.mount + "32 23 0:29 / /v1 rw - cgroup cgroup rw,cpu,cpuset,memory,pids\n",
        "cg/a/cpu.max": "50000 100000\n", "cg/a/cpuset.cpus.effective": "0-1\n", "cg/a/cpuset.mems.effective": "0\n",
        "cg/a/memory.max": "4096\n", "cg/a/memory.high": "max\n", "cg/a/memory.swap.max": "0\n", "cg/a/pids.max": "5\n",
        "v1/cpu.cfs_quota_us": "-1\n", "v1/cpu.cfs_period_us": "100000\n", "v1/cpuset.cpus": "0-1\n",
        "v1/memory.limit_in_bytes": "9223372036854771712\n", "v1/memory.memsw.limit_in_bytes": "9223372036854771712\n",
        "v1/memory.use_hierarchy": "1\n", "v1/cpuset.effective_cpus": "0-1\n",
        "sys/devices/system/cpu/online": "0-1\n", "sys/devices/system/cpu/present": "0-1\n",
        "sys/devices/system/cpu/possible": "0-3\n", "sys/devices/system/cpu/offline": "\n",
        "sys/devices/cpu_core/cpus": "0\n", "sys/devices/cpu_atom/cpus": "1\n",
        "sys/devices/system/node/node0/cpulist": "0-1\n", "sys/devices/system/node/node0/distance": "10 20\n",
        "sys/devices/system/node/node0/meminfo": "Node 0 MemTotal: 2048 kB\n",
        "sys/devices/system/node/node1/cpumap": "0\n", "sys/devices/system/node/node1/distance": "20 10\n",
        "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages": "3\n",
        "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "3\n",
        "sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages": "2\n",
        "sys/bus/dax/drivers/kmem/dax0.0/x": "", "sys/bus/dax/devices/dax0.0/target_node": "1\n",
    ]

    /// What each of its CPUs has.
    static let perCPU = ComputeTree.cpus([
        "online": [0: "1", 1: "1"], "topology/core_cpus_list": [0: "0", 1: "1"],
        "topology/thread_siblings": [0: "1", 1: "2"], "topology/package_cpus_list": [0: "0-1", 1: "0-1"],
        "topology/physical_package_id": [0: "0", 1: "0"], "topology/die_id": [0: "0", 1: "0"],
        "topology/die_cpus_list": [0: "0-1", 1: "0-1"], "topology/cluster_id": [0: "0", 1: "0"],
        "topology/cluster_cpus_list": [0: "0-1", 1: "0-1"], "cache/index0/level": [0: "2", 1: "2"],
        "cache/index0/type": [0: "Data", 1: "Data"], "cache/index0/shared_cpu_map": [0: "1", 1: "2"],
        "cache/index1/level": [0: "3", 1: "3"], "cache/index1/shared_cpu_list": [0: "0-1", 1: "0-1"],
        "cpu_capacity": [0: "1024", 1: "500"], "cpufreq/cpuinfo_max_freq": [0: "3000000", 1: "2000000"],
        "cpufreq/cpuinfo_min_freq": [0: "1000000", 1: "1000000"],
        "cpufreq/base_frequency": [0: "2000000", 1: "1000000"],
        "acpi_cppc/nominal_freq": [0: "2000", 1: "2000"],
    ])

    @Test("agree on what they share")
    func whole() throws {
        let compute = try ComputeTree(Self.machine + Self.perCPU).compute()
        #expect(compute.cpu.online == [0, 1])
        #expect(compute.cpu.allowed == [0, 1])
        #expect(compute.cpu.isolated == [1])
        #expect(compute.cpu.machine == "Board")
        #expect(
            compute.cpu.logical == [
                .init(id: 0, package: 0, die: 0, cluster: 0, core: 0, l2: 0, l3: 0, node: 0),
                .init(id: 1, package: 0, die: 0, cluster: 0, core: 1, l2: 1, l3: 0, node: 0),
            ])
        #expect(compute.cpu.kinds.map(\.cpus) == [[0], [1]])
        #expect(compute.memory.total == 2 << 20)
        #expect(compute.memory.allowedNodes == [0])
        #expect(compute.nodes.map(\.device) == [nil, .gpu(pci: "0000:01:00.0")])
        #expect(compute.limits.cpuMillicores == .init(500, by: "/cg/a/cpu.max"))
        #expect(compute.limits.memory == .init(4096, by: "/cg/a/memory.max"))
    }

    @Test("of an empty tree are unknown, and nothing is wrong with that")
    func empty() throws {
        let reader = try ComputeTree([:]).reader()
        let compute = Compute.discover(reader)
        #expect(compute == Compute(cpu: Host.CPU(), memory: Host.Memory(), nodes: [], limits: Host.Limits()))
        #expect(reader.problems.isEmpty)
    }

    @Test("of this machine have a CPU and some memory, and nothing is wrong")
    func live() throws {
        let reader = HostReader(root: try Root.live())
        let compute = Compute.discover(reader)
        #expect(compute.cpu.online?.isEmpty == false)
        #expect(compute.cpu.allowed?.isEmpty == false)
        #expect(compute.memory.total ?? 0 > 1 << 20)
        #expect(reader.problems.isEmpty)
    }

    /// What files may hold that kernels do not write.
    static let hostile: [String] = [
        "", "\n", "\u{0}", "\u{0}\u{0}\u{0}1", "-1", "-9223372036854775808", "9223372036854775807", "65535", "65536",
        "18446744073709551616", "0-65535", "0-4294967295", "4294967295", "max", "max max", "NaN", "0x", "x", ",", "-",
        ":", "::", "::::", ": :", "/", "/../../../..", "\\", "\\0", "\\777", "%s%n", "\u{FEFF}1", "\u{202E}0", "é",
        "e\u{301}",
        "0-1,0-1,0-1", "1-0", "0:0/0", "0-9:1/0", "MemTotal: 9223372036854775807 kB", "MemTotal: -1 kB", "Node -1",
        "Node 9999999999: 1", "processor: -1", "processor: 65535\nphysical id: -1\ncore id: 9223372036854775807",
        "0::/../..", "0::/" + String(repeating: "a/", count: 3000), "1 1 0:1 / / rw - cgroup2", "- - - - - - - -",
        String(repeating: "9", count: 5000), String(repeating: ",", count: 5000),
        String(repeating: "0-65535,", count: 100),
    ]

    @Test("survive anything in all of their files", arguments: hostile.indices)
    func hostileTree(index: Int) throws {
        let tree = try ComputeTree((Self.machine + Self.perCPU).mapValues { _ in Self.hostile[index] })
        #expect(throws: Never.self) { try tree.compute() }
    }

    @Test(
        "survive anything in any one of their files, with all others true",
        arguments: ["", "\u{0}", "-1", "65535", "0-65535", "18446744073709551616", "\u{FEFF}é", "::/:/"])
    func hostileFile(text: String) throws {
        let all = Self.machine + Self.perCPU
        let tree = try ComputeTree(all)
        for (path, truth) in all {
            try tree.write(path, Data(text.utf8))
            #expect(throws: Never.self) { try tree.compute() }
            try tree.write(path, Data(truth.utf8))
        }
    }

    @Test("survive bytes at random, and texts cut anywhere")
    func random() throws {
        var generator = SeededGenerator.named("Compute random")
        let all = (Self.machine + Self.perCPU).sorted { $0.key < $1.key }
        let tree = try ComputeTree(Dictionary(uniqueKeysWithValues: all))
        for _ in 0..<100 {
            let damaged = all.filter { _ in Int.random(in: 0..<8, using: &generator) == 0 }
            for (path, text) in damaged {
                var bytes = Data(text.utf8)
                if Bool.random(using: &generator) {
                    bytes = bytes.prefix(Int.random(in: 0...bytes.count, using: &generator))
                } else {
                    for _ in 0..<3 where !bytes.isEmpty {
                        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                            in: 0...255, using: &generator)
                    }
                }
                try tree.write(path, bytes)
            }
            let compute = try tree.compute()
            let json = [compute.cpu.json, compute.memory.json, compute.limits.json] + compute.nodes.map(\.json)
            #expect(json.allSatisfy { !"\($0)".isEmpty }, "\(generator.note)")
            for (path, text) in damaged { try tree.write(path, Data(text.utf8)) }
        }
    }
}
