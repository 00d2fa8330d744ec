package import BerthModel

/// What the reservations of each pool hold together, with those of the pools within it.
///
/// Kept only where pools say anything: a host with the default pool alone pays nothing for it.
package struct PoolHoldings: Hashable, Sendable {
    private var amounts: [PoolName: Amounts] = [:]

    /// How much a pool holds of each type.
    package subscript(name: PoolName) -> Amounts { amounts[name] ?? Amounts() }

    /// Whether any pool holds less of a type than in another.
    func isLess(than other: PoolHoldings, of type: ResourceType) -> Bool {
        other.amounts.contains { name, amounts in self[name][type] < amounts[type] }
    }

    /// Counts what one of a pool's begins to hold, or with a negative sign holds no more.
    mutating func add(_ grant: Grant, sign: Int128 = 1, to name: PoolName, of pools: Pools) {
        add(Amounts(grant), sign: sign, to: name, of: pools)
    }

    /// The same of amounts.
    mutating func add(_ change: Amounts, sign: Int128 = 1, to name: PoolName, of pools: Pools) {
        for pool in pools.path(of: name) {
            var sum = amounts[pool.name] ?? Amounts()
            sum.add(change, times: sign)
            amounts[pool.name] = sum == Amounts() ? nil : sum
        }
    }

    /// The same of what others hold besides.
    mutating func add(_ other: PoolHoldings) {
        amounts.merge(other.amounts) { amounts, more in
            var sum = amounts
            sum.add(more)
            return sum
        }
    }
}
