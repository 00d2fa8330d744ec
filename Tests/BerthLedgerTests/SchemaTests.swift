import BerthAgent
import Foundation
import GRDB
import Testing

@testable import BerthLedger

@Suite("The tables") struct SchemaTests {
    @Test("a ledger is known by its application id and version")
    func marks() async throws {
        let folder = TemporaryFolder()
        let ledger = SQLiteLedger(folder: folder.path)
        _ = try await ledger.load()
        let (application, version) = try await ledger.readSide.read("the marks") { db, _ in
            (try Int64.fetchOne(db, sql: "PRAGMA application_id"), try Int64.fetchOne(db, sql: "PRAGMA user_version"))
        }
        #expect(application == 0x4272_7468 && version == 1)
    }

    @Test("an empty file, as a crash may leave it before the tables are there, becomes a ledger")
    func empty() async throws {
        let folder = TemporaryFolder()
        try StateFolder(path: folder.path).make()
        try Data().write(to: URL(fileURLWithPath: folder.file))
        #expect(try await SQLiteLedger(folder: folder.path).load().setAside == nil)
    }

    @Test(
        "every list and every look-up has an index",
        arguments: [
            "SELECT data FROM ended WHERE (?1 IS NULL OR state = ?1) ORDER BY ended DESC, number DESC",
            "SELECT data FROM ended WHERE user = ? AND retry = ? AND ended >= ? ORDER BY ended DESC LIMIT 1",
            "SELECT number FROM ended WHERE ended < ? ORDER BY ended LIMIT ?",
            "SELECT data FROM ended WHERE id = ?",
            "SELECT id FROM event WHERE id > ? AND id <= ? AND at >= ? ORDER BY id LIMIT 1",
            "SELECT coalesce(min(id) - 1, (SELECT event FROM snapshot)) FROM event",
        ])
    func indices(sql: String) throws {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { db in
            try Schema.create(db, after: 0)
            let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
            // What is looked for does not matter to the plan.
            statement.setUncheckedArguments(StatementArguments())
            let plan = try Row.fetchAll(statement).map { $0["detail"] as String }
            let text = plan.joined(separator: "\n")
            #expect(!text.contains("SCAN ended\n") && !text.hasSuffix("SCAN ended"), "\(text)")
            // Only what one user reserved with one key is sorted, and that is one reservation as a rule.
            #expect(!text.contains("TEMP B-TREE") || sql.contains("retry"), "\(text)")
        }
    }

    @Test(
        "a failure that another file would not mend is no damage",
        arguments: [
            (ResultCode.SQLITE_FULL, false), (.SQLITE_NOMEM, false), (.SQLITE_BUSY, false), (.SQLITE_CANTOPEN, false),
            (.SQLITE_IOERR_WRITE, false), (.SQLITE_IOERR_FSYNC, false), (.SQLITE_READONLY, false),
            (.SQLITE_CORRUPT, true), (.SQLITE_NOTADB, true), (.SQLITE_IOERR_READ, true), (.SQLITE_ERROR, true),
        ])
    func damage(code: ResultCode, isDamage: Bool) {
        #expect((Damage(DatabaseError(resultCode: code)) != nil) == isDamage)
    }
}
