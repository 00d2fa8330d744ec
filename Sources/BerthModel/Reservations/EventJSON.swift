public import BerthJSON

extension Event {
    /// The version of stored events. Older versions stay readable.
    public static let version = 1

    /// The event's data as streams show it: `at`, `reservation` and what changed.
    public var json: JSONValue {
        var object: JSONObject = ["at": .string(at.description)]
        object["reservation"] = reservation.map { .string($0.description) }
        switch change {
        case .capacityChanged(let capacity): object["capacity"] = capacity.json
        case .unitsChanged(let type, let changed, let gone, let isProvided):
            object["provided"] = .bool(isProvided)
            object["type"] = .string(type.name)
            object["units"] = .array(changed.map { $0.json(type.measure) })
            object["gone"] = .array(gone.map { .string($0) })
        case .booted(let boot): object["boot"] = .string(boot)
        case .queued(let reservation):
            object["user"] = JSONValue(Int64(reservation.user))
            object["name"] = reservation.name.map { .string($0) }
            object["resources"] = reservation.waiting?.request.resources.json
            object["start"] = reservation.start.map { .string($0.description) }
            object["waits_until"] = reservation.expiresAt.map { .string($0.description) }
            object["requeue_of"] = reservation.requeueOf.map { .string($0.description) }
        case .granted(let reservation):
            object["user"] = JSONValue(Int64(reservation.user))
            object["name"] = reservation.name.map { .string($0) }
            object["resources"] = reservation.grant.json
            object["expires_at"] = reservation.expiresAt.map { .string($0.description) }
        case .resized(_, let grant): object["resources"] = grant.json
        case .amended(_, let amendments): object["amendments"] = .array(amendments.map(\.json))
        case .renewed(_, let lease, let expiresAt, _):
            object["lease"] = .string(lease.text)
            object["expires_at"] = .string(expiresAt.description)
        case .preempted(_, let preemption, _): for (name, value) in preemption.json { object[name] = value }
        case .warned(_, let signal): object["signal"] = .string(signal.rawValue)
        case .attached(_, let process), .exited(_, let process), .left(_, let process), .returned(_, let process):
            object["pid"] = JSONValue(Int64(process.pid))
        case .enforced(_, let receipts): object["receipts"] = .array(receipts.map(\.json))
        case .provided(_, let provisions):
            object["env"] = .object(
                JSONObject(provisions.sorted { $0.key < $1.key }.map { ($0.key.name, $0.value.environmentJSON) }))
        case .arrived(_, let arrival): for (name, value) in arrival.json { object[name] = value }
        case .lent(_, let borrowed): for (name, amount) in Reservation.loanJSON(borrowed) { object[name] = amount }
        case .barrierOpened: break
        case .ended(_, let state, let reason):
            object["state"] = .string(state.rawValue)
            object["reason"] = .string(reason.rawValue)
        case .freed(_, let usage): object["usage"] = usage.map(\.json)
        case .unmanagedChanged(let memory): object["memory"] = JSONValue(memory.units)
        case .poolsChanged(let pools): object["pools"] = pools.json
        case .moved(_, let pool): object["pool"] = .string(pool.text)
        case .maintenanceAdded(let window): object["window"] = .object(window.json)
        case .maintenanceRemoved(let id): object["window"] = ["id": .string(id)]
        case .accountingChanged(let accounting):
            object["half_life"] = .string(Duration.milliseconds(accounting.halfLife).text)
            object["periods"] = .array(accounting.periods.map { .string(Duration.milliseconds($0).text) })
            if !accounting.pools.isEmpty {
                object["half_lives"] = .object(
                    JSONObject(
                        accounting.pools.sorted { $0.key < $1.key }.map { pool, halfLife in
                            (pool.text, .string(Duration.milliseconds(halfLife).text))
                        }))
            }
        }
        return .object(object)
    }
}

