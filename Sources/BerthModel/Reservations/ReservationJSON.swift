public import BerthJSON

extension Reservation {
    /// The reservation as answers and streams show it.
    public var json: JSONObject {
        var object: JSONObject = ["id": .string(id.description)]
        object["name"] = name.map { .string($0) }
        object["user"] = JSONValue(Int64(user))
        object["state"] = .string(state.rawValue)
        object["pool"] = .string(pool.text)
        object["reason"] = reason.map { .string($0.rawValue) }
        object["group"] = group.map { .string($0) }
        object["gang"] = gang?.json
        if let arrival { object["arrival"] = .object(arrival.json) }
        for (name, amount) in Reservation.loanJSON(borrowed) { object[name] = amount }
        if isSurplus { object["surplus"] = true }
        object["resources"] = waiting?.request.resources.json ?? grant.json
        if let alternatives = waiting?.request.alternatives, !alternatives.isEmpty {
            object["alternatives"] = .array(alternatives.map(\.json))
        }
        // One that has ended before its start holds nothing, and is promised nothing.
        let booking = state == .pending ? waiting?.booking : nil
        object["promised"] = booking?.grant.json
        object["alternative"] = (booking?.alternative ?? alternative).map { JSONValue($0) }
        if !affinity.isEmpty { object["affinity"] = .array(affinity.map(\.json)) }
        if !antiAffinity.isEmpty { object["anti_affinity"] = .array(antiAffinity.map(\.json)) }
        object["units"] = .array((booking?.grant ?? grant).holds.flatMap(\.unitsJSON))
        object["lease"] = lease.map { .string($0.text) }
        object["end"] = .string(end.rawValue)
        object["enforce"] = .string(enforce.rawValue)
        object["strategy"] = .string(strategy.rawValue)
        if priority != 0 { object["priority"] = JSONValue(priority) }
        object["signal"] = warning?.json
        if isWarned { object["warned"] = true }
        object["preemption"] = preemption.map { .object($0.json) }
        if again != nil || waiting?.request.isRequeued == true { object["requeue"] = true }
        object["requeue_of"] = requeueOf.map { .string($0.description) }
        object["requeued_as"] = requeuedAs.map { .string($0.description) }
        object["same"] = same.map { .string($0.rawValue) }
        object["choice"] = choice?.json
        object["labels"] = .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        object["created_at"] = .string(createdAt.description)
        object["start"] = start.map { .string($0.description) }
        object["granted_at"] = grantedAt.map { .string($0.description) }
        object[state == .pending ? "waits_until" : "expires_at"] = expiresAt.map { .string($0.description) }
        if endedAt == nil { object["expected_end"] = usualEnd.map { .string($0.description) } }
        object["ended_at"] = endedAt.map { .string($0.description) }
        object["processes"] = .array(attached.map { JSONValue(Int64($0.pid)) })
        if !left.isEmpty { object["left"] = .array(left.map { JSONValue(Int64($0.pid)) }) }
        object["receipts"] = .array(shownReceipts.map(\.json))
        if !amendments.isEmpty { object["amendments"] = .array(amendments.map(\.json)) }
        return object
    }
}

extension Hold {
    /// The units that are held, each with its type and name; an exclusive CPU is a unit too.
    fileprivate var unitsJSON: [JSONValue] {
        let cpus = cpus?.map { ["type": "cpu", "name": .string("cpu\($0)"), "cpu": JSONValue($0)] as JSONValue } ?? []
        return cpus
            + units.map {
                ["type": .string(type.name), "name": .string($0.name), "amount": type.measure.json($0.quantity)]
            }
    }
}

extension Receipt {
    /// The receipt as answers show it.
    public var json: JSONValue {
        var object: JSONObject = ["type": .string(type.name)]
        object["device"] = device.map { .string($0) }
        object["status"] = .string(status.rawValue)
        object["reason"] = reason.map { .string($0) }
        if !values.isEmpty {
            object["values"] = .object(
                JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        if !devices.isEmpty { object["devices"] = .array(devices.map { .string($0.description) }) }
        object["bpf_program"] = program.map { JSONValue($0) }
        if !folders.isEmpty { object["folders"] = .array(folders.map(\.json)) }
        object["charged_elsewhere_bytes"] = chargedElsewhere.map { JSONValue($0) }
        return .object(object)
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Receipt> {
        .fields { fields throws(JSONFieldError) in
            var receipt = Receipt(
                try fields.required("type", .resourceType), device: try fields.optional("device", .string),
                status: try fields.required("status", .oneOf(Status.self)),
                reason: try fields.optional("reason", .string),
                values: try fields.optional("values", .dictionary(of: .string)) ?? [:],
                chargedElsewhere: try fields.optional("charged_elsewhere_bytes", .int64))
            receipt.devices = try fields.optional("devices", .array(of: .device)) ?? []
            receipt.program = try fields.optional("bpf_program", .int64)
            receipt.folders = try fields.optional("folders", .array(of: Receipt.Folder.reader)) ?? []
            return receipt
        }
    }
}

extension Receipt.Folder {
    fileprivate var json: JSONValue {
        ["name": .string(name), "bytes": JSONValue(bytes), "project": JSONValue(project)]
    }

    fileprivate static var reader: JSONReader<Receipt.Folder> {
        .fields { fields throws(JSONFieldError) in
            Receipt.Folder(
                name: try fields.required("name", .string), bytes: try fields.required("bytes", .int64),
                project: try fields.required("project", .int64))
        }
    }
}

extension JSONReader where Value == ResourceType {
    /// The name of a type.
    public static var resourceType: JSONReader {
        JSONReader(expecting: "a resource type") { value throws(JSONFieldError) in
            let name = try JSONReader<String>.string.read(value)
            guard let type = ResourceType(name) else {
                throw .invalid(
                    "is no resource type", expected: ResourceType.builtIn.map(\.name).joined(separator: ", "))
            }
            return type
        }
    }
}
