internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel

extension Problem {
    /// A quota that a request would pass.
    init(_ excess: Excess) {
        let text = excess.quota.bound.text
        let whose = excess.quota.scope.isEach ? "each \(excess.subject.kind.rawValue)" : excess.subject.text
        self.init(
            .quota,
            "the quota of \(text(excess.quota.bound.most)) for \(whose) would be passed: "
                + "\(excess.subject.text) has \(text(excess.had)), and \(text(excess.asked)) more is asked",
            hint: excess.hint, members: ["quota": excess.json, "ever": .bool(excess.passes)])
    }
}

extension Excess {
    /// The quota, whose account it is and how full.
    var json: JSONValue {
        var object = quota.json
        object[subject.kind.rawValue] = subject.json
        object["had"] = quota.bound.json(had)
        object["asked"] = quota.bound.json(asked)
        object["renewed_at"] = renewedAt.map { .string(Timestamp(milliseconds: $0).description) }
        return .object(object)
    }

    fileprivate var hint: String {
        guard passes else { return "ask for less: the quota is smaller than this request" }
        if let renewedAt { return "ask again after \(Timestamp(milliseconds: renewedAt)), or say how long to \"wait\"" }
        return "release something, or say how long to \"wait\""
    }
}

extension Quota {
    /// The quota as answers show it.
    var json: JSONObject {
        var object: JSONObject = ["hard": .bool(isHard)]
        switch bound {
        case .amount(let type, _): object["type"] = .string(type.name)
        case .reservations: object["name"] = "reservations"
        case .hours(let type, _, let period):
            object["type"] = .string(type.name)
            object["per"] = .string(Duration.milliseconds(period).text)
        }
        object[bound.name] = bound.json(bound.most)
        return object
    }
}

extension Quota.Scope {
    fileprivate var isEach: Bool { if case .each = self { true } else { false } }
}

extension Quota.Bound {
    /// The word for what is limited.
    fileprivate var name: String {
        switch self {
        case .amount: "amount"
        case .reservations: "reservations"
        case .hours: "hours"
        }
    }

    /// The limit itself, in its own units.
    var most: Int128 {
        switch self {
        case .amount(_, let most): Int128(most.units)
        case .reservations(let most): Int128(most)
        case .hours(_, let most, _): most
        }
    }

    /// So much of it in the unit that people count in; of hours what is whole in base units.
    func json(_ units: Int128) -> JSONValue {
        switch self {
        case .amount(let type, _): type.measure.json(Quantity(Int64(clamping: units)))
        case .reservations: JSONValue(Int64(clamping: units))
        case .hours(let type, _, _): type.measure.json(Quantity(Int64(clamping: units / 3_600_000)))
        }
    }

    fileprivate func text(_ units: Int128) -> String {
        switch self {
        case .amount(let type, _): "\(type.measure.text(Quantity(Int64(clamping: units)))) of \(type)"
        case .reservations: "\(units) reservations"
        case .hours(let type, _, let period):
            "\(type.measure.text(Quantity(Int64(clamping: units / 3_600_000)))) of \(type) for an hour in "
                + Duration.milliseconds(period).text
        }
    }
}

extension Subject {
    /// The user's number, or the name; null for everybody who is in no group.
    var json: JSONValue {
        switch self {
        case .user(let user): JSONValue(Int64(user))
        case .group(let name): name.map { .string($0) } ?? .null
        case .workflow(let name): .string(name)
        }
    }

    fileprivate var text: String {
        switch self {
        case .user(let user): "user \(user)"
        case .group(let name?): "group \(name)"
        case .group(nil): "everybody in no group"
        case .workflow(let name): "workflow \(JSONValue.string(name).excerpt)"
        }
    }
}