extension Event.Change {
    /// The change as the ledger keeps it, without its name and its reservation, which have columns of their own.
    public var stored: JSONValue {
        switch self {
        case .capacityChanged(let capacity): ["capacity": capacity.json]
        case .unitsChanged(let type, let changed, let gone, let isProvided):
            [
                "provided": .bool(isProvided),
                "type": .string(type.name), "units": .array(changed.map { $0.json(type.measure) }),
                "gone": .array(gone.map { .string($0) }),
            ]
        case .booted(let boot): ["boot": .string(boot)]
        case .queued(let reservation), .granted(let reservation): ["reservation": reservation.stored]
        case .resized(_, let grant): ["grant": grant.json]
        case .amended(_, let amendments): ["amendments": .array(amendments.map(\.json))]
        case .renewed(_, let lease, let expiresAt, let deadline):
            [
                "lease_ms": JSONValue(lease.milliseconds), "expires_ms": JSONValue(expiresAt.milliseconds),
                "deadline_ms": JSONValue(deadline),
            ]
        case .preempted(_, let preemption, let deadline):
            ["preemption": preemption.stored, "deadline_ms": JSONValue(deadline)]
        case .warned(_, let signal): ["signal": .string(signal.rawValue)]
        case .attached(_, let process), .exited(_, let process), .left(_, let process), .returned(_, let process):
            ["process": process.json]
        case .enforced(_, let receipts): ["receipts": .array(receipts.map(\.json))]
        case .provided(_, let provisions): ["provisions": Reservation.json(provisions)]
        case .arrived(_, let arrival): ["arrival": .object(arrival.json)]
        case .lent(_, let borrowed): ["borrowed": JSONValue(borrowed.units)]
        case .barrierOpened: [:]
        case .ended(_, let state, let reason):
            ["state": .string(state.rawValue), "reason": .string(reason.rawValue)]
        case .freed(_, let usage): usage.map { ["usage": $0.stored] } ?? [:]
        case .unmanagedChanged(let memory): ["memory": JSONValue(memory.units)]
        case .poolsChanged(let pools): ["pools": pools.stored]
        case .moved(_, let pool): ["pool": .string(pool.text)]
        case .maintenanceAdded(let window): ["window": .object(window.json)]
        case .maintenanceRemoved(let id): ["id": .string(id)]
        case .accountingChanged(let accounting): ["accounting": accounting.stored]
        }
    }

    /// Reads a change that the ledger kept.
    /// - Parameters:
    ///   - name: the event's name
    ///   - id: the reservation it is about
    ///   - value: what ``stored`` printed
    public init(named name: String, reservation id: ReservationID?, stored value: JSONValue) throws(JSONFieldError) {
        self = try JSONFields.read(value) { fields throws(JSONFieldError) in
            switch (name, id) {
            case ("capacity_changed", _): .capacityChanged(try fields.required("capacity", Capacity.reader))
            case ("units_changed", _):
                try Event.Change.unitsChanged(&fields)
            case ("booted", _): .booted(boot: try fields.required("boot", .string))
            case ("queued", _): .queued(try fields.required("reservation", Reservation.storedReader))
            case ("granted", _): .granted(try fields.required("reservation", Reservation.storedReader))
            case ("amended", let id?):
                .amended(id, try fields.required("amendments", .array(of: Amendment.reader)))
            case ("resized", let id?): .resized(id, try fields.required("grant", Grant.reader))
            case ("renewed", let id?):
                .renewed(
                    id, lease: .milliseconds(try fields.required("lease_ms", .int64)),
                    expiresAt: Timestamp(milliseconds: try fields.required("expires_ms", .int64)),
                    deadline: try fields.required("deadline_ms", .int64))
            case ("preempted", let id?):
                .preempted(
                    id, try fields.required("preemption", Preemption.storedReader),
                    deadline: try fields.required("deadline_ms", .int64))
            case ("warned", let id?): .warned(id, try fields.required("signal", .oneOf(Signal.self)))
            case ("attached", let id?): .attached(id, try fields.required("process", ProcessIdentity.reader))
            case ("exited", let id?): .exited(id, try fields.required("process", ProcessIdentity.reader))
            case ("left", let id?): .left(id, try fields.required("process", ProcessIdentity.reader))
            case ("returned", let id?): .returned(id, try fields.required("process", ProcessIdentity.reader))
            case ("enforced", let id?): .enforced(id, try fields.required("receipts", .array(of: Receipt.reader)))
            case ("provided", let id?): .provided(id, try fields.required("provisions", .provisions))
            case ("arrived", let id?): .arrived(id, try fields.required("arrival", Arrival.reader))
            case ("lent", let id?): .lent(id, Quantity(try fields.required("borrowed", .int64)))
            case ("barrier_opened", let id?): .barrierOpened(id)
            case ("ended", let id?):
                .ended(
                    id, try fields.required("state", .oneOf(Reservation.State.self)),
                    try fields.required("reason", .oneOf(Reservation.EndReason.self)))
            case ("freed", let id?): .freed(id, try fields.optional("usage", Usage.storedReader))
            case ("unmanaged_changed", _): .unmanagedChanged(Quantity(try fields.required("memory", .int64)))
            case ("pools_changed", _): .poolsChanged(try fields.required("pools", Pools.storedReader))
            case ("moved", let id?): .moved(id, try fields.required("pool", .poolName))
            case ("maintenance_added", _):
                .maintenanceAdded(try fields.required("window", MaintenanceWindow.reader))
            case ("maintenance_removed", _): .maintenanceRemoved(try fields.required("id", .string))
            case ("accounting_changed", _):
                .accountingChanged(try fields.required("accounting", Accounting.storedReader))
            default: throw .invalid("is no event that this version knows: \(name)")
            }
        }
    }

    private static func unitsChanged(_ fields: inout JSONFields) throws(JSONFieldError) -> Event.Change {
        let type = try fields.required("type", .resourceType)
        return .unitsChanged(
            type, try fields.required("units", .array(of: .unit(type.measure))),
            gone: try fields.required("gone", .array(of: .string)), isProvided: try fields.required("provided", .bool))
    }
}
