package import BerthJSON

extension Policy {
    private enum Kind: String, CaseIterable {
        case priority, fair, quota, weighted
    }

    private enum Over: String, CaseIterable {
        case users, groups
    }

    /// Reads what a configuration, or an administrator, says of a policy.
    package static func reader(_ names: AccountNames) -> JSONReader<Policy> {
        .fields { fields throws(JSONFieldError) in
            var policy = Policy()
            let kind = try fields.optional("kind", .oneOf(Kind.self)) ?? .priority
            if let ageing = try fields.optional("ageing", .duration) { policy.ageing = ageing.milliseconds }
            if let patience = try fields.optional("patience", .duration) { policy.patience = patience.milliseconds }
            var groups = try fields.optional("groups", .array(of: names.namedGroup)) ?? []
            let halfLife = try fields.optional("half_life", .halfLife)
            let over = try fields.optional("over", .oneOf(Over.self))
            let weights = try fields.optional("weights", Weights.reader(names))
            let quotas = try fields.optional("quotas", .array(of: Quota.reader(names))) ?? []
            for (name, isGiven) in [("half_life", halfLife != nil), ("over", over != nil)]
            where isGiven && kind != .fair {
                throw fields.invalid(
                    name, "makes no sense with the kind \"\(kind.rawValue)\"", expected: "the kind \"fair\"")
            }
            if weights != nil, kind != .weighted {
                throw fields.invalid(
                    "weights", "make no sense with the kind \"\(kind.rawValue)\"", expected: "the kind \"weighted\"")
            }
            if kind == .quota, quotas.isEmpty {
                throw fields.missing("quotas", expected: "at least one quota with the kind \"quota\"")
            }
            switch kind {
            case .priority, .quota: policy.order = .priority
            case .fair:
                policy.order = .fair(remembers: halfLife?.isNone != true, overGroups: over == .groups)
                policy.halfLife = halfLife.map(\.time) ?? Accounting.standardHalfLife
            case .weighted: policy.order = .weighted(weights?.weights ?? Weights())
            }
            policy.quotas = Quotas(quotas.flatMap { $0 })
            groups += weights?.groups ?? []
            for case .one(.group(let name?)) in policy.quotas.all.map(\.scope) {
                groups.append(try names.namedGroup.read(.string(name)))
            }
            for name in groups where !policy.groups.contains(name) { policy.groups.append(name) }
            return policy
        }
    }
}

/// After how long a past share counts half; nil where the past is forgotten.
private struct HalfLife {
    var time: Int64?
    var isNone: Bool { time == nil }
}

extension JSONReader where Value == HalfLife {
    fileprivate static var halfLife: JSONReader {
        JSONReader(expecting: "a duration, or \"none\"") { value throws(JSONFieldError) in
            if case .string("none") = value { return HalfLife() }
            return HalfLife(time: try JSONReader<Duration>.duration.read(value).milliseconds)
        }
    }
}

extension Policy.Weights {
    /// Reads weights, and the groups that have some in their order.
    fileprivate static func reader(
        _ names: AccountNames
    ) -> JSONReader<(weights: Policy.Weights, groups: [NamedGroup])> {
        .fields { fields throws(JSONFieldError) in
            var weights = Policy.Weights()
            let groups = try fields.optional("groups", .byName(names.namedGroup, .atLeastOne)) ?? []
            for (group, weight) in groups { weights.groups[group.name] = weight }
            if let others = try fields.optional("others", .atLeastOne) { weights.groups[nil] = others }
            let users = try fields.optional("users", .byName(names.user, .atLeastOne)) ?? []
            for (user, weight) in users { weights.users[user] = weight }
            return (weights, groups.map(\.0))
        }
    }
}

extension JSONReader {
    /// Numbers by name, in their order.
    package static func byName<Key>(_ key: JSONReader<Key>, _ number: JSONReader<Int>) -> JSONReader
    where Value == [(Key, Int)] {
        JSONReader(expecting: "an object of numbers") { value throws(JSONFieldError) in
            var entries: Value = []
            for (name, value) in try JSONReader<JSONObject>.object.read(value) {
                let place = JSONPointer([name])
                entries.append((try key.read(.string(name), at: place), try number.read(value, at: place)))
            }
            return entries
        }
    }
}

extension JSONReader where Value == Int {
    /// A whole number of at least 1.
    package static var atLeastOne: JSONReader { .wholeNumber(from: 1) }

    /// A whole number of at least 0.
    static var atLeastZero: JSONReader { .wholeNumber(from: 0) }

    private static func wholeNumber(from least: Int64) -> JSONReader {
        let expected = "a whole number of at least \(least)"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let number = try JSONReader<Int64>.int64.read(value)
            guard least...1_000_000_000 ~= number else { throw .invalid("must be \(expected)") }
            return Int(number)
        }
    }
}
