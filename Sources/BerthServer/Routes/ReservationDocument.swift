internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// Reservations as answers show them.
extension ReservationView {
    /// The reservation's document.
    var json: JSONValue {
        var object = reservation.json
        object["env"] = .object(JSONObject(environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        object["cgroup"] = cgroup.map { .string($0) }
        if let quarantine {
            object["quarantined"] = .array(quarantine.processes.map { JSONValue(Int64($0)) })
            object["quarantine_reason"] = .string(quarantine.reason)
        }
        object["queue"] = queue?.json(of: reservation)
        object["usage"] = usageJSON
        return .object(object)
    }
}

extension QueueView {
    /// The `queue` of a reservation's document.
    fileprivate func json(of reservation: Reservation) -> JSONValue {
        var object: JSONObject = [:]
        object["position"] = position.map { JSONValue($0) }
        object["expected_start"] = expectedStart.map { .string($0.description) }
        // Of a gang another may be the one that is short.
        let own = (refusal?.firstShortfalls ?? []).filter { shortfall in
            reservation.waiting?.request.choices.contains { $0.types.contains(shortfall.type) } ?? true
        }
        object["shortfalls"] = .array(own.map(\.json))
        object["violations"] = .array(refusal?.violations(for: .waiting) ?? [])
        object["members"] = members.map { JSONValue($0) }
        object["quota"] = quota.map(\.json)
        return .object(object)
    }
}

extension Refusal {
    /// What is short for what a request would like best.
    fileprivate var firstShortfalls: [Shortfall] {
        switch self {
        case .insufficient(let shortfalls, _), .unmet(let shortfalls, _): shortfalls
        case .noneFits(let refusals): refusals.first?.firstShortfalls ?? []
        default: []
        }
    }
}
