import BerthJSON
import BerthModel
import Testing

@testable import BerthHost

@Suite("What CPUs share") struct CPURowsTests {
    func discover(
        _ files: [String: [Int: String]], online: CPUSet, info: String? = nil, nodes: [Host.NUMANode] = []
    ) throws -> Host.CPU {
        let reader = try ComputeTree(ComputeTree.cpus(files)).reader()
        let rows = CPURows.discover(CPUFolders(reader), online: online, info: info.map(CPUInfo.init), nodes: nodes)
        #expect(reader.problems.isEmpty)
        return Host.CPU(logical: rows)
    }

    @Test(
        "is read under the new names and the old",
        arguments: [
            ["topology/core_cpus_list", "topology/package_cpus_list"],
            ["topology/thread_siblings_list", "topology/core_siblings_list"],
        ])
    func names(files: [String]) throws {
        let cpu = try discover(
            [
                files[0]: [0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"],
                files[1]: [0: "0-3", 1: "0-3", 2: "0-3", 3: "0-3"],
            ], online: [0, 1, 2, 3])
        #expect(cpu.sets(\.core) == [[0, 2], [1, 3]])
        #expect(cpu.sets(\.package) == [[0, 1, 2, 3]])
    }

    @Test("is read from masks where there are no lists")
    func masks() throws {
        let cpu = try discover(
            [
                "topology/thread_siblings": [0: "00000000,00000003", 1: "00000000,00000003", 2: "00000000,00000004"],
                "topology/core_siblings": [0: "7", 1: "7", 2: "7"],
            ], online: [0, 1, 2])
        #expect(cpu.sets(\.core) == [[0, 1], [2]])
        #expect(cpu.sets(\.package) == [[0, 1, 2]])
    }

    @Test("leaves out siblings that are offline")
    func offline() throws {
        let cpu = try discover(["topology/thread_siblings": [0: "101", 1: "2"]], online: [0, 1])
        #expect(cpu.sets(\.core) == [[0], [1]])
    }

    @Test("is told by /proc/cpuinfo for a CPU whose folder says nothing")
    func gap() throws {
        let info = (0..<4).map { "processor : \($0)\nphysical id : 7\ncore id : \($0 % 2)\n\n" }.joined()
        let cpu = try discover(
            [
                "topology/core_cpus_list": [0: "0,2", 1: "1", 2: "0,2"],
                "topology/package_cpus_list": [0: "0-2", 1: "0-2", 2: "0-2"],
            ], online: [0, 1, 2, 3], info: info)
        #expect(cpu.sets(\.core) == [[0, 2], [1, 3]])
        #expect(cpu.sets(\.package) == [[0, 1, 2, 3]])
    }

    @Test("on a mainframe is books and drawers too")
    func books() throws {
        let cpu = try discover(
            [
                "topology/book_id": [0: "0", 1: "1", 2: "0"],
                "topology/book_siblings_list": [0: "0,2", 1: "1", 2: "0,2"],
                "topology/drawer_id": [0: "0", 1: "0", 2: "0"], "topology/drawer_siblings": [0: "7", 1: "7", 2: "7"],
            ], online: [0, 1, 2])
        #expect(cpu.sets(\.book) == [[0, 2], [1]])
        #expect(cpu.sets(\.drawer) == [[0, 1, 2]])
        #expect(cpu.json.description.contains(#""drawers":1,"books":2"#))
        let other = try discover(["topology/book_id": [0: "-1"], "topology/book_siblings_list": [0: "0"]], online: [0])
        #expect(other.sets(\.book) == nil)
    }

    @Test("is not told by core_id, which begins anew in each package")
    func repeatedIds() throws {
        let cpu = try discover(
            ["topology/core_id": [0: "0", 1: "0"], "topology/core_cpus_list": [0: "0", 1: "1"]], online: [0, 1])
        #expect(cpu.sets(\.core) == [[0], [1]])
    }

    @Test("in a package goes by the sets where the ids are -1 or repeat", arguments: ["-1", "0"])
    func packagesBySet(id: String) throws {
        let cpu = try discover(
            ["topology/physical_package_id": [0: id, 1: id], "topology/core_siblings_list": [0: "0", 1: "1"]],
            online: [0, 1])
        #expect(cpu.sets(\.package) == [[0], [1]])
    }

    @Test("in a package goes by the id on x86, where old kernels cut a package of two dies in two")
    func packagesById() throws {
        let x86 = "vendor_id : AuthenticAMD\nflags : lm"
        let halves = ["topology/core_siblings_list": [0: "0", 1: "1"]]
        let one = try discover(
            halves.merging(["topology/physical_package_id": [0: "8442", 1: "8442"]]) { $1 }, online: [0, 1], info: x86)
        #expect(one.sets(\.package) == [[0, 1]])
        let unknown = try discover(
            halves.merging(["topology/physical_package_id": [0: "65535", 1: "-1"]]) { $1 }, online: [0, 1], info: x86)
        #expect(unknown.sets(\.package) == [[0], [1]])
    }

    @Test("in a package goes by the id where there are no sets")
    func packagesByIdOnly() throws {
        let cpu = try discover(["topology/physical_package_id": [0: "36", 1: "8442", 2: "36"]], online: [0, 1, 2])
        #expect(cpu.sets(\.package) == [[0, 2], [1]])
    }

    @Test("has no dies and clusters where the kernel gives every CPU one of its own with the id -1")
    func noDies() throws {
        let own = [0: "0", 1: "1"]
        let cpu = try discover(
            [
                "topology/die_id": [0: "-1", 1: "-1"], "topology/die_cpus_list": own,
                "topology/cluster_id": [0: "65535", 1: "65535"], "topology/cluster_cpus_list": own,
            ], online: [0, 1])
        #expect(cpu.sets(\.die) == nil)
        #expect(cpu.sets(\.cluster) == nil)
    }

    @Test("has dies and clusters where the kernel knows them")
    func dies() throws {
        let pairs = [0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3"]
        let cpu = try discover(
            [
                "topology/die_id": [0: "0"], "topology/die_cpus_list": pairs, "topology/cluster_id": [0: "64"],
                "topology/cluster_cpus_list": pairs, "topology/core_cpus_list": [0: "0", 1: "1", 2: "2", 3: "3"],
            ], online: [0, 1, 2, 3])
        #expect(cpu.sets(\.die) == [[0, 1], [2, 3]])
        #expect(cpu.sets(\.cluster) == [[0, 1], [2, 3]])
    }

    @Test("has no clusters where each is just a core")
    func clustersAreCores() throws {
        let pairs = [0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3"]
        let cpu = try discover(
            [
                "topology/cluster_id": [0: "0"], "topology/cluster_cpus_list": pairs, "topology/core_cpus_list": pairs,
            ], online: [0, 1, 2, 3])
        #expect(cpu.sets(\.cluster) == nil)
        #expect(cpu.sets(\.core)?.count == 2)
    }

    @Test("is told by /proc/cpuinfo where the kernel has no topology folder")
    func cpuinfo() throws {
        let info = """
            processor: 0\nphysical id: 0\ncore id: 5\n\nprocessor: 1\nphysical id: 1\ncore id: 5\n
            processor: 2\nphysical id: 0\ncore id: 5\n\nprocessor: 3\n
            """
        let cpu = try discover([:], online: [0, 1, 2, 3], info: info)
        #expect(cpu.sets(\.core) == [[0, 2], [1]])
        #expect(cpu.sets(\.package) == [[0, 2], [1]])
    }

    @Test("is what the kernel's folders say, and /proc/cpuinfo for the CPUs of which they say nothing")
    func both() throws {
        let cpu = try discover(
            ["topology/core_cpus_list": [0: "0"]], online: [0, 1], info: "processor: 1\nphysical id: 3\ncore id: 4")
        #expect(cpu.sets(\.core) == [[0], [1]])
        #expect(cpu.logical.map(\.package) == [nil, 0])
    }

    @Test("has the NUMA node that lists the CPU")
    func nodes() throws {
        let nodes = [Host.NUMANode(id: 33, cpus: [1]), Host.NUMANode(id: 2, cpus: [0]), Host.NUMANode(id: 5)]
        #expect(try discover([:], online: [0, 1, 2], nodes: nodes).logical.map(\.node) == [2, 33, nil])
    }
}
