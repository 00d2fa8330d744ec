internal import BerthAgent
internal import BerthCore
internal import BerthModel
internal import GRDB

/// What is read at the start, and what the writer must know of it.
struct Loaded {
    /// The number of the ledger.
    var epoch: String
    /// Where the ledger stands.
    var position: Position
    /// The state at the last snapshot.
    var snapshot: Snapshot
    /// Everything that happened since.
    var events: [Event]
    /// What could not be read, as sentences.
    var passedOver: [String]

    /// Reads what an open ledger holds.
    /// - Throws: ``Damage`` or an error of SQLite
    init(_ db: Database) throws {
        guard let epoch = try String.fetchOne(db, sql: "SELECT epoch FROM ledger"),
            let row = try Row.fetchOne(db, sql: "SELECT event, version, boot, capacity, accounts FROM snapshot"),
            let event = row.integer(0), Loaded.ids.contains(event)
        else { throw Damage(reason: "its number or its snapshot is missing") }
        self.epoch = epoch
        passedOver = []
        snapshot = Snapshot(event: event, boot: row.text(2))
        if let capacity = row.text(3) {
            do throws(Unreadable) {
                snapshot.capacity = try Capacity(stored: capacity, version: row.integer(1))
            } catch {
                passedOver.append(error.what)
            }
        }
        if let accounts = row.text(4) {
            do throws(Unreadable) {
                let kept = try Accounts.Kept(stored: accounts, version: row.integer(1))
                // An older agent that has made a snapshot since has left this as it was.
                if kept.event == event {
                    (snapshot.memory, snapshot.pools) = (kept.memory, kept.pools)
                    (snapshot.maintenance, snapshot.durations) = (kept.maintenance, kept.durations)
                    passedOver += kept.passedOver
                }
            } catch {
                passedOver.append(error.what)
            }
        }
        let heldRows = try Row.fetchCursor(db, sql: "SELECT id, version, data FROM held ORDER BY id")
        while let row = try heldRows.next() {
            do throws(Unreadable) {
                snapshot.reservations.append(try Reservation(row: row))
            } catch {
                passedOver.append(error.what)
            }
        }
        position = Position(last: event, oldest: event, newest: 0, snapshot: event)
        events = []
        try readEvents(db)
        if !passedOver.isEmpty { fold() }
    }

    /// The numbers that a snapshot can stand at; one can be added to each.
    private static let ids = 0...Int64.max / 2

    private mutating func readEvents(_ db: Database) throws {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT \(Event.columns) FROM event WHERE id > ? ORDER BY id", arguments: [snapshot.event])
        while let row = try rows.next() {
            guard let id = row.integer(0), Loaded.ids.contains(id) else {
                throw Damage(reason: "an event has an impossible number")
            }
            if id != position.last + 1 {
                passedOver.append("events \(position.last + 1) to \(id - 1): they are missing")
            }
            position.last = id
            do throws(Unreadable) { events.append(try Event(row: row)) } catch { passedOver.append(error.what) }
        }
        let sql = "SELECT min(id), (SELECT at FROM event ORDER BY id DESC LIMIT 1) FROM event"
        guard let row = try Row.fetchOne(db, sql: sql), let first = row.integer(0) else { return }
        guard first > 0 else { throw Damage(reason: "an event has an impossible number") }
        position.oldest = min(first - 1, position.last)
        position.newest = max(0, row.integer(1) ?? 0)
    }

    /// Makes a snapshot at the last event of all that could be read. Where something was passed over, the last event
    /// that can be read need not be the last there is, whose number must not be given again.
    private mutating func fold() {
        var state = State()
        let time = Timestamp(milliseconds: 0)
        if let capacity = snapshot.capacity { state.apply(.capacityChanged(capacity), at: time) }
        if let boot = snapshot.boot { state.apply(.booted(boot: boot), at: time) }
        state.restore(
            snapshot.reservations, snapshot.memory, pools: snapshot.pools, maintenance: snapshot.maintenance,
            durations: snapshot.durations)
        for event in events { state.apply(event.change, at: event.at) }
        snapshot = Snapshot(
            event: position.last, capacity: state.capacity, boot: state.boot,
            reservations: state.kept, memory: state.accounts.memory, pools: state.pools,
            maintenance: state.keptMaintenance, durations: state.durations)
        events = []
    }

    /// The reservations that are not as the file's snapshot has them; nil where the snapshot here is another one.
    var touched: Set<ReservationID>? { passedOver.isEmpty ? Set(events.lazy.compactMap(\.reservation)) : nil }

    /// What could not be read, in one text; nil when nothing was.
    var complaint: String? {
        guard !passedOver.isEmpty else { return nil }
        let shown = passedOver.prefix(3).joined(separator: "; ")
        let rest = passedOver.count > 3 ? "; and \(passedOver.count - 3) more" : ""
        return "passed over what this version cannot read: \(shown)\(rest)"
    }
}
