internal import GRDB

/// The tables of a ledger, and how a file is known to be one.
///
/// Reservations are numbered by the bits of their ids. JSON stands in columns `data`, each with the version it was
/// written in (`Event.version`); what else a row has is there to be found by.
enum Schema {
    /// `PRAGMA application_id` of every ledger: "Brth".
    static let application: Int64 = 0x4272_7468
    /// `PRAGMA user_version`: goes up when the tables change in a way that older agents cannot read.
    static let version: Int64 = 1

    /// - `ledger`: one row, the number of this ledger.
    /// - `snapshot`: one row, the last event in the snapshot and what is no reservation; `held` are its reservations.
    /// - `event`: the log.
    /// - `ended`: reservations that hold nothing any more, in the order in which they ended, for their ids are random:
    ///   adding a row and deleting the oldest touch few pages. One index serves every list, newest first, for it has
    ///   all that a list chooses by.
    private static let tables = """
        CREATE TABLE ledger (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL);
        CREATE TABLE snapshot (
            one INTEGER PRIMARY KEY CHECK (one = 1), event INTEGER NOT NULL, version INTEGER NOT NULL, boot TEXT,
            capacity TEXT, accounts TEXT);
        CREATE TABLE held (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, data TEXT NOT NULL);
        CREATE TABLE event (
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, user INTEGER, reservation INTEGER, name TEXT NOT NULL,
            version INTEGER NOT NULL, data TEXT NOT NULL);
        CREATE TABLE ended (
            number INTEGER PRIMARY KEY, id INTEGER NOT NULL UNIQUE, user INTEGER NOT NULL, state TEXT NOT NULL,
            ended INTEGER NOT NULL, retry TEXT, version INTEGER NOT NULL, data TEXT NOT NULL);
        CREATE INDEX ended_newest ON ended (ended, number, state, user);
        CREATE INDEX ended_retry ON ended (user, retry) WHERE retry IS NOT NULL;
        """

    /// Whether a file has nothing in it yet. Only reads, so that what is no ledger is set aside as it was.
    /// - Throws: ``Damage`` for another program's file and for tables of another version
    static func isNew(_ db: Database) throws -> Bool {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == 0, version == 0, try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 {
            return true
        }
        guard application == Schema.application else {
            throw Damage(reason: "it is the database of another program (application_id \(application))")
        }
        guard version == Schema.version else {
            throw Damage(reason: "its tables have version \(version), and this agent knows version \(Schema.version)")
        }
        return false
    }

    /// Adds what older agents did not have and do not miss.
    static func extend(_ db: Database) throws {
        if try db.columns(in: "snapshot").contains(where: { $0.name == "accounts" }) { return }
        try db.execute(sql: "ALTER TABLE snapshot ADD COLUMN accounts TEXT")
    }

    /// Makes the tables of a new ledger, all of them or none.
    /// - Parameter last: after which number its events are counted
    static func create(_ db: Database, after last: Int64) throws {
        let bits = String(UInt64.random(in: .min ... .max), radix: 16)
        let epoch = String(repeating: "0", count: max(0, 16 - bits.count)) + bits
        try db.inTransaction(.immediate) {
            try db.execute(sql: tables)
            try db.execute(sql: "INSERT INTO ledger (one, epoch) VALUES (1, ?)", arguments: [epoch])
            try db.execute(sql: "INSERT INTO snapshot (one, event, version) VALUES (1, ?, 1)", arguments: [last])
            try db.execute(sql: "PRAGMA application_id = \(application); PRAGMA user_version = \(version)")
            return .commit
        }
    }
}

/// A file that cannot serve as a ledger, and why; another one in its place can.
struct Damage: Error {
    let reason: String

    /// Whether an error may be that of a disk which is away for a moment: it is one of the file where it stays.
    static func mayPass(_ error: any Error) -> Bool {
        (error as? DatabaseError)?.extendedResultCode == .SQLITE_IOERR_READ
    }

    init(reason: String) { self.reason = reason }

    /// The damage that an error of SQLite tells of; nil for what may be better the next time (a full disk, no memory),
    /// or would be no better with another file.
    init?(_ error: any Error) {
        if let damage = error as? Damage {
            self = damage
            return
        }
        guard let error = error as? DatabaseError else { return nil }
        switch error.extendedResultCode {
        case .SQLITE_IOERR_READ, .SQLITE_IOERR_SHORT_READ: break
        default:
            // SQLITE_ERROR is what our own statements get where a table or a column is not there.
            let codes: [ResultCode] = [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_ERROR]
            guard codes.contains(error.resultCode) else { return nil }
        }
        reason = String(describing: error)
    }
}
