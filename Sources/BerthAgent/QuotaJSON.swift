package import BerthCore
package import BerthJSON
internal import BerthModel

extension Excess {
    /// The quota, whose account it is and how full.
    package var json: JSONValue {
        var object = quota.json
        object[subject.kind.rawValue] = subject.json
        object["pool"] = subject.pool.map { .string($0.text) }
        object["had"] = quota.bound.json(had)
        object["asked"] = quota.bound.json(asked)
        object["renewed_at"] = renewedAt.map { .string(Timestamp(milliseconds: $0).description) }
        return .object(object)
    }
}

extension Quota {
    /// The quota as answers show it.
    package var json: JSONObject {
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
    package var most: Int128 {
        switch self {
        case .amount(_, let most): Int128(most.units)
        case .reservations(let most): Int128(most)
        case .hours(_, let most, _): most
        }
    }

    /// So much of it in the unit that people count in; of hours what is whole in base units.
    package func json(_ units: Int128) -> JSONValue {
        switch self {
        case .amount(let type, _): type.measure.json(Quantity(Int64(clamping: units)))
        case .reservations: JSONValue(Int64(clamping: units))
        case .hours(let type, _, _): type.measure.json(Quantity(Int64(clamping: units / 3_600_000)))
        }
    }
}
