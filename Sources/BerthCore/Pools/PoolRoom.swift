internal import BerthModel

/// How much one pool may take at one moment: of the host and of each pool that it is within, less what is kept for others.
///
/// What is kept for a pool is what it is guaranteed and does not hold. On each floor of the tree, the pools beside the one
/// that takes are left that. Elastic pools do not leave it to each other, but what is not theirs to lend: what others within
/// them are guaranteed. To whoever takes what it is guaranteed itself, elastic pools count as one: what one of them has
/// borrowed of another was never meant for it. So as long as the guarantees fit, at every moment what a static or dynamic
/// pool is guaranteed is there for it.
struct PoolRoom {
    private let pools: Pools
    private let held: PoolHoldings
    private let path: [Pool]

    /// What there is no bound of.
    private static let endless = Int128(Int64.max)

    init(_ name: PoolName, of pools: Pools, beside held: PoolHoldings) {
        self.pools = pools
        self.held = held
        path = pools.path(of: name)
    }

    /// What one floor of the tree leaves.
    private struct Floor {
        /// What is free of the pool, or of the host, in which it lies.
        var free: Int128
        /// So much is its own by its guarantee; nil where that makes no difference.
        var own: Int128?
        /// What is kept for the others from what is its own.
        var keptWithin: Int128
        /// What is kept for the others from what is beyond that.
        var keptBeyond: Int128
    }

    /// The most that may be taken; nil where there is no bound.
    /// - Parameters:
    ///   - type: of what
    ///   - free: how much of it nobody holds; nil where there is no end of it
    func most(of type: ResourceType, free: Int128?) -> Int128? {
        let floors = self.floors(type, free: free ?? PoolRoom.endless)
        let bounds = Set(floors.compactMap(\.own)).sorted()
        var most: Int128 = 0
        for index in 0...bounds.count {
            // From here on some of it is beyond what is the pool's own.
            let from = index == 0 ? -1 : bounds[index - 1]
            let until = index < bounds.count ? bounds[index] : PoolRoom.endless
            var kept: Int128 = 0
            var room = PoolRoom.endless
            for floor in floors {
                kept += floor.own.map { $0 <= from } ?? false ? floor.keptBeyond : floor.keptWithin
                room = min(room, floor.free < PoolRoom.endless ? floor.free - kept : floor.free)
            }
            guard room > from else { break }
            most = min(until, room)
        }
        return most < PoolRoom.endless ? max(most, 0) : nil
    }

    /// Whether so much of a type is what the pool is guaranteed and does not hold.
    func isOwn(_ amount: Int128, of type: ResourceType) -> Bool {
        guard let pool = path.first else { return false }
        return amount <= kept(pool.name, type) - kept(pools.within(pool.name), type)
    }

    /// Whether it holds more than it is guaranteed, with what is kept within it for others.
    func hasBorrowed(_ type: ResourceType) -> Bool {
        guard let pool = path.first else { return false }
        return kept(pools.within(pool.name), type) > own(pool.name, type)
    }

    /// What is too small for so much of a type.
    enum Bound { case host, pool(PoolName), none }

    /// The outermost that is too small for so much of a type.
    func bound(on amount: Int128, of type: ResourceType, free: Int128?) -> Bound {
        var bound = Bound.none
        var kept: Int128 = 0
        for (index, floor) in floors(type, free: free ?? PoolRoom.endless).enumerated() {
            kept += floor.own.map { $0 < amount } ?? false ? floor.keptBeyond : floor.keptWithin
            guard floor.free < PoolRoom.endless, amount > floor.free - kept else { continue }
            bound = index < path.count ? .pool(path[index].name) : .host
        }
        return bound
    }

    private func floors(_ type: ResourceType, free: Int128) -> [Floor] {
        var floors: [Floor] = []
        var inner: Pool?
        // What is kept for others within the pool that takes, floor by floor: the rest of what is kept for it is its own.
        var below: Int128 = 0
        for pool in path.map({ $0 as Pool? }) + [nil] {
            let others = pools.within(pool?.name).filter { $0 != inner?.name }
            let room = pool.map { pool in
                pool.most(of: type).map { Int128($0.units) - held[pool.name][type] } ?? PoolRoom.endless
            }
            var floor = Floor(free: room ?? free, own: nil, keptWithin: 0, keptBeyond: 0)
            if (inner ?? pool)?.kind == .elastic {
                floor.keptWithin = fixed(others, type)
                floor.keptBeyond = floor.keptWithin
            } else {
                floor.keptWithin = kept(others, type)
                floor.keptBeyond = others.reduce(0) { $0 + kept($1, type) }
                // Of the pool itself that is what is kept for it and not for those within it.
                let rest =
                    inner.map { kept($0.name, type) - below } ?? pool.map { kept($0.name, type) - floor.keptWithin }
                floor.own = max(rest ?? 0, 0)
            }
            below += floor.keptWithin
            floors.append(floor)
            inner = pool
        }
        return floors
    }

    private func own(_ name: PoolName, _ type: ResourceType) -> Int128 { guaranteed(name, type) - held[name][type] }

    private func guaranteed(_ name: PoolName, _ type: ResourceType) -> Int128 {
        guard let pool = pools[name], !pool.isDraining else { return 0 }
        return Int128(pool.guaranteed[type]?.units ?? 0)
    }

    /// What is kept for one pool, with those within it.
    private func kept(_ name: PoolName, _ type: ResourceType) -> Int128 {
        max(own(name, type), kept(pools.within(name), type))
    }

    /// What is kept for pools beside one another, the elastic ones as one.
    private func kept(_ names: [PoolName], _ type: ResourceType) -> Int128 {
        let elastic = names.filter(isElastic)
        let together = elastic.reduce(0) { $0 + own($1, type) }
        let lasting = elastic.reduce(0) { $0 + fixed(pools.within($1), type) }
        return names.reduce(max(together, lasting)) { isElastic($1) ? $0 : $0 + kept($1, type) }
    }

    /// What is kept for pools beside one another even from an elastic one.
    private func fixed(_ names: [PoolName], _ type: ResourceType) -> Int128 {
        names.reduce(0) { $0 + (isElastic($1) ? fixed(pools.within($1), type) : kept($1, type)) }
    }

    private func isElastic(_ name: PoolName) -> Bool { pools[name]?.kind == .elastic }
}
