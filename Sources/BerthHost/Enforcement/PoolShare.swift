internal import BerthCore
internal import BerthKernel
internal import BerthModel

extension PoolSums {
    /// Why one in a pool may get less CPU time than it holds: the kernel holds all together to a ceiling, and the others may
    /// take more than they hold, with which they can use it up. Nil where they cannot.
    /// - Parameters:
    ///   - grant: what the one holds, which is counted
    ///   - name: the pool that it is in
    ///   - pools: the ceilings
    func ceilingDoubt(of grant: Grant, in name: PoolName, of pools: Pools) -> String? {
        guard let own = grant[.cpu] else { return nil }
        let beyond = grant.isExclusive ? .zero : (own.limit ?? own.amount) - own.amount
        for pool in pools.path(of: name) where pool.hasCeiling {
            guard let ceiling = pool.most(of: .cpu) else { continue }
            let most = Quantity(self[pool.name].mostCPU + Int64(self[pool.name].all.exclusiveCPUs.count) * 1000)
            guard most - beyond > ceiling else { continue }
            let measure = ResourceType.cpu.measure
            return
                "all of the pool \(pool.name) has \(measure.text(ceiling)) CPUs together, and the others in it may take "
                + "\(measure.text(most - beyond - own.amount))"
        }
        return nil
    }

    /// Why what runs in a pool may get less CPU time than is held in it: weights, unlike amounts, may promise less. Nil where
    /// it gets that, and where all together cannot ask for more than there is.
    /// - Parameters:
    ///   - pools: the weights and ceilings
    ///   - cpu: the CPU time that is shared by all, in millicores
    func shareDoubt(of name: PoolName, in pools: Pools, on facts: TreeFacts, cpu: Int64) -> String? {
        guard pools.all.count > 1, pools[name] != nil else { return nil }
        var has = cpu
        for pool in pools.path(of: name).reversed() {
            let beside = pools.within(pool.parent).compactMap { pools[$0] }
                .filter { self[$0.name].mostCPU > 0 || $0.name == pool.name }
            var weights = beside.reduce(0) { $0 + Int64($1.weight) }
            var most = beside.reduce(0) { $0 + self.most(of: $1) }
            if let parent = pool.parent, self[parent].mostSharing > 0 {
                weights += Int64(facts.weight(self[parent].sharing.cpu).value)
                most += self[parent].mostSharing
            }
            guard most > has else {
                has = min(has, self.most(of: pool))
                continue
            }
            let share = has * Int64(pool.weight) / weights
            let held = self[pool.name].all.sharedCPU
            guard share >= held.units else {
                let measure = ResourceType.cpu.measure
                return
                    "the weight of the pool \(pool.name) is worth \(measure.text(Quantity(share))) CPUs while those beside it "
                    + "want theirs, and \(measure.text(held)) are held in it"
            }
            has = share
        }
        return nil
    }

    /// The most CPU time that can be taken in a pool.
    private func most(of pool: Pool) -> Int64 {
        let ceiling = pool.hasCeiling ? pool.most(of: .cpu)?.units : nil
        return min(self[pool.name].mostCPU, ceiling ?? .max)
    }
}
