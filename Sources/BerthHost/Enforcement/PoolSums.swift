internal import BerthCore
internal import BerthModel

/// What the leaves of each pool hold, summed up the tree of pools: what the groups above the leaves are to carry.
struct PoolSums {
    /// What one leaf is to hold, and where.
    struct Held: Equatable {
        var grant: Grant
        /// The pools that it counts for: one, or two while it moves. CPUs of its own are claimed for the last alone, for the
        /// kernel gives them to one of two siblings only.
        var pools: [PoolName]
    }

    /// The sums of one pool.
    struct Sums: Equatable {
        /// What all leaves in it and in the pools below it hold.
        var all = Holdings()
        /// What the leaves hold that lie in it directly and share CPUs.
        var sharing = Holdings()
        /// The most CPU time that leaves which share CPUs may take, in millicores: those in it and in the pools below.
        var mostCPU: Int64 = 0
        /// The same of those that lie in it directly.
        var mostSharing: Int64 = 0
        /// The CPUs that leaves in it and in the pools below it have for themselves.
        var claimed = CPUSet()
    }

    /// What all leaves of the host hold.
    private(set) var total = Holdings()
    private var held: [ReservationID: Held] = [:]
    private var sums: [PoolName: Sums] = [:]
    private var parents: [PoolName: PoolName] = [:]

    /// The sums of a pool; nothing where nothing is in it.
    subscript(pool: PoolName) -> Sums { sums[pool] ?? Sums() }

    /// What a leaf is to hold; nil where it is not counted.
    subscript(id: ReservationID) -> Held? { held[id] }

    /// Counts a leaf with what it is to hold; nil takes it out.
    /// - Returns: the pools whose sums may be others now
    @discardableResult
    mutating func set(_ id: ReservationID, _ new: Held?) -> Set<PoolName> {
        let former = held.removeValue(forKey: id)
        guard former != new else {
            held[id] = new
            return []
        }
        var changed: Set<PoolName> = []
        if let former {
            changed.formUnion(change(by: former, sign: -1))
            total.remove(former.grant)
        }
        if let new {
            changed.formUnion(change(by: new, sign: 1))
            total.add(new.grant)
        }
        held[id] = new
        return changed
    }

    /// Sums up again for pools that lie in these.
    /// - Parameter parents: of each pool that lies in another, which
    mutating func lie(in parents: [PoolName: PoolName]) {
        guard parents != self.parents else { return }
        self.parents = parents
        sums = [:]
        for each in held.values { _ = change(by: each, sign: 1) }
    }

    private mutating func change(by held: Held, sign: Int) -> Set<PoolName> {
        // Once for what both lie in.
        let above = Set(held.pools.flatMap(chain))
        for pool in above {
            if sign > 0 { sums[pool, default: Sums()].all.add(held.grant) } else { sums[pool]?.all.remove(held.grant) }
        }
        if !held.grant.isExclusive {
            let most = Int64(sign) * min(held.grant[.cpu].map { ($0.limit ?? $0.amount).units } ?? 0, 1 << 40)
            for pool in above { sums[pool, default: Sums()].mostCPU += most }
            for pool in Set(held.pools) {
                sums[pool, default: Sums()].mostSharing += most
                if sign > 0 {
                    sums[pool, default: Sums()].sharing.add(held.grant)
                } else {
                    sums[pool]?.sharing.remove(held.grant)
                }
            }
        }
        if let cpus = held.grant[.cpu]?.cpus, let last = held.pools.last {
            for pool in chain(last) {
                let claimed = sums[pool]?.claimed ?? CPUSet()
                sums[pool, default: Sums()].claimed = sign > 0 ? claimed.union(cpus) : claimed.subtracting(cpus)
            }
        }
        return above
    }

    /// A pool and all that it lies in.
    private func chain(_ pool: PoolName) -> [PoolName] {
        var chain = [pool]
        while let parent = parents[chain[chain.count - 1]], !chain.contains(parent) { chain.append(parent) }
        return chain
    }
}
