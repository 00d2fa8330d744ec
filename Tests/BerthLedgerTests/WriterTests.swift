import BerthAgent
import BerthModel
import GRDB
import Synchronization
import Testing

@testable import BerthLedger

@Suite("When storing fails") struct WriterTests {
    /// A ledger whose file may have so many pages at most, from the next load on; nil is no limit.
    private final class SmallDisk: Sendable {
        let pages: Mutex<Int?> = Mutex(nil)

        func ledger(_ folder: TemporaryFolder) -> SQLiteLedger {
            SQLiteLedger(folder: folder.path, retention: Retention()) { db in
                let pages = self.pages.withLock { $0 } ?? 1_000_000
                _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages)")
            }
        }
    }

    @Test("a full disk fails what does not fit and everything later, until the ledger is loaded again")
    func fullDisk() async throws {
        let folder = TemporaryFolder()
        let disk = SmallDisk()
        disk.pages.withLock { $0 = 60 }
        let ledger = disk.ledger(folder)
        let epoch = try await ledger.load().epoch
        var story = Story()
        var stored: Int64 = 0
        var failure: LedgerError?
        while failure == nil {
            do throws(LedgerError) {
                try await ledger.storeAndWait(story.batch(20))
                stored = story.last
            } catch {
                failure = error
            }
        }
        #expect(stored > 100)
        let first = try #require(failure)
        let text = first.description
        #expect(text.contains("store 20 events in \(folder.file)") && text.contains("database or disk is full"))
        for _ in 0..<3 {
            // Also what would fit and follow is refused: it was decided on what is not there.
            var fitting = Story(through: stored)
            await #expect(throws: first) { try await ledger.storeAndWait(fitting.batch()) }
        }
        // Meanwhile what is there can be read.
        #expect(try await ledger.events(after: stored - 1, limit: 10).map(\.id) == [stored])
        disk.pages.withLock { $0 = nil }
        let contents = try await ledger.load()
        #expect(contents.epoch == epoch && contents.setAside == nil && contents.last == stored)
        story = Story(through: stored)
        #expect(contents.state.isLike(story.state))
        try await ledger.storeAndWait(story.batch(100))
        #expect(try await ledger.events(after: stored, limit: 1000).count == 100)
    }

    @Test("what was handed over before a load is failed, and what comes after it is stored")
    func orderAroundLoad() async throws {
        let folder = TemporaryFolder()
        let disk = SmallDisk()
        disk.pages.withLock { $0 = 20 }
        let ledger = disk.ledger(folder)
        _ = try await ledger.load()
        var story = Story()
        // Far more than fits, in one go and in one group or more: a group is stored whole or not at all.
        for _ in 0..<40 { ledger.store(story.batch(50)) { _ in } }
        disk.pages.withLock { $0 = nil }
        let last = try await ledger.load().last
        #expect(last % 50 == 0 && last < 2000)
        story = Story(through: last)
        try await ledger.storeAndWait(story.batch(5))
        #expect(try await ledger.load().state.isLike(story.state))
    }

    @Test("a snapshot that does not fit takes its events with it")
    func allOrNothing() async throws {
        let folder = TemporaryFolder()
        let disk = SmallDisk()
        let ledger = disk.ledger(folder)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(100, snapshot: true))
        let before = story
        disk.pages.withLock { $0 = 30 }
        _ = try await ledger.load()
        var batch = story.batch(1)
        batch.snapshot = Snapshot(event: story.last, boot: String(repeating: "b", count: 1_000_000))
        await #expect(throws: LedgerError.self) { try await ledger.storeAndWait(batch) }
        disk.pages.withLock { $0 = nil }
        let contents = try await ledger.load()
        #expect(contents.snapshot.event == 100 && contents.last == 100 && contents.state.isLike(before.state))
    }

    @Test("a batch that does not follow the last event fails alone", arguments: [1, 2, 4, 104])
    func gaps(first: Int64) async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(2))
        let stale = LedgerBatch(events: [Event(id: first, at: Story.time(0), change: .booted(boot: "x"))])
        await #expect(throws: LedgerError("store event \(first): the ledger goes on with event 3")) {
            try await ledger.storeAndWait(stale)
        }
        try await ledger.storeAndWait(story.batch(2))
        #expect(try await ledger.events(after: 0, limit: 10).map(\.id) == [1, 2, 3, 4])
    }

    @Test("a snapshot at another event than the last is refused")
    func staleSnapshot() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        var batch = story.batch(2)
        batch.snapshot = Snapshot(event: 7)
        await #expect(throws: LedgerError("store a snapshot at event 7: the last event is 2")) {
            try await ledger.storeAndWait(batch)
        }
    }

    @Test("damage found while storing fails the batch, and the next load sets the file aside")
    func damageWhileStoring() async throws {
        let folder = TemporaryFolder()
        var ledger = SQLiteLedger(folder: folder.path)
        let epoch = try await ledger.load().epoch
        var story = Story()
        try await ledger.storeAndWait(story.batch(600, snapshot: true))
        // The root page of the list of ended reservations.
        let page = try await ledger.readSide.read("a page") { db, _ in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'ended_newest'")
        }
        await ledger.close()
        try Damaging.overwrite(folder.file, from: 4096 * (try #require(page) - 1), count: 4096)
        // The start does not read that page.
        ledger = SQLiteLedger(folder: folder.path)
        #expect(try await ledger.load().setAside == nil)
        await #expect(throws: LedgerError.self) { try await ledger.storeAndWait(story.batch(60)) }
        let contents = try await ledger.load()
        #expect(contents.epoch != epoch && contents.events.isEmpty)
        #expect(try #require(contents.setAside).contains("malformed"))
        story = Story(after: contents.last)
        try await ledger.storeAndWait(story.batch(60))
        #expect(try await ledger.events(after: contents.last, limit: 100).count == 60)
    }
}
