import BerthKernel
import Foundation
import Testing

@Suite("The processes of a group")
struct GroupProcessesTests {
    @Test(
        "are numbers, each once, sorted; 0 is one of a foreign namespace",
        arguments: [("", []), ("7\n", [7]), ("12\n7\n12\n", [7, 12]), ("0\n0\n3\n", [0, 3])] as [(String, [Int32])])
    func listing(text: String, pids: [Int32]) throws {
        let fake = try FakeGroup(["cgroup.procs": text])
        #expect(try fake.group().processes() == pids)
    }

    @Test("anything else is an error", arguments: ["x", "-1", "99999999999", "1 2", "1\n\u{301}2"])
    func refusal(text: String) throws {
        let fake = try FakeGroup(["cgroup.procs": text])
        let group = try fake.group()
        let error = try #require(throws: KernelError.self) { try group.processes() }
        #expect(error.code == EPROTO)
    }

    @Test("of all groups below are found")
    func below() throws {
        let fake = try FakeGroup([
            "cgroup.procs": "1\n", "b/cgroup.procs": "3\n2\n", "a/c/cgroup.procs": "9\n1\n", "a/cgroup.procs": "",
        ])
        #expect(try fake.group().processesBelow() == [1, 2, 3, 9])
        _ = try fake.group().makeChild("half-removed")
        #expect(try fake.group().processesBelow() == [1, 2, 3, 9])
    }

    @Test("are moved by number, never by a number that means the writer", arguments: [0, -1, Int32.min])
    func moving(pid: Int32) throws {
        let fake = try FakeGroup(["cgroup.procs": ""])
        try fake.group().move(123)
        #expect(try fake.text("cgroup.procs") == "123")
        let error = try #require(throws: KernelError.self) { try fake.group().move(pid) }
        #expect(
            error.description
                == "write \"\(pid)\" to \(fake.folder.path)/cgroup.procs: ESRCH (No such process)")
        #expect(try fake.text("cgroup.procs") == "123")
    }

    @Test(
        "say whether there is one", arguments: [("populated 1\nfrozen 0\n", true), ("populated 0\nfrozen 0\n", false)])
    func populated(text: String, is value: Bool) throws {
        let fake = try FakeGroup(["cgroup.events": text])
        #expect(try fake.group().isPopulated() == value)
    }

    @Test("are stopped and ended by one write")
    func writes() throws {
        let fake = try FakeGroup(["cgroup.freeze": "0\n", "cgroup.kill": ""])
        try fake.group().freeze(true)
        #expect(try fake.text("cgroup.freeze") == "1")
        try fake.group().freeze(false)
        #expect(try fake.text("cgroup.freeze") == "0")
        try fake.group().kill()
        #expect(try fake.text("cgroup.kill") == "1")
    }

    @Test("are ended one by one where the kernel has no cgroup.kill, and nobody else is")
    func oldKernel() throws {
        let children = try (0..<3).map { _ in
            let child = Process()
            child.executableURL = URL(fileURLWithPath: "/bin/sleep")
            child.arguments = ["3600"]
            try child.run()
            return child
        }
        defer { for child in children { kill(child.processIdentifier, SIGKILL) } }
        let inside = children.dropLast().map(\.processIdentifier)
        let fake = try FakeGroup([
            "cgroup.procs": "0\n\(inside[0])\n", "r/cgroup.procs": "\(inside[1])\n", "cgroup.freeze": "0\n",
        ])
        // A plain file lists them for ever: the rounds are bounded.
        try fake.group().kill()
        #expect(try fake.text("cgroup.freeze") == "1")
        for child in children.dropLast() {
            child.waitUntilExit()
            #expect(child.terminationReason == .uncaughtSignal && child.terminationStatus == SIGKILL)
        }
        #expect(children[2].isRunning)
    }
}
