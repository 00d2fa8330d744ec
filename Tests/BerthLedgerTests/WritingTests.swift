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
        func store(_ event: Int64) async throws {
            let change = Event.Change.booted(boot: "\(event)")
            let snapshot = Snapshot(event: event, boot: "\(event)", reservations: reservations)
            try await ledger.storeAndWait(
                LedgerBatch(events: [Event(id: event, at: Story.time(event), change: change)], snapshot: snapshot))
        }
        try await store(1)
        let writes = Writes()
        try ledger.readSide.get().pool.add(transactionObserver: writes, extent: .databaseLifetime)
        try await store(2)
        #expect(writes.count == 0)
        reservations[7].labels["new"] = "yes"
        reservations.remove(at: 3)
        reservations.append(Story.reservation(999))
        try await store(3)
        #expect(writes.count == 3)
        let contents = try await ledger.load()
        #expect(Set(contents.snapshot.reservations) == Set(reservations) && contents.snapshot.boot == "3")
        // What a load has read counts as written too.
        try await store(4)
        #expect(writes.count == 3)
        reservations = []
        try await store(5)
        #expect(try await ledger.load().snapshot.reservations.isEmpty)
    }

    @Test("of ten thousand reservations is read at a start; how fast is printed")
    func tenThousand() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        let reservations = (0..<10_000).map { Story.reservation($0) }
        let clock = ContinuousClock()
        let written = try await clock.measure {
            try await ledger.storeAndWait(LedgerBatch(events: [], snapshot: Snapshot(reservations: reservations)))
        }
        await ledger.close()
        var contents: LedgerContents?
        let read = try await clock.measure { contents = try await SQLiteLedger(folder: folder.path).load() }
        #expect(Set(try #require(contents).snapshot.reservations) == Set(reservations))
        print("A snapshot of 10,000 reservations: written in \(written), loaded in \(read)")
    }
}
