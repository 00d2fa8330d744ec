import BerthAgent
import BerthCore
import BerthModel
import Foundation
import GRDB
import Testing

@testable import BerthLedger

@Suite("The ledger") struct LedgerTests {
    private static let id = Story.reservationID(3)
    private static let process = ProcessIdentity(pid: 77, startTicks: .max, boot: "b")
    private static let changes: [Event.Change] = [
        .capacityChanged(Story.capacity), .booted(boot: "0d6c"), .granted(Story.reservation(3)),
        .resized(id, Grant([Hold(.memory, amount: Quantity(1 << 20), limit: nil)])),
        .renewed(id, lease: .milliseconds(1500), expiresAt: Story.time(9), deadline: -3), .attached(id, process),
        .left(id, process), .returned(id, process), .exited(id, process),
        .enforced(id, [Receipt(.storage, device: "vda", status: .unsupported, reason: "\u{1}\"")]),
        .ended(id, .expired, .lease), .freed(id, Usage(cpuMicroseconds: 7)), .unmanagedChanged(Quantity(5)),
        .accountingChanged(Accounting(halfLife: 7, periods: [3, 9])), .queued(Story.promised),
        .maintenanceAdded(Story.windows[0]), .maintenanceAdded(Story.windows[1]), .maintenanceRemoved("night"),
    ]

    @Test("an event of every kind comes back as it was, at the next start and in a stream")
    func everyKind() async throws {
        let folder = TemporaryFolder()
        let events = LedgerTests.changes.enumerated().map { index, change in
            let user: UInt32? = if case .freed = change { .max } else { nil }
            return Event(id: Int64(index + 1), at: Story.time(Int64(index)), user: user, change: change)
        }
        let ledger = SQLiteLedger(folder: folder.path)
        let fresh = try await ledger.load()
        #expect(fresh.events.isEmpty && fresh.snapshot.event == 0 && fresh.setAside == nil)
        try await ledger.storeAndWait(LedgerBatch(events: events))
        #expect(try await ledger.events(after: 0, limit: 100) == events)
        await ledger.close()
        let contents = try await SQLiteLedger(folder: folder.path).load()
        #expect(contents.events == events)
        #expect(contents.epoch == fresh.epoch && contents.epoch.count == 16 && contents.setAside == nil)
    }

