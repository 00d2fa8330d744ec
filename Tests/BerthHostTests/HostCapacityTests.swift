import BerthModel
import Testing

@testable import BerthHost

/// What of a discovered host can be reserved.
@Suite("What a host has to give") struct HostCapacityTests {
    private func capacity(_ change: (inout Host) -> Void) throws -> Capacity {
        var host = Host(
            cpu: Host.CPU(logical: []), memory: Host.Memory(), numa: [], gpus: [], displays: [],
            storage: Host.Storage(),
            filesystems: [], network: Host.Network(), limits: Host.Limits(), pressure: Host.Pressure(),
            kernel: Host.Kernel(), problems: [])
        host.cpu = Host.CPU(online: [0], logical: [Host.CPU.Logical(id: 0)])
        change(&host)
        return try Capacity(host, CapacitySettings(reservedMemory: .zero))
    }

    /// Eight CPUs with these parts by number, as one that discovery has found.
    private func topology(_ row: (Int) -> Host.CPU.Logical) throws -> CPUTopology {
        try capacity { $0.cpu = Host.CPU(online: CPUSet(0..<8), logical: (0..<8).map(row)) }.topology
    }

    @Test("is no memory that a GPU has lent, but what other devices brought")
    func lentMemory() throws {
        func memory(_ device: Host.NUMANode.Device?) throws -> Int64 {
            try capacity {
                $0.memory.total = 64 << 30
                $0.numa = [
                    Host.NUMANode(id: 0, memory: 48 << 30), Host.NUMANode(id: 255, memory: 16 << 30, device: device),
                ]
                $0.limits.memory = .init(64 << 30, by: "host")
            }.memory.units
        }
        #expect(try memory(.gpu(pci: "0004:04:00.0")) == 48 << 30)
        #expect(try memory(.dax(names: ["dax0.0"])) == 64 << 30)
        #expect(try memory(nil) == 64 << 30)
        let narrow = try capacity {
            $0.memory.total = 112 << 30
            $0.numa = [
                Host.NUMANode(id: 0, memory: 48 << 30), Host.NUMANode(id: 1, memory: 48 << 30),
                Host.NUMANode(id: 2, memory: 16 << 30, device: .gpu(pci: "0004:04:00.0")),
            ]
            $0.limits.memoryNodes = .init([0, 2], by: "/a/cpuset.mems.effective")
            $0.limits.memory = .init(64 << 30, by: "/a/cpuset.mems.effective")
        }
        #expect(narrow.memory.units == 48 << 30)
    }

    @Test("has no distances between nodes whose numbers no kernel gives", arguments: [1_023, 1_024, 1 << 53, -1])
    func nodeNumbers(last: Int) throws {
        let capacity = try capacity {
            $0.numa = [Host.NUMANode(id: 0, distance: [10, 20]), Host.NUMANode(id: last, distance: [20, 10])]
        }
        #expect((capacity.topology.distances != nil) == (last == 1_023))
    }

    @Test("is no memory above which everything is throttled")
    func throttled() throws {
        let capacity = try capacity {
            $0.limits.memory = .init(8 << 30, by: "/a/memory.max")
            $0.limits.memoryHigh = .init(4 << 30, by: "/a/memory.high")
        }
        #expect(capacity.memory.units == 4 << 30)
    }

    @Test("is a link once, of which a virtual machine has the virtual function too")
    func twoEnds() throws {
        let capacity = try capacity {
            $0.network.nics = [
                Host.NIC(name: "enP1s1", master: "eth0"), Host.NIC(name: "eth0"),
                Host.NIC(name: "eth1", master: "bond0"),
            ]
        }
        #expect(capacity.interfaces.map(\.name) == ["eth0", "eth1"])
    }

    @Test(
        "has the L2 caches that cores share for its last ones where there is no L3, and their clusters where there is neither"
    )
    func lastLevel() throws {
        let byL2 = try topology { Host.CPU.Logical(id: $0, package: 0, core: $0, l2: $0 % 2) }
        #expect(byL2.groups(.l3).map(\.cpus) == [[0, 2, 4, 6], [1, 3, 5, 7]])
        let within = try topology { Host.CPU.Logical(id: $0, package: 0, cluster: $0 / 4, core: $0, l2: $0, l3: 0) }
        #expect(within.groups(.l3).count == 1 && Set(within.places.map(\.cluster)).count == 2)
        // An L2 for each core says nothing.
        let own = try topology { Host.CPU.Logical(id: $0, package: 0, cluster: $0 / 4, core: $0 / 2, l2: $0 / 2) }
        #expect(own.groups(.l3).map(\.cpus) == [[0, 1, 2, 3], [4, 5, 6, 7]])
        let both = try topology { Host.CPU.Logical(id: $0, package: 0, core: $0, l2: $0 / 2, l3: $0 < 6 ? 0 : nil) }
        #expect(both.groups(.l3).map(\.cpus) == [[0, 1, 2, 3, 4, 5], [6, 7]])
        let none = try topology { Host.CPU.Logical(id: $0, package: $0 / 4) }
        #expect(none.groups(.l3).map(\.cpus) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    }

    @Test("has packages that stand in books, and these in drawers, nearer to each other")
    func books() throws {
        // Four sockets of two CPUs: the first and the third in one book, the others in the other.
        let books = try topology { Host.CPU.Logical(id: $0, drawer: 0, book: $0 / 2 % 2, package: $0 / 2, core: $0) }
        #expect(books.groups(.package).map(\.cpus) == [[0, 1, 4, 5], [2, 3, 6, 7]])
        #expect(books.groups(.die).map(\.cpus) == [[0, 1], [2, 3], [4, 5], [6, 7]])
        let drawers = try topology { Host.CPU.Logical(id: $0, drawer: $0 / 4, book: $0 / 2, package: $0, core: $0) }
        #expect(drawers.groups(.package).map(\.cpus) == [[0, 1, 2, 3], [4, 5, 6, 7]])
        #expect(drawers.groups(.die).map(\.cpus) == [[0, 1], [2, 3], [4, 5], [6, 7]])
        #expect(drawers.groups(.l3).count == 8)
    }
}
