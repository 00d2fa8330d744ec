package import BerthJSON
package import BerthModel

/// What a configuration says of pools.
package struct ConfiguredPools: Hashable, Sendable {
    /// Who goes first of those who wait, on the host and in pools that say it for themselves.
    package var policies = Policies()
    /// The groups that any policy counts by, in the order in which one is looked for that a user is in.
    package var groups: [String] = []
    /// The pools themselves.
    package var pools: [Pool] = []

    package init() {}

    /// Takes up what is said of a pool.
    private mutating func add(_ policy: Policy, of pool: PoolName) {
        if pool == .standard { policies.host = policy } else { policies.ofPools[pool] = policy }
        groups += policy.groups.filter { !groups.contains($0) }
    }

    /// Reads the pools by name. The policy of the default one is that of the host.
    package static func reader(_ names: AccountNames) -> JSONReader<ConfiguredPools> {
        JSONReader(expecting: "pools by name") { value throws(JSONFieldError) in
            var configured = ConfiguredPools()
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
                        try fields.optional("policy", Policy.reader(names)),
                        try Pool.read(&fields, name, user: names.user, group: names.group)
                    )
                }
                if let policy { configured.add(policy, of: name) }
                guard pool != Pool(.standard) else { continue }
                configured.pools.append(pool)
                configured.pools[configured.pools.count - 1].isConfigured = true
            }
            do throws(PoolError) { _ = try Pools(configured.pools) } catch {
                throw .invalid(at: JSONPointer(error.pool.map { [$0.text] } ?? []), "cannot be so: \(error)")
            }
            return configured
        }
    }
}
