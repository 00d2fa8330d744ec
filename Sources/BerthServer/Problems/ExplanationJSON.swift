internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What a request would be answered, as the document that `POST /v1/explain` sends.
extension Explanation {
    /// The document; nil where the host is not known yet.
    func json(at now: Now) -> JSONValue? {
        if let granted = decision.granted { return .object(json(of: granted)) }
        if let promised = decision.promised, let booking = promised.waiting?.booking {
            var object = json(of: promised)
            object["start"] = .string(booking.start.description)
            object["resources"] = booking.grant.json
            object["choice"] = booking.choice.json
            return .object(object)
        }
        let problem: Refusal? = if case .refused(let refusal) = answer { refusal } else { refusals.first }
        guard let problem else { return nil }
        var object: JSONObject = ["granted": false]
        if case .refused = answer {} else { object["waits"] = true }
        let asker: Asker = object["waits"] == true ? .waiting : .now
        object["problem"] = Problem(problem, for: asker).json
        object["violations"] = .array(refusals.flatMap { $0.violations(for: asker) })
        object["changes"] = .array(changes.map { $0.json(of: request, at: now) })
        if !request.amendments.isEmpty { object["amendments"] = .array(request.amendments.map(\.json)) }
        object["complete"] = .bool(isComplete)
        return .object(object)
    }

    private func json(of granted: Reservation) -> JSONObject {
        let json = granted.json
        var object: JSONObject = [
            "granted": true, "state": json["state"] ?? .null, "resources": json["resources"] ?? [:],
            "units": json["units"] ?? [],
        ]
        object["choice"] = json["choice"]
        object["numa_nodes"] = .array(nodes.map { JSONValue($0) })
        object["why"] = reason?.json
        object["alternative"] = json["alternative"]
        if !decision.passed.isEmpty { object["passed"] = .array(decision.passed.map { Problem($0).json }) }
        object["short"] = decision.short.map { Problem($0).json }
        object["amendments"] = json["amendments"]
        return object
    }
}

extension Change {
    fileprivate func json(of asked: ReservationRequest, at now: Now) -> JSONValue {
        var object: JSONObject = [
            "kind": .string(kind), "message": .string(sentence(of: asked, at: now)),
            "set": .array(
                edits(of: asked).map { ["pointer": .string($0.pointer), "value": $0.value] }),
        ]
        switch what {
        case .less(let parts): object["less"] = .array(parts.map(\.json))
        case .fact(let type, let name, _, _, let there):
            object["type"] = .string(type.name)
            object["fact"] = .string(name)
            object["there"] = .array(there)
        case .node(_, _, let node): object["node"] = JSONValue(node)
        case .later(let moment, let after):
            object["at"] = .string((now.wall + .milliseconds(moment - now.uptime)).description)
            object["after"] = .array(after.map { .string($0.description) })
        case .preempt(let known, let others, let by):
            object["preempts"] = .array(known.map { .string($0.description) })
            object["preempts_others"] = JSONValue(others)
            object["at"] = .string((now.wall + .milliseconds(by - now.uptime)).description)
        case .shared, .same, .near, .lease, .priority: break
        }
        return .object(object)
    }

    private var kind: String {
        switch what {
        case .less: "less"
        case .node: "node"
        case .fact: "where"
        case .shared: "shared"
        case .same: "same"
        case .near(_, let isApart): isApart ? "anti_affinity" : "affinity"
        case .lease: "lease"
        case .priority: "priority"
        case .later: "later"
        case .preempt: "preempt"
        }
    }
}

extension Change.Less {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["type": .string(type.name)]
        object["device"] = disk.map { .string($0.disk) }
        object["rate"] = disk?.rate.map { .string($0) }
        object["asked"] = measure.json(asked)
        object["fits"] = measure.json(fits)
        return .object(object)
    }
}
