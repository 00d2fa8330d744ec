import BerthKernel
import Foundation
import Testing

@Suite("The files of a group")
struct GroupFilesTests {
    @Test(
        "are read whole, without what surrounds the text",
        arguments: [("max 100000\n", "max 100000"), ("", ""), ("a 1\nb 2\n\0\0", "a 1\nb 2")])
    func reading(text: String, value: String) throws {
        let fake = try FakeGroup(["file": text])
        #expect(try fake.group().read("file") == value)
    }

    @Test("a long one too")
    func long() throws {
        let text = String(repeating: "12345\n", count: 20_000)
        let fake = try FakeGroup(["cgroup.procs": text])
        #expect(try fake.group().read("cgroup.procs").utf8.count == text.utf8.count - 1)
    }

    @Test("hold what was written last, and are never made")
    func writing() throws {
        let fake = try FakeGroup(["cpu.max": "100000 100000\n", "cpuset.cpus": "0-3\n"])
        let group = try fake.group()
        try group.write("max 1000", to: "cpu.max")
        #expect(try fake.text("cpu.max") == "max 1000")
        try group.write("", to: "cpuset.cpus")
        #expect(try fake.text("cpuset.cpus") == "\n")
        #expect(group.has("cpu.max") && !group.has("io.max"))
        let error = try #require(throws: KernelError.self) { try group.write("50000 100000", to: "io.max") }
        #expect(
            error.description
                == "write \"50000 100000\" to \(fake.folder.path)/io.max: ENOENT (No such file or directory)")
        #expect(!group.has("io.max"))
    }

    @Test("an error of the write itself names value, file and answer")
    func refused() throws {
        // A device that is always full stands for a kernel that refuses.
        let group = try Group(at: "/dev")
        let error = try #require(throws: KernelError.self) { try group.write("1", to: "full") }
        #expect(error.description == "write \"1\" to /dev/full: ENOSPC (No space left on device)")
    }

    @Test("are understood, or the text is in the error")
    func understanding() throws {
        let fake = try FakeGroup(["cpu.max": "50000 100000\n", "bad": "x\n"])
        let group = try fake.group()
        #expect(try group.read("cpu.max", as: CPUMax.init(parsing:)) == CPUMax(quota: 50_000))
        let error = try #require(throws: KernelError.self) { try group.read("bad", as: PidsMax.init(parsing:)) }
        #expect(
            error.description == "understand \"x\" as \"max\" or a number of tasks in \(fake.folder.path)/bad: "
                + "EPROTO (Protocol error)")
    }
}
