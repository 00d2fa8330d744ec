import BerthModel
import Testing

@testable import BerthHost

@Suite("Which CPUs share caches") struct CPUCachesTests {
    func discover(_ files: [String: [Int: String]], online: CPUSet) throws -> Host.CPU {
        let reader = try ComputeTree(ComputeTree.cpus(files)).reader()
        var rows = online.map { Host.CPU.Logical(id: $0) }
        CPUCaches.read(into: &rows, CPUFolders(reader), online: online)
        return Host.CPU(logical: rows)
    }

    @Test("goes by the level, whatever index it has")
    func levels() throws {
        // A small core without a level 2: its index 2 is what a large core has at index 3.
        let cpu = try discover(
            [
                "cache/index0/level": [0: "1", 1: "1"], "cache/index1/level": [0: "1", 1: "1"],
                "cache/index2/level": [0: "3", 1: "2"], "cache/index2/shared_cpu_list": [0: "0-1", 1: "1"],
                "cache/index3/level": [1: "3"], "cache/index3/shared_cpu_list": [1: "0-1"],
            ], online: [0, 1])
        #expect(cpu.logical.map(\.l2) == [nil, 0])
        #expect(cpu.logical.map(\.l3) == [0, 0])
    }

    @Test("counts the data half of a split cache, in whichever order the halves come")
    func split() throws {
        for data in [1, 2] {
            let instruction = 3 - data
            let cpu = try discover(
                [
                    "cache/index0/level": [0: "1", 1: "1"],
                    "cache/index\(data)/level": [0: "2", 1: "2"], "cache/index\(instruction)/level": [0: "2", 1: "2"],
                    "cache/index\(data)/type": [0: "Data", 1: "Data"],
                    "cache/index\(instruction)/type": [0: "Instruction", 1: "Instruction"],
                    "cache/index\(data)/shared_cpu_map": [0: "1", 1: "2"],
                    "cache/index\(instruction)/shared_cpu_map": [0: "3", 1: "3"],
                ], online: [0, 1])
            #expect(cpu.sets(\.l2) == [[0], [1]])
        }
    }

    @Test("survives a gap in the indices")
    func gap() throws {
        let cpu = try discover(
            ["cache/index0/level": [0: "1"], "cache/index4/level": [0: "2"], "cache/index4/shared_cpu_list": [0: "0"]],
            online: [0])
        #expect(cpu.sets(\.l2) == [[0]])
    }

    @Test("is unknown without caches, or without a word on who shares them")
    func unknown() throws {
        #expect(try discover([:], online: [0]).sets(\.l2) == nil)
        #expect(try discover(["cache/index2/level": [0: "2"]], online: [0]).sets(\.l2) == nil)
        #expect(try discover(["cache/index99999/level": [0: "2"]], online: [0]).sets(\.l2) == nil)
    }
}
