internal import BerthModel

/// Choosing for all types of a request at once: which NUMA nodes it lies on.
///
/// Sets of nodes are tried by their size, so that the first size at which the request fits is the least. Among its sets
/// that one is taken whose choice costs least: packages, dies and L3 caches of whole cores, PCIe switches, then what the commonest shapes
/// lose by it, then the distance between the nodes, then the lowest numbers.
extension Placement {
    /// So many sets are looked at, which costs little, before the search gives up.
    static let mostSets = 20_000
    /// So many sets are tried, which costs a placement each.
    static let mostTrials = 64

    /// What can be had for the resources, as the strategy has it.
    func search(_ resources: Resources) -> Placed {
        guard strategy == .optimized || strategy == .priority, resources[.network] != nil else {
            return searched(resources)
        }
        var known = self
        known.networkSwitches = networkSwitches(for: resources)
        return known.searched(resources)
    }

    func searched(_ resources: Resources) -> Placed {
        let searches = strategy == .optimized || strategy == .priority
        let hasPreferences = resources.asks.contains { !$0.preferences.isEmpty }
        // What is preferred goes before what is cheap.
        if hasPreferences, searches || same == .numa, let placed = preferred(resources) { return placed }
        if same == .numa { return onOneNode(resources) }
        guard searches, resources.asks.contains(where: \.liesSomewhere) else { return place(resources) }
        guard !hasPreferences else {
            // It can have some of that at most, type by type.
            var placed = place(resources)
            placed.isExact = false
            return placed
        }
        // Whole cores alone have a search of their own, which is exact.
        guard resources.asks.contains(where: { $0.liesSomewhere && $0.type != .cpu }) else { return place(resources) }
        let rest = HostRest(self)
        let known = withSupplies(resources, rest)
        let demands = known.demands(resources, rest)
        guard !demands.isEmpty else { return known.place(resources) }
        return known.nearest(resources, demands, rest) ?? known.place(resources)
    }

    /// The same with the units that could answer looked up once.
    private func withSupplies(_ resources: Resources, _ rest: HostRest) -> Placement {
        var known = self
        known.rest = rest
        for ask in resources.asks where ask.type == .gpu || ask.type.isProvided {
            known.supplies[ask.type] = UnitSupply(ask, for: self)
        }
        return known
    }

    /// The best on the fewest nodes; nil where no set of nodes will do, or none was found in time.
    private func nearest(_ resources: Resources, _ demands: [NodeDemand], _ rest: HostRest) -> Placed? {
        let base = current.map { capacity.nodes(of: $0) } ?? CPUSet()
        let nodes = bounds.nodes(CPUSet(demands.flatMap(\.nodes.keys)))
        let others = nodes.filter { !base.contains($0) }
        var sets = NodeSets(others, most: Placement.mostSets)
        var best: (cost: [Int64], placed: Placed)?
        var trials = 0
        while let set = sets.next() {
            if let best, Int64(set.count + base.count) > best.cost[0] { break }
            guard demands.allSatisfy({ $0.isMet(by: set + Array(base)) }) else { continue }
            guard trials < Placement.mostTrials else {
                best?.placed.isExact = false
                break
            }
            trials += 1
            var trial = self
            trial.scope = base.union(CPUSet(set))
            var placed = trial.place(resources)
            guard placed.shortfalls.isEmpty else { continue }
            // How whole units lie on several nodes is not tried in all ways.
            if set.count > 1 { placed.isExact = placed.isExact && demands.count == 1 && best == nil }
            let cost = cost(of: placed, rest)
            if best.map({ cost.lexicographicallyPrecedes($0.cost) }) ?? true { best = (cost, placed) }
        }
        if sets.isCut { best?.placed.isExact = false }
        return best?.placed
    }

    /// What each part of ``cost(of:_:)`` counts.
    static let counted: [UnitReason.Measure] = [
        .nodes, .packages, .dies, .caches, .switches, .later, .shapes, .gpuRoom, .cpus, .distance,
    ]

    func cost(of placed: Placed, _ rest: HostRest) -> [Int64] {
        let cpus = placed.grant[.cpu]?.cpus ?? CPUSet()
        func touched(_ level: CPUTopology.Level) -> Int64 {
            Int64(Set(cpus.lazy.compactMap { capacity.topology.place(of: $0)?.id(level) }).count)
        }
        var distance: Int64 = 0
        for one in placed.nodes {
            for other in placed.nodes where one != other {
                distance += Int64(capacity.topology.distance(from: one, to: other) ?? 0)
            }
        }
        let near = [
            Int64(placed.nodes.count), touched(.package), touched(.die), touched(.l3), Int64(placed.switches.count),
        ]
        return near + rest.cost(of: placed.grant, besides: current, shapes, capacity.topology) + [distance]
    }
}

extension Ask {
    /// Whether what is granted lies on NUMA nodes.
    var liesSomewhere: Bool {
        switch type {
        case .cpu: exclusive
        case .memory: constraints["numa"] != nil
        case .pids, .storage: false
        default: true
        }
    }
}

/// The sets of some nodes, smaller ones first, then by number.
struct NodeSets {
    private let nodes: [Int]
    private var places: [Int] = []
    private var left: Int
    private var isBegun = false

    /// Whether there are more than were looked at.
    private(set) var isCut = false

    init(_ nodes: [Int], most: Int) {
        self.nodes = nodes
        left = most
    }

    /// The next set, the empty one first; nil after the last.
    mutating func next() -> [Int]? {
        guard isBegun else {
            isBegun = true
            return []
        }
        guard left > 0 else {
            isCut = true
            return nil
        }
        left -= 1
        // The last place that can move on does; those after it follow at once.
        guard let place = places.indices.last(where: { places[$0] < nodes.count - (places.count - $0) }) else {
            guard places.count < nodes.count else { return nil }
            places = Array(0...places.count)
            return places.map { nodes[$0] }
        }
        let first = places[place] + 1
        for index in place..<places.count { places[index] = first + index - place }
        return places.map { nodes[$0] }
    }
}
