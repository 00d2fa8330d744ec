internal import BerthAgent
internal import BerthCore
internal import BerthJSON
internal import BerthModel

/// What the configuration says of pools.
struct PoolSettings {
    /// Who goes first of those who wait, on the host and in pools that say it for themselves.
    var policies = Policies()
    /// The groups that any policy counts by.
    var groups: [Roles.NamedGroup] = []
    /// The pools themselves.
    var pools: [Pool] = []

    /// Takes up what is said of a pool.
    fileprivate mutating func add(_ policy: PolicySettings, of pool: PoolName) {
        if pool == .standard { policies.host = policy.policy } else { policies.ofPools[pool] = policy.policy }
        groups += policy.groups.filter { group in !groups.contains { $0.name == group.name } }
    }
}

/// What the configuration says of one policy.
private struct PolicySettings {
    var policy = Policy()
    var groups: [Roles.NamedGroup] = []
}

extension JSONReader where Value == PoolSettings {
    /// The pools by name. The policy of the default one is that of the host.
    static var pools: JSONReader {
        JSONReader(expecting: "pools by name") { value throws(JSONFieldError) in
            var settings = PoolSettings()
            let all = try JSONReader<JSONObject>.object.read(value)
            // A user counts for the first group that it is in, and those of the host go first.
            let isHost = { (member: (key: String, value: JSONValue)) in member.key == PoolName.standard.text }
            for (text, said) in all.filter(isHost) + all.filter({ !isHost($0) }) {
                let place = JSONPointer([text])
                guard let name = PoolName(text) else {
                    throw .invalid(
                        at: place, "is no name of a pool", expected: JSONReader<PoolName>.poolName.expected)
                }
                let (policy, pool) = try JSONFields.read(said, at: place) { fields throws(JSONFieldError) in
                    (
                        try fields.optional("policy", .policy),
                        try Pool.read(
                            &fields, name, user: .account("user", Account.user), group: .account("group", Account.group)
                        )
                    )
                }
                if let policy { settings.add(policy, of: name) }
                guard pool != Pool(.standard) else { continue }
                settings.pools.append(pool)
                settings.pools[settings.pools.count - 1].isConfigured = true
            }
            do throws(PoolError) { _ = try Pools(settings.pools) } catch {
                throw .invalid(at: JSONPointer(error.pool.map { [$0.text] } ?? []), "cannot be so: \(error)")
            }
            return settings
        }
    }

}

extension JSONReader where Value == PolicySettings {
    private enum Kind: String, CaseIterable {
        case priority, fair, quota, weighted
    }

    private enum Over: String, CaseIterable {
        case users, groups
    }

    fileprivate static var policy: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var settings = PolicySettings()
            let kind = try fields.optional("kind", .oneOf(Kind.self)) ?? .priority
            if let ageing = try fields.optional("ageing", .duration) { settings.policy.ageing = ageing.milliseconds }
            var names = try fields.optional("groups", .array(of: .groupName)) ?? []
            let halfLife = try fields.optional("half_life", .halfLife)
            let over = try fields.optional("over", .oneOf(Over.self))
            let weights = try fields.optional("weights", .weights)
            let quotas = try fields.optional("quotas", .array(of: .quotas)) ?? []
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
            case .priority, .quota: settings.policy.order = .priority
            case .fair:
                settings.policy.order = .fair(remembers: halfLife?.isNone != true, overGroups: over == .groups)
                if let time = halfLife?.time { settings.policy.halfLife = time }
            case .weighted: settings.policy.order = .weighted(weights?.weights ?? Policy.Weights())
            }
            settings.policy.quotas = Quotas(quotas.flatMap { $0 })
            names += weights?.groups ?? []
            for case .one(.group(let name?)) in settings.policy.quotas.all.map(\.scope) { names.append(name) }
            for name in names where !settings.policy.groups.contains(name) {
                guard let number = Account.group(name) else { continue }
                settings.policy.groups.append(name)
                settings.groups.append(Roles.NamedGroup(name: name, number: number))
            }
            return settings
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

extension JSONReader where Value == String {
    /// The name or number of a group of the host, as it is written.
    static var groupName: JSONReader {
        JSONReader(expecting: "the name or number of a group") { value throws(JSONFieldError) in
            _ = try JSONReader<UInt32>.account("group", Account.group).read(value)
            if case .number(let number) = value { return number.lexeme }
            return try JSONReader.string.read(value)
        }
    }
}

extension JSONReader where Value == (weights: Policy.Weights, groups: [String]) {
    fileprivate static var weights: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var weights = Policy.Weights()
            let groups = try fields.optional("groups", .byName(.groupName, .atLeastOne)) ?? []
            for (name, weight) in groups { weights.groups[name] = weight }
            if let others = try fields.optional("others", .atLeastOne) { weights.groups[nil] = others }
            let users = try fields.optional("users", .byName(.account("user", Account.user), .atLeastOne)) ?? []
            for (user, weight) in users { weights.users[user] = weight }
            return (weights, groups.map(\.0))
        }
    }
}

extension JSONReader {
    /// Numbers by name, in their order.
    fileprivate static func byName<Key>(_ key: JSONReader<Key>, _ number: JSONReader<Int>) -> JSONReader
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
    /// The highest priority that somebody may give a request.
    static var priority: JSONReader { .int(in: 0...ReservationRequest.priorities.upperBound) }
}

extension JSONReader where Value == Roles.Priorities {
    /// Who may give requests a higher priority than others.
    static var priorities: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var priorities = Roles.Priorities()
            let users = try fields.optional("users", .byName(.account("user", Account.user), .priority)) ?? []
            for (user, most) in users { priorities.users[user] = most }
            let groups = try fields.optional("groups", .byName(.account("group", Account.group), .priority)) ?? []
            for (group, most) in groups { priorities.groups[group] = most }
            return priorities
        }
    }
}
