internal import BerthModel

/// Which of the units that would do are taken, by strategy.
extension Placement {
    /// Units that are held whole.
    /// - Parameters:
    ///   - fresh: what can be chosen, by node
    ///   - missing: how many; so many there are
    ///   - nodes: where the CPUs of the request are
    ///   - touched: the PCIe switches on which the rest of it is
    func apart(
        _ supply: UnitSupply, _ fresh: [Int: [Capacity.Unit]], _ missing: Int, near nodes: CPUSet?,
        touched: Set<String>
    ) -> [Capacity.Unit] {
        guard missing > 0 else { return [] }
        switch strategy {
        case .greedy: return Array(inOrder(supply, fresh).prefix(missing))
        case .balanced: return spread(supply, fresh, missing)
        case .optimized, .priority: return near(supply, fresh, missing, nodes, touched)
        }
    }

    /// The GPU that takes a share.
    /// - Parameter grant: what was found of other types
    func shared(
        _ supply: UnitSupply, _ fresh: [Int: [Capacity.Unit]], _ missing: Int, beside grant: Grant
    ) -> [Capacity.Unit] {
        guard missing > 0 else { return [] }
        let units = inOrder(supply, fresh)
        let chosen: Capacity.Unit? =
            switch strategy {
            case .greedy: units.first
            case .balanced: emptiest(units, supply)
            case .optimized, .priority: thrifty(units, supply, beside: grant)
            }
        return chosen.map { [$0] } ?? []
    }

    /// The one with the most room; of these one of the node that has the most of its own left.
    private func emptiest(_ units: [Capacity.Unit], _ supply: UnitSupply) -> Capacity.Unit? {
        var nodes: [Int: (room: Int64, whole: Int64)] = [:]
        for unit in supply.all where unit.failure == nil {
            nodes[unit.node ?? -1, default: (0, 0)].room += supply.taken.room(on: unit).units
            nodes[unit.node ?? -1, default: (0, 0)].whole += unit.capacity?.units ?? 0
        }
        return units.max { one, other in
            let (a, b) = (supply.taken.room(on: one), supply.taken.room(on: other))
            guard a == b, let here = nodes[one.node ?? -1], let there = nodes[other.node ?? -1] else { return a < b }
            return Int128(here.room) * Int128(there.whole) < Int128(there.room) * Int128(here.whole)
        }
    }

    /// By number, which is the order that the capacity has them in.
    private func inOrder(_ supply: UnitSupply, _ fresh: [Int: [Capacity.Unit]]) -> [Capacity.Unit] {
        fresh.count < 2 ? fresh.values.first ?? [] : supply.free.filter { fresh[$0.node ?? -1] != nil }
    }

    /// Near the CPUs, then on as few nodes as will do; of what a plugin can cut up that which is cut already goes to parts
    /// first, and to wholes last.
    private func near(
        _ supply: UnitSupply, _ fresh: [Int: [Capacity.Unit]], _ missing: Int, _ nodes: CPUSet?, _ touched: Set<String>
    ) -> [Capacity.Unit] {
        var touched = touched
        func rank(_ node: Int) -> (Int, Int, Int) {
            let size = fresh[node]?.count ?? 0
            return (nodes?.contains(node) == true ? 0 : 1, size >= missing ? size : Int.max - size, node)
        }
        var chosen: [Capacity.Unit] = []
        // By node, and not unit by unit: a provider may have ten thousand.
        for node in fresh.keys.sorted(by: { rank($0) < rank($1) }) where chosen.count < missing {
            let (better, others) = supply.taken.sorted(fresh[node] ?? [])
            guard supply.isOnSwitches else {
                chosen += better.prefix(missing - chosen.count)
                chosen += others.prefix(missing - chosen.count)
                continue
            }
            for units in [better, others] {
                let wanted = min(missing - chosen.count, units.count)
                let more = onFewSwitches(units, wanted, touched: touched).prefix(wanted)
                for unit in more { touched.insert(unit.pcieSwitch ?? unit.name) }
                chosen += more
            }
        }
        return chosen
    }

    /// One by one from the node of which the least part is held.
    private func spread(
        _ supply: UnitSupply, _ fresh: [Int: [Capacity.Unit]], _ missing: Int
    ) -> [Capacity.Unit] {
        var sizes: [Int: Int] = [:]
        for unit in supply.all where unit.failure == nil { sizes[unit.node ?? -1, default: 0] += 1 }
        var left = fresh.mapValues(\.count)
        var chosen: [Capacity.Unit] = []
        let nodes = fresh.keys.sorted()
        while chosen.count < missing {
            // Parts of their sizes are compared crosswise.
            let next = nodes.max { one, other in
                (left[one] ?? 0) * (sizes[other] ?? 1) < (left[other] ?? 0) * (sizes[one] ?? 1)
            }
            guard let next, let count = left[next], count > 0, let units = fresh[next] else { break }
            chosen.append(units[units.count - count])
            left[next] = count - 1
        }
        return chosen
    }

    /// Near the CPUs, then near an interface that is asked for, then where it costs the commonest shapes least, then the fullest, then by number.
    private func thrifty(_ units: [Capacity.Unit], _ supply: UnitSupply, beside grant: Grant) -> Capacity.Unit? {
        /// GPUs of one node with the same room are alike, as long as the interface is as near.
        struct Kind: Hashable {
            let node: Int?
            let room: Int64
            let isNear: Bool
        }
        let rest = rest ?? HostRest(self)
        let nodes = grant[.cpu]?.nodes
        var seen: Set<Kind> = []
        var best: (cost: [Int64], unit: Capacity.Unit)?
        for unit in units {
            let room = supply.taken.room(on: unit).units
            let isNear = networkSwitches.isEmpty || unit.pcieSwitch.map(networkSwitches.contains) ?? false
            guard seen.insert(Kind(node: unit.node, room: room, isNear: isNear)).inserted else { continue }
            let isFar = nodes.map { nodes in unit.node.map(nodes.contains) != true } ?? false
            let share = Hold.UnitShare(name: unit.name, quantity: supply.share)
            var grant = grant
            grant.holds.append(Hold(.gpu, amount: supply.share, limit: nil, units: [share]))
            let lost = rest.cost(of: grant, besides: current, shapes, capacity.topology)
            let cost = [isFar ? 1 : 0, isNear ? 0 : 1] + lost + [room]
            if best.map({ cost.lexicographicallyPrecedes($0.cost) }) ?? true { best = (cost, unit) }
        }
        return best?.unit
    }
}
