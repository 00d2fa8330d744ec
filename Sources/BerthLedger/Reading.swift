package import BerthAgent
package import BerthModel
internal import GRDB
internal import Synchronization

/// What readers must know of the open ledger, as its writer last said.
final class ReadSide: Sendable {
    /// The open ledger; nil while none is.
    struct Current {
        var pool: DatabasePool
        var position: Position
    }

    private let current: Mutex<Current?> = Mutex(nil)

    /// Tells readers where the ledger stands now.
    func set(_ new: Current?) { current.withLock { $0 = new } }

    /// Where the ledger stands.
    func get() throws(LedgerError) -> Current {
        guard let current = current.withLock({ $0 }) else { throw LedgerError("the ledger is not open") }
        return current
    }

    /// Reads on one of the pool's own threads, without ever holding up the writer.
    func read<Value: Sendable>(
        _ what: @autoclosure () -> String, _ body: @Sendable (Database, Position) throws -> Value
    ) async throws(LedgerError) -> Value {
        let current = try get()
        do {
            return try await current.pool.read { db in try body(db, current.position) }
        } catch let error as Unreadable {
            throw LedgerError("read \(what()) in \(current.pool.path): \(error.what)")
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError("read \(what()) in \(current.pool.path): \(error)")
        }
    }
}

extension SQLiteLedger {
    /// The events after an id, oldest first. Those that this version cannot read are left out; the answer is empty only
    /// where nothing follows that can be read.
    /// - Throws: also where events after the id are no longer kept
    package func events(after id: Int64, limit: Int) async throws(LedgerError) -> [Event] {
        guard limit > 0 else { return [] }
        return try await readSide.read("the events after \(id)") { db, _ in
            // Compaction may have gone on since the caller asked for the oldest.
            let sql = "SELECT coalesce(min(id) - 1, (SELECT event FROM snapshot)) FROM event"
            guard let oldest = try Int64.fetchOne(db, sql: sql), id >= oldest else {
                throw LedgerError("the events after \(id) are no longer kept")
            }
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: "SELECT \(Event.columns) FROM event WHERE id > ? ORDER BY id"), arguments: [id])
            var events: [Event] = []
            while events.count < limit, let row = try rows.next() {
                do throws(Unreadable) { events.append(try Event(row: row)) } catch { continue }
            }
            return events
        }
    }

    /// The oldest id that ``events(after:limit:)`` may be asked to begin after.
    package func oldest() async throws(LedgerError) -> Int64 { try readSide.get().position.oldest }

    /// A reservation that has ended and holds nothing, as it last was; nil when none is kept. Also finds what was
    /// handed to ``store(_:whenStored:)`` and is not durable yet.
    /// - Throws: also where one is kept that this version cannot read
    package func ended(_ id: ReservationID) async throws(LedgerError) -> Reservation? {
        if let found = orders.ended(where: { $0.id == id }).last { return found }
        return try await readSide.read("reservation \(id)") { db, _ in
            let statement = try db.cachedStatement(sql: "SELECT id, version, data FROM ended WHERE id = ?")
            return try Row.fetchOne(statement, arguments: [id.row]).map { row throws(Unreadable) in
                try Reservation(row: row)
            }
        }
    }

    /// Reservations that have ended, newest first, those included that are not durable yet. Those that this version
    /// cannot read are left out.
    package func ended(
        state: Reservation.State?, user: UInt32?, limit: Int
    ) async throws(LedgerError) -> [Reservation] {
        guard limit > 0 else { return [] }
        let waiting = orders.ended { (state ?? $0.state) == $0.state && (user ?? $0.user) == $0.user }
        let stored = try await readSide.read("the ended reservations") { db, _ in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT id, version, data FROM ended
                    WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR user = ?2)
                    ORDER BY ended DESC, number DESC
                    """)
            let rows = try Row.fetchCursor(statement, arguments: [state?.rawValue, user])
            var found: [Reservation] = []
            while found.count < limit, let row = try rows.next() {
                do throws(Unreadable) { found.append(try Reservation(row: row)) } catch { continue }
            }
            return found
        }
        guard !waiting.isEmpty else { return stored }
        let ids = Set(waiting.map(\.id))
        // Of two that ended in one millisecond the later stands first: the sort keeps the order of equal ones.
        let all = waiting.reversed() + stored.filter { !ids.contains($0.id) }
        return Array(all.sorted { $0.endOrder > $1.endOrder }.prefix(limit))
    }

    /// The ended reservation that a request with this key made, while keys are kept. Also finds what is not durable
    /// yet, so that a retry right after an end does not reserve twice.
    /// - Throws: also where one is kept that this version cannot read
    package func ended(user: UInt32, retry key: String) async throws(LedgerError) -> Reservation? {
        if let found = orders.ended(where: { $0.user == user && $0.retry?.key == key }).last { return found }
        return try await readSide.read("the reservation of a retry key") { [retention] db, position in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT id, version, data FROM ended WHERE user = ? AND retry = ? AND ended >= ?
                    ORDER BY ended DESC LIMIT 1
                    """)
            let since = position.newest - retention.retryAge
            return try Row.fetchOne(statement, arguments: [user, key, since]).map { row throws(Unreadable) in
                try Reservation(row: row)
            }
        }
    }
}

extension Reservation {
    /// When it ended, in milliseconds since 1970: what lists are sorted by.
    var endOrder: Int64 { (endedAt ?? createdAt).milliseconds }
}
