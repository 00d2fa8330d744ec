import BerthAgent
import BerthCore
import BerthModel
import Foundation
import Support
import Synchronization
import Testing

@testable import BerthLedger

@Suite("Crashes") struct CrashTests {
    /// What a child says was stored, in a file: a line for each batch, its last event. What a process has written is
    /// there when it has been killed.
    private static let said = "/said"

    /// The last event that was said to be stored.
    private static func lastSaid(_ folder: TemporaryFolder) throws -> Int64 {
        let text = try String(contentsOfFile: folder.path + said, encoding: .utf8)
        // The last line may be torn.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return lines.compactMap { Int64($0) }.max() ?? 0
    }

    /// Goes on storing until it is killed, after so many microseconds or (where that is odd) right after a batch was
    /// said to be stored.
    private static func storeUntilKilled(_ path: String, after microseconds: UInt64) async throws {
        let ledger = SQLiteLedger(folder: path)
        let contents = try await ledger.load()
        let descriptor = open(path + said, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(descriptor >= 0)
        let start = ContinuousClock.now
        let isDue: @Sendable () -> Bool = { start.duration(to: .now) >= .microseconds(microseconds) }
        if microseconds % 2 == 0 {
            Thread {
                usleep(UInt32(microseconds))
                kill(getpid(), SIGKILL)
            }.start()
        }
        let underway = DispatchSemaphore(value: 16)
        Thread {
            var story = Story(through: contents.last)
            while true {
                underway.wait()
                let count = Int(1 + story.last % 4)
                let batch = story.batch(count, snapshot: story.last % 7 == 0)
                let line = Array("\(story.last)\n".utf8)
                ledger.store(batch) { result in
                    guard case .success = result else { return }
                    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                    if microseconds % 2 == 1, isDue() { kill(getpid(), SIGKILL) }
                    underway.signal()
                }
            }
        }.start()
        try await Task.sleep(for: .seconds(60))
    }

    @Test("a kill at any moment loses nothing that was said to be stored, one crash after another")
    func kill9() async throws {
        var generator = SeededGenerator.named("a kill at any moment")
        let folder = TemporaryFolder()
        var former: Int64 = 0
        var epoch: String?
        for _ in 0..<12 {
            let microseconds = UInt64.random(in: 0...60_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = folder.path as String, microseconds = microseconds as UInt64] in
                try await CrashTests.storeUntilKilled(path, after: microseconds)
            }
            let ledger = SQLiteLedger(folder: folder.path)
            let contents = try await ledger.load()
            let said = try Self.lastSaid(folder)
            #expect(contents.setAside == nil && contents.epoch == epoch ?? contents.epoch)
            #expect(contents.last >= said && contents.last >= former, "\(generator.note)")
            // Whatever is there is whole: the history up to the last event, and nothing else.
            #expect(contents.state.isLike(Story(through: contents.last).state), "\(generator.note)")
            let ids = try await ledger.events(after: 0, limit: .max).map(\.id)
            #expect(ids == (contents.last == 0 ? [] : Array(1...contents.last)))
            let ended = try await ledger.ended(state: nil, user: nil, limit: .max)
            #expect(ended.reversed() == Story.batch(through: contents.last).ended, "\(generator.note)")
            await ledger.close()
            former = contents.last
            epoch = contents.epoch
        }
        #expect(former > 100)
    }

    @Test("a file that cannot grow any more fails what is stored, and a load heals when it can")
    func fileSize() async throws {
        let folder = TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder.path as String] in
            let ledger = SQLiteLedger(folder: path)
            let epoch = try await ledger.load().epoch
            var story = Story()
            try await ledger.storeAndWait(story.batch(60))
            // What the kernel answers to a write beyond it is EFBIG, in the midst of a transaction.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            limit.rlim_cur = 300_000
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            var stored = story.last
            var failure: LedgerError?
            while failure == nil {
                do throws(LedgerError) {
                    try await ledger.storeAndWait(story.batch(10))
                    stored = story.last
                } catch {
                    failure = error
                }
            }
            let first = try #require(failure)
            var next = Story(through: stored)
            await #expect(throws: first) { try await ledger.storeAndWait(next.batch()) }
            // Still no room: it can be read, and stores no more than before.
            let still = try await ledger.load()
            #expect(still.last == stored && still.epoch == epoch && still.setAside == nil)
            var large = Story(through: stored)
            await #expect(throws: LedgerError.self) { try await ledger.storeAndWait(large.batch(1000)) }
            limit.rlim_cur = limit.rlim_max
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let contents = try await ledger.load()
            story = Story(through: stored)
            #expect(contents.last == stored && contents.setAside == nil && contents.state.isLike(story.state))
            try await ledger.storeAndWait(story.batch(100))
            await ledger.close()
            #expect(try await SQLiteLedger(folder: path).load().state.isLike(story.state))
        }
    }
}
