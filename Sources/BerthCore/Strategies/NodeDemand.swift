internal import BerthModel

/// What one ask wants that lies on NUMA nodes, and what each node has of it: enough to see without trying that a set of
/// nodes will not do.
struct NodeDemand {
    /// How much is wanted.
    var need: Int64
    /// How much each node has.
    var nodes: [Int: Int64] = [:]
    /// How much there is on no known node.
    var elsewhere: Int64 = 0
    /// Whether all of it must be of one node.
    var isOfOne = false

    /// Whether these nodes may have enough.
    func isMet(by set: [Int]) -> Bool {
        if isOfOne { return elsewhere >= need || set.contains { nodes[$0] ?? 0 >= need } }
        return set.reduce(elsewhere) { $0 + (nodes[$1] ?? 0) } >= need
    }
}

extension Placement {
    /// What the asks want of nodes; nothing for asks that are met by what is held already, or that lie nowhere.
    func demands(_ resources: Resources, _ rest: HostRest) -> [NodeDemand] {
        resources.asks.compactMap { ask in
            let demand: NodeDemand? =
                switch ask.type {
                case .cpu: ask.exclusive ? cores(ask, rest) : nil
                case .memory: memory(ask)
                case .network: network(ask)
                case .pids, .storage: nil
                default: supplies[ask.type].map(units)
                }
            guard let demand, demand.need > 0, !demand.nodes.isEmpty else { return nil }
            return demand
        }
    }

    private func cores(_ ask: Ask, _ rest: HostRest) -> NodeDemand {
        let said = ask.nodes(among: rest.nodes.keys)
        let own = Int64(current?[.cpu]?.cpus?.count ?? 0)
        // Below 0 is where GPUs are of which nobody knows where they lie: no place for cores.
        let nodes = rest.nodes.filter { $0.key >= 0 && said?.contains($0.key) ?? true }.mapValues(\.cpus)
        return NodeDemand(need: (ask.amount.units + 999) / 1000 - own, nodes: nodes)
    }

    private func memory(_ ask: Ask) -> NodeDemand? {
        let known = capacity.nodeMemory.keys
        guard current?[.memory]?.nodes == nil,
            let nodes = ask.nodes(among: known) ?? (same == .numa ? CPUSet(known) : nil)
        else { return nil }
        var demand = NodeDemand(need: ask.amount.units, isOfOne: true)
        for node in nodes {
            demand.nodes[node] = ((capacity.nodeMemory[node] ?? .zero) - (held.nodeMemory[node] ?? .zero)).units
        }
        return demand
    }

    private func network(_ ask: Ask) -> NodeDemand? {
        guard current?[.network] == nil else { return nil }
        let heldOf = held.network
        var demand = NodeDemand(need: ask.amount.units, isOfOne: true)
        for unit in interfaces(for: ask) {
            let free = unit.capacity.map { $0 - (heldOf[unit.name] ?? .zero) } ?? .largest
            demand.add(free.units, on: unit.node)
        }
        return demand
    }

    private func units(_ supply: UnitSupply) -> NodeDemand {
        guard supply.isShare else {
            var demand = NodeDemand(need: Int64(supply.missing))
            for (node, units) in supply.fresh { demand.add(Int64(units.count), on: node < 0 ? nil : node) }
            return demand
        }
        var demand = NodeDemand(need: supply.missing > 0 ? supply.share.units : 0, isOfOne: true)
        for unit in supply.free { demand.add(supply.taken.room(on: unit).units, on: unit.node) }
        return demand
    }
}

extension NodeDemand {
    fileprivate mutating func add(_ amount: Int64, on node: Int?) {
        guard let node else {
            elsewhere = isOfOne ? max(elsewhere, amount) : elsewhere + amount
            return
        }
        nodes[node] = isOfOne ? max(nodes[node] ?? 0, amount) : (nodes[node] ?? 0) + amount
    }
}
