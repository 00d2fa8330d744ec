import BerthAgent
import BerthModel
import GRDB
import Synchronization
import Testing

@testable import BerthLedger

@Suite("A snapshot") struct WritingTests {
    /// Counts the rows of `held` that a connection writes.
    private final class Writes: TransactionObserver, Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { eventKind.tableName == "held" }
        func databaseDidChange(with event: DatabaseEvent) { number.withLock { $0 += 1 } }
        func databaseDidCommit(_ db: Database) {}
        func databaseDidRollback(_ db: Database) {}
    }

    @Test("writes only the reservations that are not as they were")
    func differences() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var reservations = (0..<200).map { Story.reservation($0) }
        var last: Int64 = 0
        func store(_ changes: [Event.Change]) async throws {
            let events = changes.map { change in
                last += 1
                return Event(id: last, at: Story.time(last), change: change)
            }
            let snapshot = Snapshot(event: last, boot: "\(last)", reservations: reservations)
            try await ledger.storeAndWait(LedgerBatch(events: events, snapshot: snapshot))
        }
        try await store(reservations.map { .granted($0) })
        let writes = Writes()
        try ledger.readSide.get().pool.add(transactionObserver: writes, extent: .databaseLifetime)
        try await store([.booted(boot: "b")])
        #expect(writes.count == 0)
        reservations[7].receipts = [Receipt(.memory, status: .advisory)]
        let removed = reservations.remove(at: 3)
        reservations.append(Story.reservation(999))
        let (changed, added) = (reservations[6], reservations[199])
        try await store([.enforced(changed.id, changed.receipts), .freed(removed.id, nil), .granted(added)])
        #expect(writes.count == 3)
        let contents = try await ledger.load()
        #expect(Set(contents.snapshot.reservations) == Set(reservations) && contents.snapshot.boot == "\(last)")
        // What a load has read counts as written too, and what follows the snapshot does not.
        try await store([])
        #expect(writes.count == 3)
        reservations[5].receipts = changed.receipts
        last += 1
        let change = Event.Change.enforced(reservations[5].id, changed.receipts)
        try await ledger.storeAndWait(LedgerBatch(events: [Event(id: last, at: Story.time(last), change: change)]))
        _ = try await ledger.load()
        try await store([])
        #expect(writes.count == 4)
        #expect(Set(try await ledger.load().snapshot.reservations) == Set(reservations))
        let ended = reservations
        reservations = []
        try await store(ended.map { .freed($0.id, nil) })
        #expect(try await ledger.load().snapshot.reservations.isEmpty)
    }

    @Test("is followed by rest, as a load is", .timeLimit(.minutes(1)))
    func rest() async throws {
        let (rests, continuation) = AsyncStream.makeStream(of: Void.self)
        var each = rests.makeAsyncIterator()
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path, whenAtRest: { continuation.yield() })
        _ = try await ledger.load()
        await each.next()
        var story = Story()
        try await ledger.storeAndWait(story.batch(3, snapshot: true))
        await each.next()
        try await ledger.storeAndWait(story.batch(3))
        #expect(try await ledger.load().state.isLike(story.state))
    }

    @Test("of ten thousand reservations is read at a start; how fast is printed")
    func tenThousand() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        let reservations = (0..<10_000).map { Story.reservation($0) }
        let clock = ContinuousClock()
        let events = reservations.enumerated().map { index, reservation in
            Event(id: Int64(index + 1), at: Story.time(0), change: .granted(reservation))
        }
        try await ledger.storeAndWait(LedgerBatch(events: events))
        let snapshot = Snapshot(event: 10_000, reservations: reservations)
        let written = try await clock.measure {
            try await ledger.storeAndWait(LedgerBatch(events: [], snapshot: snapshot))
        }
        await ledger.close()
        var contents: LedgerContents?
        let read = try await clock.measure { contents = try await SQLiteLedger(folder: folder.path).load() }
        #expect(Set(try #require(contents).snapshot.reservations) == Set(reservations))
        print("A snapshot of 10,000 reservations: written in \(written), loaded in \(read)")
    }
}
