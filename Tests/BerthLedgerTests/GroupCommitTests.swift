import BerthAgent
import BerthModel
import Dispatch
import GRDB
import Synchronization
import Testing

@testable import BerthLedger

@Suite("Group commit") struct GroupCommitTests {
    /// Counts the transactions of a connection that add events.
    private final class Commits: TransactionObserver, Sendable {
        private let state = Mutex((hasEvents: false, count: 0))
        var count: Int { state.withLock { $0.count } }

        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { eventKind.tableName == "event" }
        func databaseDidChange(with event: DatabaseEvent) { state.withLock { $0.hasEvents = true } }
        func databaseDidCommit(_ db: Database) {
            state.withLock { state in
                state.count += state.hasEvents ? 1 : 0
                state.hasEvents = false
            }
        }
        func databaseDidRollback(_ db: Database) { state.withLock { $0.hasEvents = false } }
    }

    /// What numbers batches and hands them over one at a time, as the agent does.
    private final class Caller: Sendable {
        private let story = Mutex(Story())
        private let told: Mutex<[Int64]> = Mutex([])

        /// The last event of each batch that was said to be stored, in the order in which it was said.
        var stored: [Int64] { told.withLock { $0 } }

        /// Stores the next two events, and waits.
        func storeMore(_ ledger: SQLiteLedger) async {
            await withCheckedContinuation { continuation in
                story.withLock { story in
                    let batch = story.batch(2)
                    let last = story.last
                    ledger.store(batch) { result in
                        if case .success = result { self.told.withLock { $0.append(last) } }
                        continuation.resume()
                    }
                }
            }
        }
    }

    @Test("64 callers at once keep their order and share transactions")
    func concurrentCallers() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        let commits = Commits()
        try ledger.readSide.get().pool.add(transactionObserver: commits, extent: .databaseLifetime)
        let caller = Caller()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    for _ in 0..<20 { await caller.storeMore(ledger) }
                }
            }
        }
        #expect(caller.stored == (1...1280).map { 2 * $0 })
        #expect(commits.count > 0 && commits.count < 640, "\(commits.count) transactions for 1280 batches")
        #expect(try await ledger.events(after: 0, limit: 5000).map(\.id) == Array(1...2560))
    }

    @Test("handing over returns at once while the writer is busy, and what waits goes into one transaction")
    func busyWriter() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        let commits = Commits()
        let pool = try ledger.readSide.get().pool
        pool.add(transactionObserver: commits, extent: .databaseLifetime)
        var story = Story()
        let (blocked, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        // The callback holds up the writer: it is called on its thread, and outside of the lock that store takes.
        ledger.store(story.batch()) { _ in
            blocked.signal()
            release.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                blocked.wait()
                continuation.resume()
            }
        }
        for _ in 0..<99 { ledger.store(story.batch()) { _ in } }
        #expect(commits.count == 1)
        release.signal()
        try await ledger.storeAndWait(story.batch())
        #expect((2...3).contains(commits.count))
    }

    @Test("an ended reservation is found from the moment it was handed over")
    func notYetDurable() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        let (blocked, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        ledger.store(story.batch()) { _ in
            blocked.signal()
            release.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                blocked.wait()
                continuation.resume()
            }
        }
        let batch = story.batch(59 + 60)
        let ended = batch.ended
        #expect(ended.count > 5)
        let first = try #require(ended.first)
        let key = try #require(first.retry?.key)
        ledger.store(batch) { _ in }
        func look() async throws {
            #expect(try await ledger.ended(first.id) == first)
            #expect(try await ledger.ended(user: first.user, retry: key) == first)
            #expect(try await ledger.ended(user: first.user + 7, retry: key) == nil)
            #expect(try await ledger.ended(state: nil, user: nil, limit: 100) == Array(ended.reversed()))
            #expect(try await ledger.ended(state: nil, user: nil, limit: 2) == Array(ended.reversed().prefix(2)))
        }
        try await look()
        release.signal()
        try await look()
        try await ledger.storeAndWait(story.batch())
        try await look()
    }
}
