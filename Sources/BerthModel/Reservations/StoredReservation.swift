public import BerthJSON

/// A reservation as the ledger keeps it: everything, in numbers that need no parsing of dates.
extension Reservation {
    /// The whole reservation.
    public var stored: JSONValue {
        var object: JSONObject = ["id": .string(id.description)]
        object["name"] = name.map { .string($0) }
        object["user"] = JSONValue(Int64(user))
        object["state"] = .string(state.rawValue)
        object["reason"] = reason.map { .string($0.rawValue) }
        object["grant"] = grant.json
        object["alternative"] = alternative.map { JSONValue($0) }
        if !affinity.isEmpty { object["affinity"] = .array(affinity.map(\.json)) }
        if !antiAffinity.isEmpty { object["anti_affinity"] = .array(antiAffinity.map(\.json)) }
        object["lease_ms"] = lease.map { JSONValue($0.milliseconds) }
        object["end"] = .string(end.rawValue)
        object["enforce"] = .string(enforce.rawValue)
        object["strategy"] = .string(strategy.rawValue)
        if priority != 0 { object["priority"] = JSONValue(priority) }
        object["signal"] = warning?.json
        if isWarned { object["warned"] = true }
        object["preemption"] = preemption?.stored
        object["again"] = again?.stored
        object["requeue_of"] = requeueOf.map { .string($0.description) }
        object["requeued_as"] = requeuedAs.map { .string($0.description) }
        object["same"] = same.map { .string($0.rawValue) }
        object["choice"] = choice?.json
        if !labels.isEmpty {
            object["labels"] = .object(
                JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        object["created_ms"] = JSONValue(createdAt.milliseconds)
        if grantedAt != createdAt { object["granted_ms"] = grantedAt.map { JSONValue($0.milliseconds) } }
        object["start_ms"] = start.map { JSONValue($0.milliseconds) }
        object["waiting"] = waiting?.stored
        if hasPassed { object["passed"] = true }
        if !usual.isEmpty { object["usual_ms"] = .array(usual.map { JSONValue($0.milliseconds) }) }
        object["expires_ms"] = expiresAt.map { JSONValue($0.milliseconds) }
        object["ended_ms"] = endedAt.map { JSONValue($0.milliseconds) }
        object["deadline_ms"] = deadline.map { JSONValue($0) }
        if !attached.isEmpty { object["attached"] = .array(attached.map(\.json)) }
        if !left.isEmpty { object["left"] = .array(left.map(\.json)) }
        if wasAttached { object["was_attached"] = true }
        if !receipts.isEmpty { object["receipts"] = .array(receipts.map(\.json)) }
        if !amendments.isEmpty { object["amendments"] = .array(amendments.map(\.json)) }
        if !provisions.isEmpty { object["provisions"] = Reservation.json(provisions) }
        object["group"] = group.map { .string($0) }
        object["gang"] = gang?.json
        if let arrival { object["arrival"] = .object(arrival.json) }
        if !formerArrivals.isEmpty { object["former_arrivals"] = .array(formerArrivals.map { .object($0.json) }) }
        if borrowed != .zero { object["borrowed"] = JSONValue(borrowed.units) }
        if isSurplus { object["surplus"] = true }
        if pool != .standard { object["pool"] = .string(pool.text) }
        object["usage"] = usage.map(\.stored)
        object["retry"] = retry.map { ["key": .string($0.key), "digest": JSONValue($0.digest)] }
        return .object(object)
    }

    /// Reads what ``stored`` prints.
    public static var storedReader: JSONReader<Reservation> {
        .fields { fields throws(JSONFieldError) in
            let lease = try fields.optional("lease_ms", .int64)
            var reservation = Reservation(
                id: try fields.required("id", .reservationID), user: try fields.required("user", .accountNumber),
                request: ReservationRequest(
                    name: try fields.optional("name", .string), resources: Resources(),
                    lease: lease.map { .milliseconds($0) },
                    end: try fields.required("end", .oneOf(ReservationRequest.End.self)),
                    labels: try fields.optional("labels", .dictionary(of: .string)) ?? [:],
                    enforce: try fields.required("enforce", .oneOf(ReservationRequest.Enforce.self)),
                    // Older versions knew one way of choosing.
                    strategy: try fields.optional("strategy", .oneOf(Strategy.self)),
                    same: try fields.optional("same", .oneOf(Same.self))),
                grant: try fields.required("grant", Grant.reader), retry: try fields.optional("retry", .retryKey),
                createdAt: Timestamp(milliseconds: try fields.required("created_ms", .int64)),
                expiresAt: try fields.optional("expires_ms", .int64).map(Timestamp.init(milliseconds:)),
                deadline: try fields.optional("deadline_ms", .int64))
            reservation.alternative = try fields.optional("alternative", .int64).map { Int(truncatingIfNeeded: $0) }
            reservation.affinity = try fields.optional("affinity", .affinities) ?? []
            reservation.antiAffinity = try fields.optional("anti_affinity", .affinities) ?? []
            reservation.state = try fields.required("state", .oneOf(Reservation.State.self))
            reservation.hasPassed = try fields.optional("passed", .bool) ?? false
            reservation.usual = (try fields.optional("usual_ms", .array(of: .int64)) ?? []).sorted().map {
                .milliseconds(min(max($0, 1), Reservation.longestUsual.milliseconds))
            }
            reservation.waiting = try fields.optional("waiting", Waiting.storedReader)
            reservation.grantedAt =
                reservation.waiting != nil
                ? nil
                : try fields.optional("granted_ms", .int64).map(Timestamp.init(milliseconds:)) ?? reservation.createdAt
            reservation.priority = try fields.optional("priority", .int64).map { Int(clamping: $0) } ?? 0
            reservation.warning = try fields.optional("signal", Warning.reader)
            reservation.isWarned = try fields.optional("warned", .bool) ?? false
            reservation.preemption = try fields.optional("preemption", Preemption.storedReader)
            reservation.again = try fields.optional("again", Waiting.storedReader)
            reservation.requeueOf = try fields.optional("requeue_of", .reservationID)
            reservation.requeuedAs = try fields.optional("requeued_as", .reservationID)
            reservation.start = try fields.optional("start_ms", .milliseconds)
            reservation.choice = try fields.optional("choice", UnitChoice.reader)
            reservation.reason = try fields.optional("reason", .oneOf(EndReason.self))
            reservation.endedAt = try fields.optional("ended_ms", .int64).map(Timestamp.init(milliseconds:))
            reservation.attached = try fields.optional("attached", .array(of: ProcessIdentity.reader)) ?? []
            reservation.left = try fields.optional("left", .array(of: ProcessIdentity.reader)) ?? []
            reservation.wasAttached = try fields.optional("was_attached", .bool) ?? false
            reservation.receipts = try fields.optional("receipts", .array(of: Receipt.reader)) ?? []
            reservation.amendments = try fields.optional("amendments", .array(of: Amendment.reader)) ?? []
            reservation.provisions = try fields.optional("provisions", .provisions) ?? [:]
            reservation.group = try fields.optional("group", .string)
            reservation.gang = try fields.optional("gang", Gang.reader)
            reservation.arrival = try fields.optional("arrival", Arrival.reader)
            reservation.formerArrivals = try fields.optional("former_arrivals", .array(of: Arrival.reader)) ?? []
            reservation.borrowed = Quantity(try fields.optional("borrowed", .int64) ?? 0)
            reservation.isSurplus = try fields.optional("surplus", .bool) ?? false
            reservation.pool = try fields.optional("pool", .poolName) ?? .standard
            reservation.usage = try fields.optional("usage", Usage.storedReader)
            return reservation
        }
    }
}

extension ProcessIdentity {
    /// The process as the ledger keeps it.
    var json: JSONValue {
        ["pid": JSONValue(Int64(pid)), "start_ticks": JSONValue(startTicks), "boot": .string(boot)]
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<ProcessIdentity> {
        .fields { fields throws(JSONFieldError) in
            ProcessIdentity(
                pid: Int32(truncatingIfNeeded: try fields.required("pid", .int64)),
                startTicks: try fields.required("start_ticks", .number).uint64 ?? 0,
                boot: try fields.required("boot", .string))
        }
    }
}

extension JSONReader where Value == ReservationID {
    /// The 12 characters of an id.
    public static var reservationID: JSONReader {
        JSONReader(expecting: "a reservation id") { value throws(JSONFieldError) in
            guard let id = ReservationID(try JSONReader<String>.string.read(value)) else {
                throw .invalid("is no reservation id")
            }
            return id
        }
    }
}

extension JSONReader where Value == RetryKey {
    fileprivate static var retryKey: JSONReader {
        .fields { fields throws(JSONFieldError) in
            RetryKey(
                key: try fields.required("key", .string), digest: try fields.required("digest", .number).uint64 ?? 0)
        }
    }
}
