package import BerthJSON

extension Policy {
    /// The policy as answers show it, and as ``reader(_:)`` reads it.
    package var json: JSONValue {
        var object: JSONObject = [
            "ageing": .string(Duration.milliseconds(ageing).text),
            "patience": .string(Duration.milliseconds(patience).text),
        ]
        switch order {
        case .priority: object["kind"] = quotas.isEmpty ? "priority" : "quota"
        case .fair(let remembers, let overGroups):
            object["kind"] = "fair"
            object["over"] = overGroups ? "groups" : "users"
            object["half_life"] = .string(remembers ? Duration.milliseconds(accounting.halfLife).text : "none")
        case .weighted(let weights):
            object["kind"] = "weighted"
            object["weights"] = weights.json
        }
        object["groups"] = .array(groups.map { .string($0.name) })
        if !quotas.isEmpty { object["quotas"] = .array(quotas.all.map(\.saidJSON)) }
        return .object(object)
    }
}

extension Policy.Weights {
    fileprivate var json: JSONValue {
        let named = groups.compactMap { name, weight in name.map { ($0, JSONValue(weight)) } }
        var object: JSONObject = [
            "groups": .object(JSONObject(named.sorted { $0.0 < $1.0 })),
            "users": .object(
                JSONObject(users.sorted { $0.key < $1.key }.map { (String($0.key), JSONValue($0.value)) })),
        ]
        object["others"] = groups[nil].map { JSONValue($0) }
        return .object(object)
    }
}

extension Quota {
    /// The quota as it is said: an entry of its own.
    fileprivate var saidJSON: JSONValue {
        let limit: JSONObject =
            switch bound {
            case .amount(let type, let most): ["resources": [type.name: type.measure.json(most)]]
            case .reservations(let most): ["reservations": JSONValue(most)]
            case .hours(let type, let most, let period):
                [
                    "hours": [type.name: type.measure.json(Quantity(Int64(clamping: most / 3_600_000)))],
                    "per": .string(Duration.milliseconds(period).text),
                ]
            }
        let whom: (String, JSONValue) =
            switch scope {
            case .each(let kind): ("each", .string(kind.rawValue))
            case .one(let subject): (subject.kind.rawValue, subject.json)
            }
        return .object([whom.0: whom.1, isHard ? "hard" : "soft": .object(limit)])
    }
}

extension Subject {
    /// The user's number, or the name; null for everybody who is in no group.
    package var json: JSONValue {
        switch self {
        case .user(let user): JSONValue(Int64(user))
        case .group(let name): name.map { .string($0) } ?? .null
        case .workflow(let name): .string(name)
        case .within(_, let subject): subject.json
        }
    }
}
