import BerthHost
import BerthKernel
import Foundation
import Synchronization
import Testing

@Suite("The watching thread")
struct KernelWatchTests {
    private final class Calls: Sendable {
        let count = Mutex(0)
        func add() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }
    }

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(2)) }
    }

    @Test("calls once for a process that ends, at once for one that has")
    func process() async throws {
        let watch = try KernelWatch()
        defer { watch.stop() }
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["3600"]
        try child.run()
        let process = try LiveProcess(child.processIdentifier, boot: "b")
        let calls = Calls()
        try watch.whenEnded(process) { calls.add() }
        try await Task.sleep(for: .milliseconds(20))
        #expect(calls.value == 0)
        kill(child.processIdentifier, SIGKILL)
        try await until { calls.value == 1 }
        try watch.whenEnded(process) { calls.add() }
        try await until { calls.value == 2 }
        try await Task.sleep(for: .milliseconds(20))
        #expect(calls.value == 2)
    }

    @Test("rings at a moment, not before, and only the last alarm that was set")
    func alarm() async throws {
        let watch = try KernelWatch()
        defer { watch.stop() }
        let wrong = Calls()
        let right = Calls()
        let start = SystemClock.uptime
        watch.setAlarm(at: start + 10) { wrong.add() }
        watch.setAlarm(at: start + 60) { right.add() }
        try await until { right.value == 1 }
        #expect(SystemClock.uptime >= start + 60 && wrong.value == 0)
        watch.setAlarm(at: start - 1000) { right.add() }
        try await until { right.value == 2 }
        watch.setAlarm(at: SystemClock.uptime + 20) { wrong.add() }
        watch.setAlarm(at: nil) {}
        try await Task.sleep(for: .milliseconds(60))
        #expect(wrong.value == 0)
    }
}
