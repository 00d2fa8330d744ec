import BerthKernel
import BerthModel
import Foundation
import Testing

@Suite("The own process")
struct OwnProcessTests {
    @Test("is seen alive through its descriptor")
    func descriptor() throws {
        let descriptor = try OwnProcess.descriptor()
        #expect(!OwnProcess.hasEnded(descriptor.number, within: 10))
    }

    @Test("is bound to CPUs that it has, and no others")
    func affinity() async throws {
        // An affinity is a thread's: one of its own keeps the test's pool as it is.
        let found = try await onThread { () throws -> (list: String?, code: Int32?, none: Bool) in
            try OwnProcess.bind(to: [0])
            let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
            let list = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
            var code: Int32?
            do throws(KernelError) { try OwnProcess.bind(to: [60_000]) } catch { code = error.code }
            return (list.map(String.init), code, (try? OwnProcess.bind(to: [])) == nil)
        }
        #expect(found.list == "Cpus_allowed_list:\t0")
        #expect(found.code == EINVAL && found.none)
    }

    @Test("gives up an exemption only where it has one")
    func exemption() throws {
        let score = try String(contentsOfFile: "/proc/self/oom_score_adj", encoding: .utf8)
        let had = score.trimmed == "-1000"
        #expect(try OwnProcess.giveUpOOMExemption() == had)
        if !had { #expect(try String(contentsOfFile: "/proc/self/oom_score_adj", encoding: .utf8) == score) }
    }

    private func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Result, any Error>) in
            Thread.detachNewThread { done.resume(with: Swift.Result { try body() }) }
        }
    }
}
