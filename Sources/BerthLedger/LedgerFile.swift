internal import BerthAgent
internal import BerthModel
internal import GRDB

/// The open ledger as its writer has it. Used by one thread.
final class LedgerFile {
    /// The connections: one that writes, a few that read.
    let pool: DatabasePool
    /// Where the ledger stands.
    private(set) var position: Position
    private var statements: WriterStatements?
    /// The reservations that events after the snapshot are about: only these are not as the file's snapshot has them,
    /// for events are all that changes a reservation. Nil where that is not known of the file.
    private var touched: Set<ReservationID>?

    /// Opens or begins a ledger in a file that is ready, and reads it.
    /// - Parameters:
    ///   - last: after which number the events of a new one are counted
    ///   - prepare: called with the writer's connection when it is open
    /// - Throws: ``Damage`` or an error of SQLite
    static func open(
        _ path: String, after last: Int64, prepare: (Database) throws -> Void
    ) throws -> (LedgerFile, Loaded) {
        var configuration = Configuration()
        configuration.label = "ledger"
        // A person who looks into the file with sqlite3 may hold it for a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // Before GRDB switches to WAL, which is the first write.
            if !db.configuration.readonly { _ = try Schema.isNew(db) }
            try db.execute(sql: "PRAGMA cell_size_check = ON")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        do {
            let (loaded, statements) = try pool.writeWithoutTransaction { db in
                // Opening has set it to NORMAL, which loses the last commits with the power.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // 16 MiB: a snapshot of ten thousand reservations then need not be written to the log twice.
                try db.execute(sql: "PRAGMA cache_size = -16384")
                // As much again in the log: who commits when it is full waits until all of it is in the database.
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
                try prepare(db)
                if try Schema.isNew(db) { try Schema.create(db, after: last) } else { try Schema.extend(db) }
                return (try Loaded(db), try WriterStatements(db))
            }
            return (LedgerFile(pool, loaded, statements), loaded)
        } catch {
            // Before the file gets another name.
            try? pool.close()
            throw error
        }
    }

    private init(_ pool: DatabasePool, _ loaded: Loaded, _ statements: WriterStatements) {
        self.pool = pool
        self.statements = statements
        position = loaded.position
        touched = loaded.touched
    }

    /// Reads the ledger again.
    func reload(prepare: (Database) throws -> Void) throws -> Loaded {
        let loaded = try pool.writeWithoutTransaction { db in
            try prepare(db)
            // One that has failed answers with its failure for ever.
            statements = try WriterStatements(db)
            return try Loaded(db)
        }
        position = loaded.position
        touched = loaded.touched
        return loaded
    }

    /// Stores batches that follow the last event, all in one transaction.
    /// - Parameter retention: given, also deletes some of what is too old: twice as much as comes in, so that a ledger
    ///   which is never idle does not grow for ever and no commit takes much longer than it would
    /// - Returns: whether something may be left that is too old; nil where none was looked for
    func store(_ batches: some Sequence<LedgerBatch>, compactingBy retention: Retention?) throws -> Bool? {
        guard let statements else { return nil }
        var position = position
        var hasMore: Bool?
        var snapshot: Snapshot?
        // What the events after that snapshot are about.
        var later: Set<ReservationID> = []
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                for batch in batches {
                    for event in batch.events {
                        try statements.add(event)
                        position.last = event.id
                        position.newest = max(0, event.at.milliseconds)
                        if let id = event.reservation { later.insert(id) }
                    }
                    for reservation in batch.ended { try statements.add(ended: reservation) }
                    guard let new = batch.snapshot else { continue }
                    snapshot = new
                    touched?.formUnion(later)
                    later = []
                }
                if let snapshot {
                    try store(snapshot, statements, db)
                    position.snapshot = snapshot.event
                }
                let limit = 2 * Int(position.last - self.position.last) + 2
                hasMore = try retention?.compact(db, &position, limit: limit)
                return .commit
            }
        }
        self.position = position
        if snapshot == nil { touched?.formUnion(later) } else { touched = later }
        return hasMore
    }

    /// Makes the snapshot this one. Only those reservations are written that are not as the file has them: of ten
    /// thousand few change between two snapshots, and writing them all would hold up everybody who waits for a commit.
    private func store(_ snapshot: Snapshot, _ statements: WriterStatements, _ db: Database) throws {
        var written = snapshot.reservations
        if let touched {
            written.removeAll { !touched.contains($0.id) }
            try statements.remove(held: touched.subtracting(written.lazy.map(\.id)))
        } else {
            try db.execute(sql: "DELETE FROM held")
        }
        try statements.set(snapshot, writing: written)
    }

    /// Deletes a piece of what is too old, and tells whether there may be more.
    func compact(_ retention: Retention) throws -> Bool {
        var position = position
        var hasMore = false
        try pool.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                hasMore = try retention.compact(db, &position, limit: retention.piece)
                return .commit
            }
        }
        self.position = position
        return hasMore
    }

    /// Gives back the pages that the writer's connection has in memory: after a snapshot more than all else that the
    /// ledger needs. They are read again where they are written again.
    func releaseMemory() { pool.writeWithoutTransaction { db in db.releaseMemory() } }

    /// Closes every connection, when those who read are done, and leaves one file.
    func close() throws {
        statements = nil
        // Those that read are closed first: only the writer, when it is the last, can bring the log into the database.
        pool.releaseMemory()
        try pool.close()
    }
}
