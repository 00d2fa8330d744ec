import BerthKernel
import BerthModel
import Foundation
import Testing

@Suite("A process")
struct ProcessTests {
    @Test(
        "its stat is read from behind the last parenthesis",
        arguments: [
            "7 (sh) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 100 200",
            "7 (a b) c) (d\n) R 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 100 200",
        ])
    func stat(text: String) throws { #expect(try ProcessStat(parsing: text).startTicks == 12345) }

    @Test(
        "anything else is refused",
        arguments: [
            "", "7", "7 (sh", "7 (sh) S", "7 (sh) S 1 2 3", ")",
            "7 (sh) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 x",
            "7 (sh) S 1 7 7 0 -1 x 1 2 3 4 5 6 7 8 20 0 1 0 12345",
        ])
    func noStat(text: String) { #expect(throws: ParseError.self) { try ProcessStat(parsing: text) } }

    @Test(
        "a thread of the kernel is told from a program",
        arguments: [
            ("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 24 0 0", true),
            ("7 (kworker) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 100 200", false),
        ])
    func kernelThread(text: String, isOne: Bool) throws {
        #expect(try ProcessStat(parsing: text).isKernelThread == isOne)
        #expect(try !LiveProcess(getpid(), boot: "b").isKernelThread)
    }

    @Test("its users are read")
    func status() throws {
        let status = try ProcessStatus(parsing: "Name:\tsh\nUid:\t1\t2\t3\t4\nGid:\t0\t0\t0\t0\n")
        #expect((status.realUser, status.effectiveUser, status.savedUser) == (1, 2, 3))
        for text in ["", "Uid:\t1\t2\t3\n", "Uid:\t1\t2\tx\t4\n", "Uid:\t-1\t2\t3\t4\n"] {
            #expect(throws: ParseError.self) { try ProcessStatus(parsing: text) }
        }
    }

    @Test("is known for good, and seen to end")
    func life() throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["3600"]
        try child.run()
        let pid = child.processIdentifier
        let process = try LiveProcess(pid, boot: "b")
        #expect(process.isAlive && process.identity.pid == pid && process.status.realUser == getuid())
        #expect(try LiveProcess(pid, boot: "b").identity == process.identity)
        #expect(throws: KernelError.self) { try LiveProcess(pid, boot: "b", startedBefore: 0) }
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        #expect(!process.isAlive)
        let error = try #require(throws: KernelError.self) { try LiveProcess(pid, boot: "b") }
        #expect(error.code == ESRCH)
    }

    @Test("that cannot be is none", arguments: [0, -1, Int32.min, Int32.max])
    func none(pid: Int32) {
        let error = #expect(throws: KernelError.self) { try LiveProcess(pid, boot: "b") }
        #expect(error?.code == ESRCH)
    }
}
