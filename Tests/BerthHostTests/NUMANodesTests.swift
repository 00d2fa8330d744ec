import BerthModel
import Testing

@testable import BerthHost

@Suite("NUMA nodes") struct NUMANodesTests {
    static let folder = "sys/devices/system/node"

    func discover(_ files: [String: String], online: CPUSet? = nil) throws -> [Host.NUMANode] {
        Host.NUMANode.discover(try ComputeTree(files).reader(), online: online, hugePageSize: 2 << 20)
    }

    @Test("are read in the order of their numbers, gaps and all")
    func sparse() throws {
        let nodes = try discover(
            [
                "\(Self.folder)/node45/cpulist": "2-3\n", "\(Self.folder)/node45/meminfo": "Node 45 MemTotal: 8 kB",
                "\(Self.folder)/node45/distance": "16 10\n", "\(Self.folder)/node2/cpulist": "0-1\n",
                "\(Self.folder)/node2/meminfo": "Node 2 MemTotal: 4 kB\nNode 2 MemFree: 1 kB\n",
                "\(Self.folder)/node2/distance": "10 16\n", "\(Self.folder)/possible": "0-63",
            ], online: [0, 1, 2])
        #expect(
            nodes == [
                .init(id: 2, cpus: [0, 1], memory: 4096, memoryFree: 1024, distance: [10, 16]),
                .init(id: 45, cpus: [2], memory: 8192, distance: [16, 10]),
            ])
    }

    @Test("may have no CPUs or no memory")
    func partial() throws {
        let nodes = try discover([
            "\(Self.folder)/node0/cpulist": "\n", "\(Self.folder)/node0/meminfo": "Node 0 MemTotal: 8 kB",
            "\(Self.folder)/node1/cpumap": "00000000,00000003\n",
            "\(Self.folder)/node1/meminfo": "Node 1 MemTotal: 0 kB",
            "\(Self.folder)/node2/cpu7/": "", "\(Self.folder)/node3/": "",
        ])
        #expect(nodes.map(\.cpus) == [[], [0, 1], [7], nil])
        #expect(nodes.map(\.memory) == [8192, 0, nil, nil])
    }

    @Test("have huge pages of their own, from meminfo where there is no folder")
    func hugePages() throws {
        let nodes = try discover([
            "\(Self.folder)/node0/hugepages/hugepages-2048kB/nr_hugepages": "5\n",
            "\(Self.folder)/node1/meminfo": "Node 1 HugePages_Total: 3\nNode 1 HugePages_Free: 2\n",
        ])
        #expect(
            nodes.map(\.hugePages) == [[.init(sizeKiB: 2048, count: 5)], [.init(sizeKiB: 2048, count: 3, free: 2)]])
    }

    @Test(
        "have no distances where there is not one for each node",
        arguments: ["10", "10 20 30", "10 x", "10 -1", "10 256", "10 99999999999999999999"])
    func distances(text: String) throws {
        let tree = try ComputeTree(["\(Self.folder)/node0/distance": text, "\(Self.folder)/node1/": ""])
        let reader = try tree.reader()
        let nodes = Host.NUMANode.discover(reader, online: nil, hugePageSize: nil)
        #expect(nodes.map(\.distance) == [nil, nil])
        #expect(reader.problems.count == 1)
    }

    @Test("are none where the kernel shows none")
    func none() throws { #expect(try discover([:]).isEmpty) }

    @Test("say whose memory they are")
    func devices() throws {
        let nodes = try discover([
            "\(Self.folder)/node0/cpulist": "0", "\(Self.folder)/node2/cpulist": "",
            "\(Self.folder)/node255/cpulist": "",
            "proc/driver/nvidia/gpus/0004:04:00.0/numa_status": "Node:\t\t255\nStatus:\tonline\n",
            "proc/driver/nvidia/gpus/0004:05:00.0/numa_status": "Node:\t\t-1\nStatus:\toffline\n",
            "proc/driver/nvidia/gpus/0004:06:00.0/information": "",
            "sys/bus/dax/drivers/kmem/dax1.0/": "", "sys/bus/dax/devices/dax1.0/target_node": "2\n",
            "sys/bus/dax/drivers/device_dax/dax0.0/": "", "sys/bus/dax/devices/dax0.0/target_node": "0\n",
        ])
        #expect(nodes.map(\.device) == [nil, .dax(names: ["dax1.0"]), .gpu(pci: "0004:04:00.0")])
    }
}
