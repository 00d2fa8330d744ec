internal import BerthModel

/// What somebody waits for of whom nobody knows when it can be granted, and from when on it may come to that: to others
/// behind it that is closed.
struct Closures {
    /// By the pool within which it is; nil is the host.
    private var closed: [PoolName?: [ResourceType: Int64]] = [:]

    /// Closes a type.
    /// - Parameters:
    ///   - type: what one is short of
    ///   - moment: from when on it may come to that, in milliseconds of CLOCK_BOOTTIME
    ///   - pool: the pool that it waits in
    ///   - bound: the pool that is too small for it; nil where the host is
    mutating func close(_ type: ResourceType, from moment: Int64, for pool: PoolName, within bound: PoolName?) {
        for scope in Set([pool, bound]) {
            closed[scope, default: [:]][type] = min(closed[scope]?[type] ?? moment, moment)
        }
    }

    /// What is closed to one that comes into a pool from another, and was not closed to it there.
    /// - Parameter own: of which types it has only what the pool is guaranteed
    func types(
        entering pool: PoolName, from former: PoolName, of pools: Pools, own: Set<ResourceType>
    ) -> Set<ResourceType> {
        let left = Set(pools.path(of: former).map(\.name))
        return pools.path(of: pool).map(\.name).filter { !left.contains($0) }.reduce(into: []) { all, scope in
            all.formUnion((closed[scope] ?? [:]).keys.filter { scope == pool || !own.contains($0) })
        }
    }

    /// What is closed to one of a pool, and from when on it may come to those before it.
    /// - Parameter own: of which types it takes only what its pool is guaranteed, which nobody of another pool waits for
    func types(
        for pool: PoolName, of pools: Pools, own: Set<ResourceType>
    ) -> [ResourceType: Int64] {
        guard !closed.isEmpty else { return [:] }
        let scopes: [PoolName?] = [nil] + pools.path(of: pool).dropFirst().map(\.name)
        return scopes.reduce(into: closed[pool] ?? [:]) { all, scope in
            let others = (closed[scope] ?? [:]).filter { !own.contains($0.key) }
            all.merge(others) { min($0, $1) }
        }
    }
}
