internal import BerthModel

/// Finding whole cores for one reservation alone.
extension Placement {
    /// Whole cores: those held already and the nearest, or fewer of those held already.
    func exclusiveCPU(_ ask: Ask, _ isExact: inout Bool, _ shortfalls: inout [Shortfall]) -> Hold? {
        let count = Int((ask.amount.units + 999) / 1000)
        let known = CPUSet(capacity.topology.groups(.node).map(\.id))
        let said = ask.nodes(among: known)
        let isFree = said == nil && scope == nil && bounds.allNodes
        let within = isFree ? nil : bounds.nodes(scope.map { $0.intersection(said ?? known) } ?? said ?? known)
        let allowed =
            within?.reduce(into: CPUSet()) { $0 = $0.union(capacity.topology.cpus(.node, $1)) }
            ?? capacity.topology.cpus
        let own = (current?[.cpu]?.cpus ?? CPUSet()).intersection(allowed).intersection(capacity.cpus)
        let free = exclusivelyFree(besides: own)
        func choose(_ nodes: CPUSet?) -> CoreChoice.Answer? {
            cores.choose(count, from: free, strategy: strategy.cores, within: nodes, keeping: own)
        }
        let answer: CoreChoice.Answer? =
            if count < own.count {
                cores.shrink(own, to: count, free: free, strategy: strategy.cores)
            } else {
                // What is held already stays where it is.
                (own.isEmpty ? ask.preferredNodes(among: within ?? known) : nil).flatMap(choose) ?? choose(within)
            }
        // Under a quota the host has less CPU time than CPUs.
        let left = max(capacity.cpu - capacity.reservedCPU - held.cpu, kept(.cpu))
        let chosen = answer?.cpus
        isExact = isExact && answer?.exact != false
        guard let chosen, Int64(chosen.count) * 1000 <= left.units else {
            let whole = Int64(wholeCores(of: free.union(own).intersection(allowed)).count) * 1000
            shortfalls.append(
                Shortfall(
                    .cpu, asked: ask.amount, free: Quantity(min(whole, max(left.units, 0) / 1000 * 1000)),
                    capacity: same == nil ? capacity.cpu : Quantity(Int64(allowed.count) * 1000)))
            return nil
        }
        let amount = Quantity(Int64(chosen.count) * 1000)
        return Hold(
            .cpu, amount: amount, limit: nil, asked: ask.amount == amount ? nil : ask.amount, cpus: chosen,
            nodes: nodes(of: chosen), constraints: ask.constraints, preferences: ask.preferences)
    }

    /// CPUs that may be handed out exclusively: not those that others hold, and not the lowest cores, which stay with
    /// the shared set as far as shared amounts and the system's part need them.
    func exclusivelyFree(besides own: CPUSet) -> CPUSet {
        let known = capacity.cpus.intersection(capacity.topology.cpus).subtracting(own)
        var free = known.subtracting(held.exclusiveCPUs)
        // What is held at several moments may be shares at one and whole cores at another: no more than all of it at any.
        let shared = held.cpu - Quantity(Int64(held.exclusiveCPUs.count) * 1000)
        free = free.subtracting(lowestCores(of: free, for: shared + capacity.reservedCPU))
        // What is granted at the first of them leaves those that stay then, whatever is whole cores later.
        if let first = held.firstCPU {
            let shared = lowestCores(of: known.subtracting(first.exclusive), for: first.shared + capacity.reservedCPU)
            free = free.subtracting(shared)
        }
        return free
    }

    /// The lowest of some CPUs, by cores, that together have so much time.
    private func lowestCores(of cpus: CPUSet, for needed: Quantity) -> CPUSet {
        var (lowest, missing) = (CPUSet(), needed)
        for core in capacity.topology.groups(.core) where missing > .zero {
            let cpus = core.cpus.intersection(cpus)
            lowest = lowest.union(cpus)
            missing -= Quantity(Int64(cpus.count) * 1000)
        }
        return lowest
    }

    /// The CPUs of cores that are wholly in the set.
    private func wholeCores(of cpus: CPUSet) -> CPUSet {
        capacity.topology.groups(.core).map(\.cpus).reduce(into: CPUSet()) { whole, core in
            if core.isSubset(of: cpus) { whole = whole.union(core) }
        }
    }

    private func nodes(of cpus: CPUSet) -> CPUSet {
        CPUSet(cpus.compactMap { capacity.topology.place(of: $0)?.node })
    }
}

extension Strategy {
    /// How the cores of a request lie to each other.
    fileprivate var cores: CoreChoice.Strategy {
        switch self {
        case .greedy: .first
        case .balanced: .balanced
        case .optimized, .priority: .together
        }
    }
}
