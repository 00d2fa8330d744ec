internal import BerthModel

/// `"same": "numa"`: everything that lies somewhere is of one NUMA node.
extension Placement {
    /// The node that the strategy likes best; what the least unfit node is short of, where none will do.
    func onOneNode(_ resources: Resources) -> Placed {
        let base = current.map { capacity.nodes(of: $0) } ?? CPUSet()
        let known = CPUSet(capacity.topology.groups(.node).map(\.id)).union(CPUSet(capacity.nodeMemory.keys))
        let nodes = base.isEmpty ? bounds.nodes(known) : base
        // Who takes the first that fits does not care what is left.
        let rest = strategy == .greedy ? self.rest : HostRest(self)
        var best: (cost: [Int64], placed: Placed)?
        for node in nodes {
            var trial = self
            trial.scope = [node]
            trial.rest = rest
            // What is on no known node is on that of a host that has but one.
            if known.count > 1 { trial.bounds = bounds.near([node]) }
            let placed = trial.place(resources)
            var cost = [Int64(placed.shortfalls.count), placed.shortfalls.reduce(0) { $0 + $1.lackingPart }]
            if placed.shortfalls.isEmpty {
                switch strategy {
                case .greedy: return placed
                case .balanced:
                    let rest = rest ?? HostRest(self)
                    cost += [rest.fullest(of: node, after: placed.grant, besides: current, on: capacity)]
                case .optimized, .priority:
                    cost += self.cost(of: placed, rest ?? HostRest(self))
                }
            }
            if best.map({ cost.lexicographicallyPrecedes($0.cost) }) ?? true { best = (cost, placed) }
        }
        guard var placed = best?.placed else { return place(resources) }
        for index in placed.shortfalls.indices { placed.shortfalls[index].isOfOneNode = true }
        return placed
    }
}

extension Shortfall {
    /// Which part of the least that would have done is not there, in millionths.
    fileprivate var lackingPart: Int64 {
        let least = Int128(max((minimum ?? asked).units, 1))
        return Int64(clamping: (least - Int128(free.units)) * 1_000_000 / least)
    }
}

extension HostRest {
    /// How full the fullest of a node's CPUs, memory and GPUs is after a grant, in thousandths.
    fileprivate func fullest(
        of node: Int, after grant: Grant, besides current: Grant?, on capacity: Capacity
    ) -> Int64 {
        guard let left = after(grant, besides: current, capacity.topology)[node] ?? nodes[node] else { return 1000 }
        func full(_ left: Int64, of whole: Int64) -> Int64 {
            whole > 0 ? 1000 - Int64(clamping: Int128(left) * 1000 / Int128(whole)) : 0
        }
        let cpus = Int64(capacity.topology.cpus(.node, node).intersection(capacity.cpus).count)
        return max(
            full(left.cpus, of: cpus), full(left.memory, of: capacity.nodeMemory[node]?.units ?? 0),
            full(left.gpus.reduce(0, +), of: Int64(left.gpus.count) * 1000))
    }
}
