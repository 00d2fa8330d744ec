internal import BerthJSON

extension Quota {
    /// Reads one entry: whom it binds, and what it says, hard and soft.
    static func reader(_ names: AccountNames) -> JSONReader<[Quota]> {
        .fields { fields throws(JSONFieldError) in
            var scopes: [Quota.Scope] = []
            if let kind = try fields.optional("each", .oneOf(Subject.Kind.self)) { scopes.append(.each(kind)) }
            if let user = try fields.optional("user", names.user) {
                scopes.append(.one(.user(user)))
            }
            if let group = try fields.optional("group", names.namedGroup) { scopes.append(.one(.group(group.name))) }
            if let workflow = try fields.optional("workflow", .string) { scopes.append(.one(.workflow(workflow))) }
            guard scopes.count == 1, let scope = scopes.first else {
                throw .invalid(
                    "must say whom it binds: one of \"each\", \"user\", \"group\" and \"workflow\"",
                    expected: "such as {\"each\": \"user\", \"hard\": {\"reservations\": 10}}")
            }
            let hard = try fields.optional("hard", .bounds)
            let soft = try fields.optional("soft", .bounds)
            guard hard != nil || soft != nil else {
                throw fields.missing("hard", expected: "\"hard\", \"soft\", or both")
            }
            return (hard ?? []).map { Quota(scope, isHard: true, $0) }
                + (soft ?? []).map { Quota(scope, isHard: false, $0) }
        }
    }
}

extension JSONReader where Value == [Quota.Bound] {
    fileprivate static var bounds: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var bounds: [Quota.Bound] = []
            let resources = try fields.optional("resources", .amounts) ?? []
            bounds += resources.map { .amount($0.type, $0.amount) }
            if let most = try fields.optional("reservations", .atLeastZero) { bounds.append(.reservations(most)) }
            let hours = try fields.optional("hours", .amounts)
            let period = try fields.optional("per", .duration)
            if hours != nil, period == nil { throw fields.missing("per", expected: "a duration, such as \"24h\"") }
            if let period, hours == nil { throw fields.missing("hours", expected: "so much in each \(period.text)") }
            if let hours, let period {
                guard period >= .seconds(60) else { throw fields.invalid("per", "must be at least a minute") }
                bounds += hours.map {
                    .hours($0.type, Int128($0.amount.units) * 3_600_000, per: period.milliseconds)
                }
            }
            guard !bounds.isEmpty else {
                throw .invalid("limits nothing", expected: "\"resources\", \"reservations\", or \"hours\" with \"per\"")
            }
            return bounds
        }
    }
}

extension JSONReader where Value == [(type: ResourceType, amount: Quantity)] {
    /// Amounts by type. Of storage nothing is counted in all.
    fileprivate static var amounts: JSONReader {
        JSONReader(expecting: "an object of quantities by type") { value throws(JSONFieldError) in
            var amounts: Value = []
            for (name, value) in try JSONReader<JSONObject>.object.read(value) {
                let place = JSONPointer([name])
                guard let type = ResourceType(name), type != .storage else {
                    let known = ResourceType.builtIn.filter { $0 != .storage }.map(\.name)
                    throw .unknown(at: place, known: known + ["vendor.example/name"])
                }
                amounts.append(
                    (type, try JSONReader<Quantity>.quantity(type.measure, least: .zero).read(value, at: place)))
            }
            return amounts
        }
    }
}
