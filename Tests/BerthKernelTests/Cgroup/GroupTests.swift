import BerthKernel
import Foundation
import Testing

@Suite("A group")
struct GroupTests {
    @Test("is an absolute path to a folder, and says so otherwise")
    func opening() throws {
        let fake = try FakeGroup(["cpu.max": "max 100000\n"])
        #expect(try Group(at: fake.folder.path + "//").path == fake.folder.path)
        for path in ["", "relative", fake.folder.path + "/missing", fake.folder.path + "/cpu.max", "/tmp\0/x"] {
            #expect(throws: KernelError.self) { try Group(at: path) }
        }
        let error = try #require(throws: KernelError.self) { try fake.group().child("r-1") }
        #expect(error.description == "open \(fake.folder.path)/r-1: ENOENT (No such file or directory)")
        #expect(error.saysGone)
    }

    @Test("makes groups below, finds them sorted, and takes them away deepest first")
    func children() throws {
        let fake = try FakeGroup(["cgroup.procs": ""])
        let group = try fake.group()
        #expect(try group.children() == [])
        let pool = try group.makeChild("pool-default")
        #expect(pool.path == "\(fake.folder.path)/pool-default")
        for name in ["shared", "r-2", "r-1"] { _ = try pool.makeChild(name) }
        _ = try pool.child("shared").makeChild("r-3")
        #expect(try group.makeChild("pool-default").children() == ["r-1", "r-2", "shared"])
        try group.removeChild("pool-default")
        try group.removeChild("pool-default")
        #expect(try group.children() == [])
        #expect(throws: KernelError.self) { try pool.makeChild("late") }
    }

    @Test("what is in use is not taken away, nor what stands beside it")
    func busy() throws {
        let fake = try FakeGroup(["pool/r-1/in-use": ""])
        let group = try fake.group()
        let error = try #require(throws: KernelError.self) { try group.removeChild("pool") }
        #expect(error.description == "remove \(fake.folder.path)/pool/r-1: EBUSY (Device or resource busy)")
        #expect(try group.child("pool").children() == ["r-1"])
    }

    @Test("no name leads out of it", arguments: ["", ".", "..", "../x", "a/b", "/etc", "a\0b"])
    func names(name: String) throws {
        let fake = try FakeGroup()
        let group = try fake.group()
        #expect(throws: KernelError.self) { try group.child(name) }
        #expect(throws: KernelError.self) { try group.makeChild(name) }
        #expect(throws: KernelError.self) { try group.removeChild(name) }
        #expect(throws: KernelError.self) { try group.read(name) }
        #expect(throws: KernelError.self) { try group.write("1", to: name) }
        #expect(!group.has(name))
    }

    @Test("no link is followed")
    func links() throws {
        let fake = try FakeGroup(["file": "text"])
        for (name, target) in [("link", "file"), ("out", "/tmp")] {
            try FileManager.default.createSymbolicLink(
                atPath: fake.folder.appendingPathComponent(name).path, withDestinationPath: target)
        }
        let group = try fake.group()
        #expect(throws: KernelError.self) { try group.read("link") }
        #expect(throws: KernelError.self) { try group.write("x", to: "link") }
        #expect(throws: KernelError.self) { try group.child("out") }
        #expect(try group.children() == [] && fake.text("file") == "text")
    }

    @Test("is itself, not one that is made later under its name")
    func identity() throws {
        let fake = try FakeGroup()
        let old = try fake.group().makeChild("r-1")
        try fake.group().removeChild("r-1")
        try fake.put(["r-1/cpu.max": "max 100000\n"])
        #expect(!old.has("cpu.max"))
        #expect(try fake.group().child("r-1").has("cpu.max"))
    }
}
