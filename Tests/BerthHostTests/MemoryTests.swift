import BerthModel
import Testing

@testable import BerthHost

@Suite("Memory of the host") struct MemoryTests {
    func discover(_ files: [String: String], nodes: [Host.NUMANode] = []) throws -> Host.Memory {
        let reader = try ComputeTree(files).reader()
        return Host.Memory.discover(reader, info: reader.contents("proc/meminfo").map(MemoryInfo.init), nodes: nodes)
    }

    @Test("is MemTotal, and not the sum of the nodes")
    func total() throws {
        let nodes = [Host.NUMANode(id: 0, memory: 4096)]
        #expect(try discover(["proc/meminfo": "MemTotal: 2 kB"], nodes: nodes).total == 2048)
        #expect(try discover([:], nodes: nodes + nodes).total == 8192)
        #expect(try discover([:], nodes: nodes + [Host.NUMANode(id: 1)]).total == nil)
        #expect(try discover([:], nodes: [.init(id: 0, memory: .max), .init(id: 1, memory: 1)]).total == nil)
        #expect(try discover([:]) == Host.Memory())
    }

    @Test("has huge pages of each size")
    func hugePages() throws {
        let folder = "sys/kernel/mm/hugepages"
        let memory = try discover([
            "\(folder)/hugepages-1048576kB/nr_hugepages": "2\n", "\(folder)/hugepages-2048kB/nr_hugepages": "512\n",
            "\(folder)/hugepages-2048kB/free_hugepages": "500\n", "\(folder)/hugepages-64kB/other": "1",
            "\(folder)/hugepages-xkB/nr_hugepages": "1", "\(folder)/hugepages-32kB/nr_hugepages": "-1",
            "proc/meminfo": "HugePages_Total: 7\nHugepagesize: 16 kB",
        ])
        #expect(
            memory.hugePages == [.init(sizeKiB: 2048, count: 512, free: 500), .init(sizeKiB: 1 << 20, count: 2)])
    }

    @Test("has huge pages of the default size where only meminfo counts them")
    func hugePagesOfMeminfo() throws {
        let memory = try discover(["proc/meminfo": "HugePages_Total: 7\nHugePages_Free: 6\nHugepagesize: 2048 kB"])
        #expect(memory.hugePages == [.init(sizeKiB: 2048, count: 7, free: 6)])
        #expect(try discover(["proc/meminfo": "HugePages_Total: 7"]).hugePages.isEmpty)
    }
}
