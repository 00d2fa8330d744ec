import BerthAgent
import BerthModel
import Synchronization
import Testing

@testable import BerthLedger

@Suite("Compaction") struct CompactionTests {
    /// Waits until the oldest id is this one; what it is at last where that does not come.
    private static func oldest(_ ledger: SQLiteLedger, becomes id: Int64) async throws -> Int64 {
        for _ in 0..<500 where try await ledger.oldest() != id { try await Task.sleep(for: .milliseconds(10)) }
        return try await ledger.oldest()
    }

    @Test("keeps so many events, piece by piece while nobody waits, and ids go on after it and after a restart")
    func count() async throws {
        let folder = TemporaryFolder()
        var retention = Retention()
        retention.eventCount = 100
        retention.piece = 7
        var ledger = SQLiteLedger(folder: folder.path, retention: retention)
        let epoch = try await ledger.load().epoch
        var story = Story()
        try await ledger.storeAndWait(story.batch(500))
        #expect(try await ledger.oldest() == 0)
        try await ledger.storeAndWait(story.batch(100, snapshot: true))
        #expect(try await Self.oldest(ledger, becomes: 500) == 500)
        #expect(try await ledger.events(after: 500, limit: 1000).map(\.id) == Array(501...600))
        await #expect(throws: LedgerError.self) { _ = try await ledger.events(after: 499, limit: 10) }
        await ledger.close()
        ledger = SQLiteLedger(folder: folder.path, retention: retention)
        let contents = try await ledger.load()
        #expect(contents.epoch == epoch && contents.last == 600 && contents.state.isLike(story.state))
        #expect(try await ledger.oldest() == 500)
        try await ledger.storeAndWait(story.batch(1))
        #expect(try await ledger.events(after: 600, limit: 10).map(\.id) == [601])
    }

    @Test("goes by the times of the events, and leaves what the next start needs, however old")
    func age() async throws {
        let folder = TemporaryFolder()
        var retention = Retention()
        retention.eventAge = 3_600_000
        let ledger = SQLiteLedger(folder: folder.path, retention: retention)
        _ = try await ledger.load()
        var story = Story()
        // One event a minute: at event 300 all up to 239 are older than an hour.
        try await ledger.storeAndWait(story.batch(100, snapshot: true))
        try await ledger.storeAndWait(story.batch(200))
        #expect(try await Self.oldest(ledger, becomes: 100) == 100)
        try await Task.sleep(for: .milliseconds(200))
        #expect(try await ledger.oldest() == 100)
        #expect(try await ledger.load().state.isLike(story.state))
        try await ledger.storeAndWait(story.batch(1, snapshot: true))
        #expect(try await Self.oldest(ledger, becomes: 240) == 240)
    }

    @Test("takes ended reservations that are too old, and no others")
    func ended() async throws {
        let folder = TemporaryFolder()
        var retention = Retention()
        retention.endedAge = 3_600_000
        retention.piece = 3
        let ledger = SQLiteLedger(folder: folder.path, retention: retention)
        _ = try await ledger.load()
        var story = Story()
        let batch = story.batch(1000)
        try await ledger.storeAndWait(batch)
        let since = Story.time(1000).milliseconds - 3_600_000
        let kept = Array(batch.ended.filter { $0.endOrder >= since }.reversed())
        #expect(kept.count > 3 && kept.count < batch.ended.count)
        var found: [Reservation] = []
        for _ in 0..<500 where found != kept {
            try await Task.sleep(for: .milliseconds(10))
            found = try await ledger.ended(state: nil, user: nil, limit: 1000)
        }
        #expect(found == kept)
    }

    /// Hands over the next batch as soon as one is stored, so that the writer never has nothing to do.
    private final class Chain: Sendable {
        private let story = Mutex(Story())
        let ledger: SQLiteLedger

        init(_ ledger: SQLiteLedger) { self.ledger = ledger }

        /// Stores so many batches, and tells the oldest id right after the last, still on the writer's thread.
        func store(_ count: Int, whenDone: @escaping @Sendable (Result<Int64, any Error>) -> Void) {
            ledger.store(story.withLock { $0.batch(50, snapshot: count % 4 == 0) }) { result in
                if count > 1, case .success = result { return self.store(count - 1, whenDone: whenDone) }
                whenDone(
                    Result {
                        try result.get()
                        return try self.ledger.readSide.get().position.oldest
                    })
            }
        }
    }

    @Test("keeps up where the writer is never idle")
    func neverIdle() async throws {
        let folder = TemporaryFolder()
        var retention = Retention()
        retention.eventCount = 100
        let ledger = SQLiteLedger(folder: folder.path, retention: retention)
        _ = try await ledger.load()
        let chain = Chain(ledger)
        let oldest = try await withCheckedThrowingContinuation { continuation in
            chain.store(80) { continuation.resume(with: $0) }
        }
        #expect(oldest > 3000 && oldest <= 3900, "\(oldest)")
    }

    @Test("a clock that was far behind for a while does no harm")
    func wrongClock() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        var batch = story.batch(60, snapshot: true)
        batch.events[58].at = Timestamp(milliseconds: .min)
        batch.events[59].at = Timestamp(milliseconds: .min)
        try await ledger.storeAndWait(batch)
        #expect(try await ledger.ended(user: 1000, retry: "no such key") == nil)
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await ledger.events(after: 0, limit: 100) == batch.events)
        #expect(try await ledger.load().last == 60)
    }
}
