internal import BerthJSON
internal import BerthModel

/// Where a request may lie, by what others hold: what being near to them and apart from them leaves.
struct Bounds: Hashable, Sendable {
    /// The NUMA nodes that will do; nil is all, and what is on no known node too.
    private(set) var within: CPUSet?
    /// NUMA nodes that will not do.
    private(set) var outside = CPUSet()
    /// The units that will do, by type; a type that is not here is not bound.
    private var unitsWithin: [ResourceType: Set<String>] = [:]
    /// Units that will not do, by type.
    private var unitsOutside: [ResourceType: Set<String>] = [:]

    /// Whether every NUMA node will do.
    var allNodes: Bool { within == nil && outside.isEmpty }

    /// Those of NUMA nodes that will do.
    func nodes(_ nodes: CPUSet) -> CPUSet {
        (within.map(nodes.intersection) ?? nodes).subtracting(outside)
    }

    /// Whether a unit will do.
    func allow(_ unit: Capacity.Unit, _ type: ResourceType) -> Bool {
        if let within, unit.node.map(within.contains) != true { return false }
        if let node = unit.node, outside.contains(node) { return false }
        if let names = unitsWithin[type], !names.contains(unit.name) { return false }
        return unitsOutside[type]?.contains(unit.name) != true
    }

    /// Bound to these nodes too.
    func near(_ nodes: CPUSet) -> Bounds {
        var bounds = self
        bounds.within = within?.intersection(nodes) ?? nodes
        return bounds
    }

    /// Kept from these nodes too.
    func apart(from nodes: CPUSet) -> Bounds {
        var bounds = self
        bounds.outside = outside.union(nodes)
        return bounds
    }

    /// Bound to these units too, as far as there are any of a type.
    func near(_ units: [ResourceType: Set<String>]) -> Bounds {
        var bounds = self
        for (type, names) in units { bounds.unitsWithin[type] = unitsWithin[type]?.intersection(names) ?? names }
        return bounds
    }

    /// Kept from these units too.
    func apart(from units: [ResourceType: Set<String>]) -> Bounds {
        var bounds = self
        bounds.unitsOutside.merge(units) { $0.union($1) }
        return bounds
    }
}

extension Ask {
    /// Those of NUMA nodes that it prefers; nil where it says nothing of nodes.
    func preferredNodes(among nodes: CPUSet) -> CPUSet? {
        preferences["numa"].map { preference in CPUSet(nodes.filter { preference.holds(of: JSONValue($0)) }) }
    }

    /// Units by what the ask prefers: so many of them are taken in any case, and the missing ones are to be chosen among
    /// the others. Those that meet more come before those that meet less.
    /// - Parameters:
    ///   - units: the units that will do
    ///   - count: how many are wanted of them
    func preferred(
        _ units: [Capacity.Unit], count: Int
    ) -> (taken: [Capacity.Unit], others: [Capacity.Unit]) {
        guard !preferences.isEmpty, count > 0 else { return ([], units) }
        let ranked = Dictionary(grouping: units) { unit in
            preferences.count { name, preference in !unit.satisfies([name: preference]) }
        }
        var taken: [Capacity.Unit] = []
        for (_, equals) in ranked.sorted(by: { $0.key < $1.key }) {
            guard taken.count + equals.count < count else { return (taken, equals) }
            taken += equals
        }
        return (taken, [])
    }
}
