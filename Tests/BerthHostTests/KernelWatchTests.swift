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
        let watch = try KernelWatch { _ in }
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
        let watch = try KernelWatch { _ in }
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

    @Test("keeps several moments apart, in their order, and forgets those that are cancelled")
    func moments() async throws {
        let watch = try KernelWatch { _ in }
        defer { watch.stop() }
        let called = Mutex<[Int]>([])
        let wrong = Calls()
        let start = SystemClock.uptime
        let far = watch.after(milliseconds: .max) { wrong.add() }
        for delay in [90, 30, 60] {
            watch.after(milliseconds: Int64(delay)) { called.withLock { $0.append(delay) } }
        }
        watch.setAlarm(at: start + 45) { called.withLock { $0.append(45) } }
        let near = watch.after(milliseconds: 15) { wrong.add() }
        watch.cancel(near)
        try await until { called.withLock { $0.count } == 4 }
        #expect(called.withLock { $0 } == [30, 45, 60, 90] && SystemClock.uptime >= start + 90)
        watch.cancel(far)
        watch.after(milliseconds: .min) { called.withLock { $0.append(0) } }
        try await until { called.withLock { $0.count } == 5 }
        #expect(wrong.value == 0)
    }

    @Test("lets go of a process at once when it is cancelled")
    func cancelling() async throws {
        let watch = try KernelWatch { _ in }
        defer { watch.stop() }
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["3600"]
        try child.run()
        defer { kill(child.processIdentifier, SIGKILL) }
        let calls = Calls()
        weak var process: LiveProcess?
        let token: WatchToken
        do {
            let held = try LiveProcess(child.processIdentifier, boot: "b")
            process = held
            token = try watch.whenEnded(held) { calls.add() }
        }
        #expect(process != nil)
        watch.cancel(token)
        watch.cancel(token)
        #expect(process == nil, "its descriptor is still open")
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        try await Task.sleep(for: .milliseconds(20))
        #expect(calls.value == 0)
    }

    /// A folder with the file that a group has; the kernel marks that as changed as a write does.
    private func fakeGroup() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("populated 1\nfrozen 0\n".utf8).write(to: folder.appendingPathComponent("cgroup.events"))
        return folder
    }

    private func change(_ folder: URL) throws {
        try Group(at: folder.path).write("populated 0", to: "cgroup.events")
    }

    @Test("tells of each change of a group's events to all who watch it, until they are cancelled")
    func events() async throws {
        let watch = try KernelWatch { _ in }
        defer { watch.stop() }
        let (one, other) = (try fakeGroup(), try fakeGroup())
        defer { for folder in [one, other] { try? FileManager.default.removeItem(at: folder) } }
        let (first, second, third) = (Calls(), Calls(), Calls())
        let token = try watch.watchEvents(of: one.path) { first.add() }
        let last = try watch.watchEvents(of: one.path) { second.add() }
        _ = try watch.watchEvents(of: other.path) { third.add() }
        try change(one)
        try await until { first.value > 0 && second.value > 0 }
        #expect(third.value == 0)
        watch.cancel(token)
        try await Task.sleep(for: .milliseconds(20))
        let before = (first.value, second.value)
        try change(one)
        try await until { second.value > before.1 }
        #expect(first.value == before.0)
        watch.cancel(last)
        try await Task.sleep(for: .milliseconds(20))
        let after = second.value
        try change(one)
        try change(other)
        try await until { third.value > 0 }
        #expect(second.value == after)
        let error = try #require(throws: KernelError.self) { try watch.watchEvents(of: "/missing") {} }
        #expect(error.description == "watch /missing/cgroup.events: ENOENT (No such file or directory)")
    }

    @Test("watches a group that was made again under the same name")
    func eventsAgain() async throws {
        let watch = try KernelWatch { _ in }
        defer { watch.stop() }
        let folder = try fakeGroup()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("cgroup.events")
        let (old, new) = (Calls(), Calls())
        let token = try watch.watchEvents(of: folder.path) { old.add() }
        try FileManager.default.removeItem(at: file)
        try await until { old.value == 1 }
        try Data("populated 1\n".utf8).write(to: file)
        _ = try watch.watchEvents(of: folder.path) { new.add() }
        watch.cancel(token)
        try change(folder)
        try await until { new.value > 0 }
        #expect(old.value == 1)
    }

    @Test("takes a hundred groups without a descriptor for each")
    func descriptors() throws {
        let watch = try KernelWatch { _ in }
        defer { watch.stop() }
        let folders = try (0..<100).map { _ in try fakeGroup() }
        defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
        let open = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let before = try open()
        let tokens = try folders.map { try watch.watchEvents(of: $0.path) {} }
        #expect(try open() <= before + 10)
        for token in tokens { watch.cancel(token) }
    }
}
