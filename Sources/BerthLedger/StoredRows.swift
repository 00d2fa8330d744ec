internal import BerthCore
internal import BerthJSON
internal import BerthModel
internal import GRDB

/// What a row holds that this version cannot read: written by a newer agent, or damaged.
struct Unreadable: Error {
    /// What it is and why not, as it stands in a sentence.
    let what: String
}

extension Event {
    /// What ``init(row:)`` needs, in its order.
    static let columns = "id, at, user, reservation, name, version, data"

    /// Reads an event as it was stored.
    init(row: Row) throws(Unreadable) {
        guard let id = row.integer(0) else { throw Unreadable(what: "an event without a number") }
        let name = row.text(4) ?? ""
        let what = "event \(id) (\(name))"
        guard let at = row.integer(1) else { throw Unreadable(what: what + ": it has no time") }
        let json = try JSONValue(stored: row.text(6), version: row.integer(5), what)
        let change: Change
        do throws(JSONFieldError) {
            let reservation = row.integer(3).map { ReservationID(bits: UInt64(bitPattern: $0)) }
            change = try Change(named: name, reservation: reservation, stored: json)
        } catch {
            throw Unreadable(what: "\(what): \(error)")
        }
        let user = row.integer(2).flatMap(UInt32.init(exactly:))
        self.init(id: id, at: Timestamp(milliseconds: at), user: user, change: change)
    }
}

extension Reservation {
    /// Reads a reservation from a row of its id, version and data.
    init(row: Row) throws(Unreadable) {
        let id = ReservationID(bits: UInt64(bitPattern: row.integer(0) ?? 0))
        let json = try JSONValue(stored: row.text(2), version: row.integer(1), "reservation \(id)")
        do throws(JSONFieldError) {
            self = try Reservation.storedReader.read(json)
        } catch {
            throw Unreadable(what: "reservation \(id): \(error)")
        }
    }
}

extension Capacity {
    /// The capacity as a snapshot keeps it: as the event of its change does.
    var stored: JSONValue { Event.Change.capacityChanged(self).stored }

    /// Reads what ``stored`` printed.
    init(stored text: String?, version: Int64?) throws(Unreadable) {
        let json = try JSONValue(stored: text, version: version, "the capacity")
        do throws(JSONFieldError) {
            let change = try Event.Change(named: "capacity_changed", reservation: nil, stored: json)
            if case .capacityChanged(let capacity) = change {
                self = capacity
                return
            }
        } catch {
            throw Unreadable(what: "the capacity: \(error)")
        }
        throw Unreadable(what: "the capacity: it is something else")
    }
}

extension Accounts {
    /// What accounts remembered at a snapshot, with the event that this was at, and the pools, the maintenance and the
    /// durations of then.
    struct Kept {
        var event: Int64
        var memory: Memory
        var pools: Pools?
        var maintenance: [MaintenanceWindow]
        var durations: LearnedDurations
        /// The windows that cannot be read, as sentences.
        var passedOver: [String] = []

        var stored: JSONValue {
            var object: JSONObject = ["event": JSONValue(event), "memory": memory.stored]
            if let pools, pools != Pools() { object["pools"] = pools.stored }
            if !maintenance.isEmpty { object["maintenance"] = .array(maintenance.map { .object($0.json) }) }
            if !durations.kept.isEmpty { object["durations"] = .array(durations.kept.map(\.stored)) }
            return .object(object)
        }
    }
}

extension LearnedDurations.Seen {
    fileprivate var stored: JSONValue {
        [
            "user": JSONValue(Int64(key.user)), "name": .string(key.name),
            "taken_ms": .array(taken.map { JSONValue($0) }),
        ]
    }

    fileprivate static var storedReader: JSONReader<LearnedDurations.Seen> {
        .fields { fields throws(JSONFieldError) in
            LearnedDurations.Seen(
                key: LearnedDurations.Key(
                    user: try fields.required("user", .accountNumber), name: try fields.required("name", .string)),
                taken: try fields.required("taken_ms", .array(of: .int64)))
        }
    }
}

extension Accounts.Kept {
    /// Reads what ``stored`` printed.
    init(stored text: String?, version: Int64?) throws(Unreadable) {
        let json = try JSONValue(stored: text, version: version, "the accounts")
        do throws(JSONFieldError) {
            self = try JSONFields.read(json) { fields throws(JSONFieldError) in
                Accounts.Kept(
                    event: try fields.required("event", .int64),
                    memory: try fields.required("memory", Accounts.Memory.storedReader),
                    pools: try fields.optional("pools", Pools.storedReader),
                    windows: try fields.optional("maintenance", .array) ?? [],
                    durations: try fields.optional("durations", .array(of: LearnedDurations.Seen.storedReader)) ?? [])
            }
        } catch {
            throw Unreadable(what: "the accounts: \(error)")
        }
    }

    /// A window that cannot be read takes nothing else with it.
    private init(
        event: Int64, memory: Accounts.Memory, pools: Pools?, windows: [JSONValue], durations: [LearnedDurations.Seen]
    ) {
        self.init(
            event: event, memory: memory, pools: pools, maintenance: [], durations: LearnedDurations(durations))
        for window in windows {
            do throws(JSONFieldError) {
                self.maintenance.append(try MaintenanceWindow.reader.read(window))
            } catch {
                let name = if case .object(let object) = window { object["id"]?.excerpt } else { nil as String? }
                passedOver.append("the maintenance \(name ?? "without a name"): \(error)")
            }
        }
    }
}

extension JSONValue {
    /// Berth printed these itself, from requests that were limited: only nesting needs a limit here.
    private static let limits = JSONLimits(maxBytes: .max)

    fileprivate init(stored text: String?, version: Int64?, _ what: String) throws(Unreadable) {
        guard let version, let text else { throw Unreadable(what: "\(what): it has no data") }
        // A newer agent may have meant something else by the same words.
        guard version <= Event.version else { throw Unreadable(what: "\(what): it has the newer version \(version)") }
        do throws(JSONParseError) {
            self = try JSONValue(parsing: text, limits: JSONValue.limits)
        } catch {
            throw Unreadable(what: "\(what): \(error)")
        }
    }
}

extension Row {
    /// The whole number of a column; nil for anything else. (Asking a row for an `Int64` traps where it has a text.)
    func integer(_ index: Int) -> Int64? { Int64.fromDatabaseValue(self[index] as DatabaseValue) }

    /// The text of a column; nil for anything else.
    func text(_ index: Int) -> String? { String.fromDatabaseValue(self[index] as DatabaseValue) }
}
