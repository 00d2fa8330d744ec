import BerthHost
import BerthKernel
import BerthModel
import Foundation
import Synchronization
import Testing

@Suite("No enforcement")
struct NoEnforcementTests {
    private func sleeper() throws -> Process {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sleep")
        child.arguments = ["3600"]
        try child.run()
        return child
    }

    @Test("holds a process until its reservation ends, and tells of no end after that")
    func ending() async throws {
        let watch = try KernelWatch { _ in }
        defer { watch.stop() }
        let enforcement = NoEnforcement(watch: watch, reason: "a test")
        let children = try (0..<2).map { _ in try sleeper() }
        defer { for child in children { kill(child.processIdentifier, SIGKILL) } }
        let (ended, other) = (ReservationID(bits: 1), ReservationID(bits: 2))
        let exits = Mutex<[Int]>([])
        weak var process: LiveProcess?
        do {
            let held = try LiveProcess(children[0].processIdentifier, boot: "b")
            process = held
            try enforcement.attach(held, to: ended) { exits.withLock { $0.append(1) } }
        }
        try enforcement.attach(try LiveProcess(children[1].processIdentifier, boot: "b"), to: other) {
            exits.withLock { $0.append(2) }
        }
        #expect(process != nil)
        enforcement.end(ended)
        enforcement.end(ended)
        #expect(process == nil, "its descriptor is still open")
        for child in children { kill(child.processIdentifier, SIGKILL) }
        while exits.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(2)) }
        try await Task.sleep(for: .milliseconds(20))
        #expect(exits.withLock { $0 } == [2])
    }
}
