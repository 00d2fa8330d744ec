public import BerthJSON

extension ReservationRequest {
    /// The request as a client would write it, every quantity in the unit that people count in: what validators see.
    public var json: JSONObject {
        var object: JSONObject = [:]
        object["name"] = name.map { .string($0) }
        object["resources"] = resources.json
        if !alternatives.isEmpty { object["alternatives"] = .array(alternatives.map(\.json)) }
        if !affinity.isEmpty { object["affinity"] = .array(affinity.map(\.json)) }
        if !antiAffinity.isEmpty { object["anti_affinity"] = .array(antiAffinity.map(\.json)) }
        object["lease"] = lease.map { .string($0.text) }
        object["end"] = .string(end.rawValue)
        // Always there, so that a label can be put in.
        object["labels"] = .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        object["enforce"] = .string(enforce.rawValue)
        object["strategy"] = strategy.map { .string($0.rawValue) }
        object["same"] = same.map { .string($0.rawValue) }
        if attachesCaller { object["attach"] = "caller" }
        object["wait"] = wait.map { .string($0.text) }
        if pool != .standard { object["pool"] = .string(pool.text) }
        object["signal"] = warning?.json
        if isRequeued { object["requeue"] = true }
        object["start"] = start.map { .string($0.description) }
        if priority != 0 { object["priority"] = JSONValue(priority) }
        object["gang"] = gang?.json
        return object
    }
}

extension Resources {
    /// The `resources` of a request as a client would write them.
    public var json: JSONValue {
        var object = JSONObject(asks.map { ($0.type.name, $0.json) })
        if types.contains(.storage) { object["storage"] = .array(storage.map(\.json) + disks.map(\.json)) }
        return .object(object)
    }
}

extension Ask {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["amount": type.measure.json(amount)]
        object["minimum"] = minimum.map(type.measure.json)
        object["limit"] = limit.map(type.measure.json)
        if exclusive { object["exclusive"] = true }
        if !constraints.isEmpty {
            object["where"] = constraints.json
        }
        if !preferences.isEmpty { object["prefer"] = preferences.json }
        terms.write(to: &object)
        if !parameters.isEmpty { object["parameters"] = .object(parameters) }
        return .object(object)
    }
}

extension ResourceChange {
    /// The `resources` of a change as a client would write them.
    public var json: JSONValue {
        var object = JSONObject(
            parts.map { part in
                var members: JSONObject = [:]
                members["amount"] = part.amount.map(part.type.measure.json)
                members["minimum"] = part.minimum.map(part.type.measure.json)
                members["limit"] = part.limit.map(part.type.measure.json)
                members["exclusive"] = part.exclusive.map { .bool($0) }
                members["where"] = part.constraints?.json
                members["prefer"] = part.preferences?.json
                members["guarantee"] = part.terms.guarantee.map { .string($0.rawValue) }
                members["swap"] = part.terms.swap.map(Measure.bytes.json)
                members["oom"] = part.terms.oom.map { .string($0.rawValue) }
                members["parameters"] = part.parameters.map { .object($0) }
                return (part.type.name, .object(members))
            })
        let storage = storage.map(\.json) + disks.map(\.json)
        if !storage.isEmpty { object["storage"] = .array(storage) }
        return .object(object)
    }
}
