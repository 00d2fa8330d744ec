package import BerthJSON

extension JSONReader where Value == [Pool] {
    /// Reads what a configuration says of pools, by name. One of the default pool of which nothing is said is left out.
    package static func configuredPools(_ names: AccountNames) -> JSONReader {
        JSONReader(expecting: "pools by name") { value throws(JSONFieldError) in
            var pools: [Pool] = []
            for (text, said) in try JSONReader<JSONObject>.object.read(value) {
                let place = JSONPointer([text])
                guard let name = PoolName(text) else {
                    throw .invalid(
                        at: place, "is no name of a pool", expected: JSONReader<PoolName>.poolName.expected)
                }
                var pool = try Pool.reader(name, names).read(said, at: place)
                guard pool != Pool(.standard) else { continue }
                pool.isConfigured = true
                pools.append(pool)
            }
            do throws(PoolError) { _ = try Pools(pools) } catch {
                throw .invalid(at: JSONPointer(error.pool.map { [$0.text] } ?? []), "cannot be so: \(error)")
            }
            return pools
        }
    }
}
