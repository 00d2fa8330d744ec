import BerthAgent
import BerthCore
import BerthModel
import GRDB
import Testing

@testable import BerthLedger

@Suite("What cannot be read") struct LoadingTests {
    /// A ledger with a snapshot at event 120 and events to 180, spoilt by a statement.
    private static func spoilt(_ folder: TemporaryFolder, _ sql: String) async throws -> SQLiteLedger {
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        try await ledger.storeAndWait(story.batch(120, snapshot: true))
        try await ledger.storeAndWait(story.batch(60))
        await ledger.close()
        let queue = try DatabaseQueue(path: folder.file)
        try await queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
        return SQLiteLedger(folder: folder.path)
    }

    @Test(
        "is passed over and told of, and the numbers go on after the last event",
        arguments: [
            (
                "UPDATE event SET name = 'scaled' WHERE id = 130",
                "event 130 (scaled): the document is no event that this version knows"
            ),
            ("UPDATE event SET version = 2 WHERE id = 180", "event 180 (freed): it has the newer version 2"),
            ("UPDATE event SET data = '{' WHERE id = 131", "event 131 (ended): line 1, column 2"),
            ("UPDATE event SET data = '{}' WHERE id = 127", "event 127 (granted)"),
            ("UPDATE event SET data = x'00' WHERE id > 121", "and 56 more"),
            ("UPDATE event SET at = 'noon', version = NULL WHERE id = 121", "event 121"),
            ("UPDATE event SET reservation = NULL WHERE id = 140", "event 140"),
            ("DELETE FROM event WHERE id IN (133, 134)", "events 133 to 134: they are missing"),
            ("UPDATE held SET data = '[]'", "reservation "),
            ("UPDATE held SET version = 9 WHERE id = (SELECT min(id) FROM held)", "it has the newer version 9"),
            ("UPDATE snapshot SET capacity = '{\"capacity\": 3}'", "the capacity: "),
            ("UPDATE snapshot SET capacity = '{}', version = 3", "the capacity: it has the newer version 3"),
        ])
    func passedOver(sql: String, complaint: String) async throws {
        let folder = TemporaryFolder()
        var schema = "CREATE TEMP TABLE t (x);"
        if sql.contains("NULL") {
            // A column that may not be null can be it all the same in a file that was written by hand.
            schema = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'R NOT NULL', 'R');"
            schema += "PRAGMA writable_schema = RESET;"
        }
        var ledger = try await Self.spoilt(folder, schema + sql)
        let contents = try await ledger.load()
        let text = try #require(contents.setAside)
        #expect(text.hasPrefix("\(folder.file): passed over what this version cannot read: "))
        #expect(text.contains(complaint), "\(text)")
        // All that could be read, at the last event.
        #expect(contents.events.isEmpty && contents.snapshot.event == 180 && contents.last == 180)
        #expect(!contents.snapshot.reservations.isEmpty)
        #expect(try await ledger.events(after: 120, limit: 100).allSatisfy { $0.id > 120 })
        var story = Story(through: 180)
        try await ledger.storeAndWait(story.batch(20))
        await ledger.close()
        // Nothing was taken away, so it is told of again; a snapshot is what ends it.
        ledger = SQLiteLedger(folder: folder.path)
        #expect(try await ledger.load().setAside == text)
        try await ledger.storeAndWait(story.batch(1, snapshot: true))
        await ledger.close()
        let healed = try await SQLiteLedger(folder: folder.path).load()
        #expect(healed.setAside == nil && healed.snapshot.event == 201 && healed.state.isLike(story.state))
    }

    @Test("of maintenance takes neither the pools nor the other windows with it")
    func maintenance() async throws {
        let folder = TemporaryFolder()
        var ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        var story = Story()
        var batch = story.batch(30, snapshot: true)
        let pool = try #require(PoolName("ci"))
        batch.snapshot?.pools = try Pools([Pool(pool, .elastic)])
        batch.snapshot?.maintenance = Story.windows
        try await ledger.storeAndWait(batch)
        await ledger.close()
        let queue = try DatabaseQueue(path: folder.file)
        try await queue.write { db in
            let time = Story.windows[0].end.description
            try db.execute(sql: "UPDATE snapshot SET accounts = replace(accounts, '\(time)', '1\(time)')")
        }
        try queue.close()
        ledger = SQLiteLedger(folder: folder.path)
        let contents = try await ledger.load()
        #expect(
            contents.setAside?.contains("passed over what this version cannot read: the maintenance \"all\": ") == true)
        #expect(contents.snapshot.pools?[pool]?.kind == .elastic)
        #expect(contents.snapshot.maintenance == [Story.windows[1]])
    }

    @Test("leaves the others as they were")
    func others() async throws {
        let folder = TemporaryFolder()
        let ledger = try await Self.spoilt(folder, "UPDATE event SET name = 'scaled' WHERE id = 128")
        let contents = try await ledger.load()
        // Event 128 only told of receipts.
        var expected = Story(through: 180).state.reservations
        var found = contents.state.reservations
        let id = try #require(Story(through: 128).lastEvent?.reservation)
        expected[id]?.receipts = []
        found[id]?.receipts = []
        #expect(found == expected)
    }

    @Test("is left out of streams, which go on behind it")
    func streams() async throws {
        let folder = TemporaryFolder()
        let ledger = try await Self.spoilt(folder, "UPDATE event SET name = 'scaled' WHERE id BETWEEN 11 AND 50")
        _ = try await ledger.load()
        #expect(try await ledger.events(after: 9, limit: 3).map(\.id) == [10, 51, 52])
    }

    @Test("of an ended reservation is an error where it is asked for, and left out of lists")
    func ended() async throws {
        let folder = TemporaryFolder()
        let first = try #require(Story.batch(through: 120).ended.first)
        let ledger = try await Self.spoilt(folder, "UPDATE ended SET version = 2 WHERE id = \(first.id.row)")
        _ = try await ledger.load()
        let expected = LedgerError(
            "read reservation \(first.id) in \(folder.file): reservation \(first.id): it has the newer version 2")
        await #expect(throws: expected) { _ = try await ledger.ended(first.id) }
        let key = try #require(first.retry?.key)
        await #expect(throws: LedgerError.self) { _ = try await ledger.ended(user: first.user, retry: key) }
        let all = try await ledger.ended(state: nil, user: nil, limit: 100)
        #expect(all.count == Story.batch(through: 180).ended.count - 1 && !all.contains { $0.id == first.id })
    }

    @Test(
        "a number that no event can have is damage",
        arguments: [
            "UPDATE event SET id = 9223372036854775807 WHERE id = 180",
            "UPDATE event SET id = -9223372036854775808 WHERE id = 1",
            "UPDATE snapshot SET event = 9223372036854775807", "UPDATE snapshot SET event = -1",
            "UPDATE snapshot SET event = 'x'",
            "DELETE FROM snapshot", "DELETE FROM ledger",
        ])
    func impossible(sql: String) async throws {
        let folder = TemporaryFolder()
        let contents = try await Self.spoilt(folder, sql).load()
        #expect(contents.setAside?.contains("set aside as berth.db.corrupt-") == true && contents.events.isEmpty)
        // No client goes on in it with a number of the one before.
        #expect(contents.last > 1_000_000_000_000_000 && contents.last == contents.snapshot.event)
    }
}