    @Test("a snapshot comes back as it was, with the events after it and none before")
    func snapshot() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(100, snapshot: true))
        let held = story.state
        let after = story.batch(20)
        try await ledger.storeAndWait(after)
        await ledger.close()
        let contents = try await SQLiteLedger(folder: folder.path).load()
        #expect(contents.snapshot.event == 100 && contents.events == after.events)
        #expect(contents.snapshot.capacity == held.capacity && contents.snapshot.boot == held.boot)
        #expect(held.reservations.count > 5)
        #expect(Set(contents.snapshot.reservations) == Set(held.reservations.values))
        #expect(contents.state.isLike(story.state))
    }

    @Test(
        "windows of administrators come back from a snapshot, with what was promised and how long those of a name took")
    func calendar() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        var batch = story.batch(10, snapshot: true)
        batch.events.append(Event(id: 11, at: Story.time(11), change: .queued(Story.promised)))
        batch.snapshot?.event = 11
        batch.snapshot?.maintenance = Story.windows
        let key = LearnedDurations.Key(user: 7, name: "train")
        let durations = LearnedDurations([LearnedDurations.Seen(key: key, taken: [5, 3, 4])])
        batch.snapshot?.durations = durations
        batch.snapshot?.reservations.append(Story.promised)
        try await ledger.storeAndWait(batch)
        await ledger.close()
        let contents = try await SQLiteLedger(folder: folder.path).load()
        #expect(contents.setAside == nil && contents.snapshot.maintenance == Story.windows)
        #expect(contents.snapshot.durations == durations && durations.known(of: key) == [3, 4, 5])
        #expect(contents.snapshot.reservations.contains(Story.promised))
    }

    @Test("a ledger of before there were accounts is read, and what its reservations had counts from then on")
    func withoutAccounts() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(100, snapshot: true))
        await ledger.close()
        try await DatabaseQueue(path: folder.file).write { db in
            try db.execute(sql: "ALTER TABLE snapshot DROP COLUMN accounts")
        }
        let again = SQLiteLedger(folder: folder.path)
        let contents = try await again.load()
        #expect(contents.setAside == nil && contents.snapshot.memory == nil)
        #expect(contents.state.reservations == story.state.reservations)
        let (kept, told) = (contents.state.accounts, story.state.accounts)
        for subject in [Subject.user(1000), .user(1001)] {
            #expect(kept[subject]?.held == told[subject]?.held)
            #expect(kept[subject]?.average ?? 0 > 0)
        }
        // What is kept from now on is kept with what was remembered.
        var batch = story.batch(10, snapshot: true)
        batch.snapshot?.memory = kept.memory
        try await again.storeAndWait(batch)
        await again.close()
        // A snapshot that another version has made since is not that of these accounts.
        let third = SQLiteLedger(folder: folder.path)
        #expect(try await third.load().snapshot.memory == kept.memory)
        await third.close()
        try await DatabaseQueue(path: folder.file).write { db in
            try db.execute(sql: "UPDATE snapshot SET event = event + 1; DELETE FROM event")
        }
        #expect(try await SQLiteLedger(folder: folder.path).load().snapshot.memory == nil)
    }

    @Test("the writer syncs every commit, in WAL mode, also after it was read again")
    func pragmas() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        for _ in 0..<2 {
            _ = try await ledger.load()
            let pool = try ledger.readSide.get().pool
            let (synchronous, journal) = try await pool.writeWithoutTransaction { db in
                (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
            }
            #expect(synchronous == 2)
            #expect(journal == "wal")
        }
    }

    @Test("the folder is made for its user alone, and so are the files")
    func modes() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/state/berth"
        let ledger = SQLiteLedger(folder: path)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(3))
        func mode(_ name: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
        }
        #expect(try mode("") == 0o700)
        for ending in ["", "-wal", "-shm"] { #expect(try mode("/berth.db" + ending) == 0o600) }
    }

    @Test("a second agent in the same folder is refused, and the first is not disturbed")
    func secondAgent() async throws {
        let folder = TemporaryFolder()
        let first = SQLiteLedger(folder: folder.path)
        _ = try await first.load()
        let second = SQLiteLedger(folder: folder.path)
        await #expect(throws: LedgerError("lock the folder \(folder.path): another agent uses it")) {
            _ = try await second.load()
        }
        var story = Story()
        try await first.storeAndWait(story.batch())
        await first.close()
        #expect(try await second.load().last == 1)
    }

    @Test("what cannot be opened for no fault of a file is an error, and nothing is set aside")
    func notTheFile() async throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try "".write(toFile: folder.path + "/state", atomically: true, encoding: .utf8)
        let ledger = SQLiteLedger(folder: folder.path + "/state")
        await #expect(throws: LedgerError("open the folder \(folder.path)/state: Not a directory")) {
            _ = try await ledger.load()
        }
        #expect(folder.names == ["state"])
    }

    @Test("closing stores what was handed over, and then nothing is stored or read any more")
    func close() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        for _ in 0..<50 { ledger.store(story.batch(2)) { _ in } }
        _ = try await ledger.events(after: 0, limit: 1)
        await ledger.close()
        await ledger.close()
        let closed = LedgerError("the ledger is closed")
        await #expect(throws: closed) { try await ledger.storeAndWait(LedgerBatch(events: [])) }
        await #expect(throws: closed) { _ = try await ledger.load() }
        await #expect(throws: LedgerError("the ledger is not open")) { _ = try await ledger.oldest() }
        #expect(folder.names == ["berth.db"])
        #expect(try await SQLiteLedger(folder: folder.path).load().last == 100)
    }

    @Test("nothing is stored or read before the ledger was loaded")
    func beforeLoad() async throws {
        let ledger = SQLiteLedger(folder: TemporaryFolder().path)
        let error = LedgerError("the ledger is not open")
        await #expect(throws: error) { try await ledger.storeAndWait(LedgerBatch(events: [])) }
        await #expect(throws: error) { _ = try await ledger.events(after: 0, limit: 1) }
    }
}
