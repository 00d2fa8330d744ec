internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel
internal import GRDB

/// Where a ledger stands.
struct Position {
    /// The last event in it.
    var last: Int64
    /// Every event after this one is kept.
    var oldest: Int64
    /// When the last event happened, in milliseconds since 1970: the only clock that compaction knows.
    var newest: Int64
    /// The last event that is in the snapshot: every later one is needed at the next start.
    var snapshot: Int64
}

/// The statements of the writer, each prepared once, and what they are fed with.
///
/// Belongs to one connection and is used by one thread.
final class WriterStatements {
    private let event: Statement
    private let ended: Statement
    private let held: Statement
    private let noLongerHeld: Statement
    private let snapshot: Statement
    private var bytes: [UInt8] = []

    init(_ db: Database) throws {
        event = try db.makeStatement(sql: "INSERT INTO event (\(Event.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)")
        // A reservation ends once; a second time would be a replay of the first.
        ended = try db.makeStatement(
            sql: "REPLACE INTO ended (id, user, state, ended, retry, version, data) VALUES (?, ?, ?, ?, ?, ?, ?)")
        held = try db.makeStatement(sql: "REPLACE INTO held (id, version, data) VALUES (?, ?, ?)")
        noLongerHeld = try db.makeStatement(sql: "DELETE FROM held WHERE id = ?")
        snapshot = try db.makeStatement(
            sql: "UPDATE snapshot SET event = ?, version = ?, boot = ?, capacity = ?, accounts = ?")
    }

    /// Adds an event.
    func add(_ event: Event) throws {
        try self.event.execute(arguments: [
            event.id, event.at.milliseconds, event.user, event.reservation?.row, event.name, Event.version,
            text(event.change.stored),
        ])
    }

    /// Adds a reservation that holds nothing any more.
    func add(ended reservation: Reservation) throws {
        let ended = reservation.endedAt ?? reservation.createdAt
        try self.ended.execute(arguments: [
            reservation.id.row, reservation.user, reservation.state.rawValue, ended.milliseconds,
            reservation.retry?.key, Event.version, text(reservation.stored),
        ])
    }

    /// Makes the snapshot this one, and writes these of its reservations.
    func set(_ snapshot: Snapshot, writing reservations: [Reservation]) throws {
        try self.snapshot.execute(arguments: [
            snapshot.event, Event.version, snapshot.boot, snapshot.capacity.map { text($0.stored) },
            snapshot.memory.map {
                let kept = Accounts.Kept(
                    event: snapshot.event, memory: $0, pools: snapshot.pools, maintenance: snapshot.maintenance,
                    durations: snapshot.durations)
                return text(kept.stored)
            },
        ])
        // In the order of the table each of its pages is gone to once.
        for reservation in reservations.sorted(by: { $0.id < $1.id }) {
            try held.execute(arguments: [reservation.id.row, Event.version, text(reservation.stored)])
        }
    }

    /// Takes reservations out of the snapshot.
    func remove(held ids: some Sequence<ReservationID>) throws {
        for id in ids { try noLongerHeld.execute(arguments: [id.row]) }
    }

    private func text(_ value: JSONValue) -> String {
        bytes.removeAll(keepingCapacity: true)
        value.write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ReservationID {
    /// The number that rows have for it.
    var row: Int64 { Int64(bits) }
}
