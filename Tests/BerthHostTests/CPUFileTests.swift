import BerthModel
import Foundation
import Testing

@testable import BerthHost

@Suite("A file that each CPU has") struct CPUFileTests {
    @Test("is found under any of its names")
    func names() throws {
        let tree = try ComputeTree(ComputeTree.cpus(["b": [0: "1", 2: "3"], "a": [1: "2"]]))
        let folders = CPUFolders(try tree.reader())
        var file = CPUFile("a", "b")
        #expect((0..<4).map { file.integer($0, folders) } == [1, 2, 3, nil])
    }

    @Test("is given up when the first CPUs have it not")
    func patience() throws {
        let tree = try ComputeTree(ComputeTree.cpus(["a": [2: "7", 3: "8"], "other": [0: "", 1: ""]]))
        let folders = CPUFolders(try tree.reader())
        var patient = CPUFile("a", patience: 3)
        #expect((0..<4).map { patient.integer($0, folders) } == [nil, nil, 7, 8])
        var hasty = CPUFile("a", patience: 2)
        #expect((0..<4).map { hasty.integer($0, folders) } == [nil, nil, nil, nil])
    }

    @Test("with something else than a number is unknown, and noted", arguments: ["x", "1 2", "99999999999999999999"])
    func garbage(text: String) throws {
        let reader = try ComputeTree(ComputeTree.cpus(["a": [0: text]])).reader()
        var file = CPUFile("a")
        #expect(file.integer(0, CPUFolders(reader)) == nil)
        #expect(reader.problems.count == 1)
    }

    @Test("is not looked for where a CPU has no folder")
    func noFolder() throws {
        let tree = try ComputeTree(ComputeTree.cpus(["a": [0: "1"]]))
        let folders = CPUFolders(try tree.reader())
        try tree.write("sys/devices/system/cpu/cpu1/a", Data("2".utf8))
        var file = CPUFile("a")
        #expect((0..<2).map { file.integer($0, folders) } == [1, nil])
    }
}
