internal import BerthModel

/// Shares a request evenly over the fewest NUMA nodes that can, as many CPUs on each, give or take one core.
///
/// Among sets of as many nodes: the fewest packages, then cores, then what leaves the nodes most alike, so that the
/// emptiest nodes are taken. On each node the cores that lie nearest together.
struct BalancedSearch {
    private struct Node {
        let index: Int
        /// CPUs that the reservation holds there.
        let held: Int
        /// CPUs that can be added, ascending from 0, and the fewest cores that give them.
        let ways: [Way]
        /// The packages where they lie, and how many CPUs each can give.
        let packages: [Int: Int]
        /// The package, where there is only one.
        var package: Int? { packages.count == 1 ? packages.keys.first : nil }
        var most: Int { held + (ways.last?.cpus ?? 0) }

        /// The fewest CPUs that are enough.
        func reach(_ cpus: Int) -> Way? {
            let index = first(cpus)
            return index < ways.count ? ways[index] : nil
        }

        /// The number nearest to a share, of two the lower or the higher.
        func near(_ cpus: Int, lower: Bool) -> Way {
            let index = first(cpus)
            guard index < ways.count else { return ways[ways.count - 1] }
            guard index > 0 else { return ways[index] }
            let (below, above) = (cpus - ways[index - 1].cpus, ways[index].cpus - cpus)
            return below < above || below == above && lower ? ways[index - 1] : ways[index]
        }

        /// The fewest packages that can give so many, where the node has several.
        func spread(_ cpus: Int) -> Int {
            var (rest, number) = (cpus, 0)
            for most in packages.values.sorted(by: >) where rest > 0 { (rest, number) = (rest - most, number + 1) }
            return number
        }

        private func first(_ cpus: Int) -> Int {
            var range = ways.indices
            while let last = range.last {
                let middle = range.lowerBound + (last - range.lowerBound) / 2
                range = ways[middle].cpus < cpus ? middle + 1..<range.upperBound : range.lowerBound..<middle
            }
            return range.lowerBound
        }
    }

    private struct Way {
        let cpus: Int
        let cores: Int
    }

    private struct Kind: Hashable {
        let held: Int
        let free: Int
        let counts: [Int]
        let packages: [Int: Int]
    }

    private let supply: CoreSupply
    /// CPUs in all, held ones among them.
    private let amount: Int
    /// How far shares may differ: one core's worth.
    private let tolerance: Int
    private var nodes: [Node] = []
    /// Positions in `nodes` of those that are alike: any of them is as good as another.
    private var kinds: [[Int]] = []
    /// By package: chosen nodes in it, one more where it is held; and how many have any.
    private var opened: [Int]
    private var packages: Int
    private var best: (rank: [Int], taken: [(position: Int, cpus: Int)])?

    init(_ supply: CoreSupply, amount: Int) {
        self.supply = supply
        self.amount = amount
        tolerance = supply.kinds.last ?? 0
        opened = supply.touched[CoreMap.package].map { $0 ? 1 : 0 }
        packages = opened.reduce(0, +)
        let map = supply.map
        var held = [Int](repeating: 0, count: map.sizes[CoreMap.node].count)
        var counts = held.map { _ in [Int](repeating: 0, count: supply.kinds.count) }
        var within: [[Int: Int]] = held.map { _ in [:] }
        for (index, core) in map.cores.enumerated() {
            let node = map.cells[core.cell][CoreMap.node]
            if !supply.held.isEmpty { held[node] += core.cpus.count(where: supply.held.contains) }
            guard let kind = supply.kinds.firstIndex(of: supply.threads[index]) else { continue }
            counts[node][kind] += 1
            within[node][map.cells[core.cell][CoreMap.package], default: 0] += supply.threads[index]
        }
        var alike: [Kind: Int] = [:]
        for index in held.indices {
            let ways = ways(counts[index])
            guard held[index] > 0 || ways.count > 1 else { continue }
            let node = Node(index: index, held: held[index], ways: ways, packages: within[index])
            let kind = Kind(
                held: held[index], free: supply.free[CoreMap.node][index], counts: counts[index],
                packages: node.packages)
            if let known = alike[kind] {
                kinds[known].append(nodes.count)
            } else {
                alike[kind] = kinds.count
                kinds.append([nodes.count])
            }
            nodes.append(node)
        }
        let free = supply.free[CoreMap.node]
        // The emptiest first: when the budget ends early, what was tried is what leaves the nodes most alike.
        kinds.sort { one, other in
            let (a, b) = (free[nodes[one[0]].index], free[nodes[other[0]].index])
            return a == b ? one[0] < other[0] : a > b
        }
    }

    /// The best cores; nil where the budget ran out before any were found.
    mutating func best(_ budget: inout Int) -> CoreSet? {
        let fewest = max(1, nodes.count(where: { $0.held > 0 }))
        for number in stride(from: fewest, through: nodes.count, by: 1) where best == nil {
            seek(number, even: true, &budget)
        }
        for number in stride(from: fewest, through: nodes.count, by: 1) where best?.rank.first != 0 {
            seek(number, even: false, &budget)
        }
        guard let best else { return nil }
        // Which of its packages a node is taken from is not weighed against what other nodes take.
        let alone = best.taken.count == 1 || nodes.allSatisfy { $0.package != nil || $0.ways.count == 1 }
        var result = CoreSet(cores: [], exact: budget >= 0 && alone)
        for (position, cpus) in best.taken where cpus > 0 {
            let only = supply.map.sizes[CoreMap.node].indices.map { $0 == nodes[position].index }
            let search = TogetherSearch(supply: supply, missing: cpus, allowed: only, exactly: true)
            guard let part = search.best(&budget) else { return nil }
            result.cores += part.cores
            result.exact = result.exact && part.exact
        }
        return result
    }

    /// The CPUs that cores of these numbers can give.
    private func ways(_ counts: [Int]) -> [Way] {
        let sizes = supply.kinds
        let most = zip(sizes, counts).reduce(0) { $0 + $1.0 * $1.1 }
        if let threads = sizes.first, sizes.count == 1 {
            return (0...most / threads).map { Way(cpus: $0 * threads, cores: $0) }
        }
        let mix = CoreMix(sizes: sizes, counts: counts, upTo: most)
        return [Way(cpus: 0, cores: 0)]
            + stride(from: 1, through: most, by: 1).compactMap { cpus in
                mix.cores(cpus).map { Way(cpus: cpus, cores: $0) }
            }
    }

    /// Tries sets of so many nodes.
    private mutating func seek(_ number: Int, even: Bool, _ budget: inout Int) {
        var search = Search(number: number, even: even)
        if even && supply.kinds.count == 1 && supply.held.isEmpty {
            let packages = nodes.compactMap(\.package).reduce(into: [:]) { $0[$1, default: 0] += 1 }
            var rest = number
            for count in packages.values.sorted(by: >) where rest > 0 {
                (rest, search.packages) = (rest - count, search.packages + 1)
            }
            let cores = (amount - 1) / tolerance + 1
            let share = cores / number * tolerance
            guard nodes.count(where: { $0.most > share }) >= cores % number else { return }
            (search.share, search.least) = (share, share)
        } else if even && supply.held.isEmpty {
            search.least = amount / number - tolerance + 1
        }
        guard nodes.count(where: { $0.most >= search.least }) >= number else { return }
        let known = Set(nodes.map(\.index))
        let left = supply.free[CoreMap.node].enumerated().filter { !known.contains($0.offset) }.map(\.element)
        var range = (low: left.min() ?? .max, high: left.max() ?? 0)
        if let share = search.share, share * number < amount, let first = kinds.first {
            // One node at least gives a core more.
            range.low = min(range.low, supply.free[CoreMap.node][nodes[first[0]].index] - share - tolerance)
        }
        descend(search, 0, [], range, &budget)
        guard best != nil, !supply.map.distances.isEmpty, number > 1 else { return }
        search.ties = true
        var ties = min(budget, CoreChoice.budget / 10)
        descend(search, 0, [], range, &ties)
    }

    private struct Search {
        let number: Int
        /// Only sets that share evenly.
        let even: Bool
        /// CPUs that a node must be able to have.
        var least = 0
        /// The fewest packages that have so many nodes, and the least that a node gives; nil where that is not known.
        var packages = 0
        var share: Int?
        /// Whether sets are tried that can only be as good, for one whose nodes are nearer.
        var ties = false
    }

    /// Decides how many nodes of each kind from a position on are taken.
    /// - Parameters: what is searched, the kind to decide on, the nodes chosen, and the fewest and most CPUs that are
    ///   left on a node decided on (at most so few, at least so many)
    private mutating func descend(
        _ search: Search, _ position: Int, _ chosen: [Int], _ range: (low: Int, high: Int), _ budget: inout Int
    ) {
        budget -= 10
        guard budget >= 0 else { return }
        if let best, search.even {
            // More packages are worse than all that is still open.
            guard packages <= best.rank[2] else { return }
            if search.share != nil && search.packages >= best.rank[2] {
                let least = range.high - range.low
                guard least < best.rank[4] || search.ties && least == best.rank[4] else { return }
            }
        }
        guard position < kinds.count else {
            if chosen.count == search.number { weigh(chosen, even: search.even, &budget) }
            return
        }
        let kind = kinds[position]
        let node = nodes[kind[0]]
        let free = supply.free[CoreMap.node][node.index]
        let most = node.held == 0 && node.most < search.least ? 0 : min(kind.count, search.number - chosen.count)
        let least = node.held > 0 ? kind.count : 0
        let later = kinds[(position + 1)...].reduce(0) { $0 + $1.count }
        for count in stride(from: most, through: max(least, search.number - chosen.count - later), by: -1) {
            var range = range
            if count < kind.count { range = (min(range.low, free), max(range.high, free)) }
            if let share = search.share, count > 0 { range.low = min(range.low, free - share) }
            if let package = node.package, count > 0 { open(package, count) }
            descend(search, position + 1, chosen + kind.prefix(count), range, &budget)
            if let package = node.package, count > 0 { open(package, -count) }
        }
    }

    private mutating func open(_ package: Int, _ count: Int) {
        if opened[package] == 0 { packages += 1 }
        opened[package] += count
        if opened[package] == 0 { packages -= 1 }
    }

    private mutating func weigh(_ chosen: [Int], even: Bool, _ budget: inout Int) {
        budget -= 50 + 20 * chosen.count
        // Where a share lies between two numbers of cores, either may leave the nodes more alike.
        if let shares = shares(chosen, lower: true) { weigh(chosen, shares, even: even) }
        if let shares = shares(chosen, lower: false) { weigh(chosen, shares, even: even) }
    }

    private mutating func weigh(_ chosen: [Int], _ shares: [(position: Int, way: Way)], even: Bool) {
        var free = supply.free[CoreMap.node]
        var touched = free.map { _ in false }
        var packages = packages
        var (cpus, cores, lowest, highest) = (0, 0, Int.max, 0)
        for (position, way) in shares {
            let node = nodes[position]
            free[node.index] -= way.cpus
            touched[node.index] = true
            if node.package == nil { packages += node.spread(way.cpus) }
            cpus += way.cpus
            cores += way.cores
            lowest = min(lowest, node.held + way.cpus)
            highest = max(highest, node.held + way.cpus)
        }
        let imbalance = highest - lowest
        guard !even || imbalance <= tolerance || chosen.contains(where: { nodes[$0].held > amount / chosen.count })
        else {
            return
        }
        let range = (free.max() ?? 0) - (free.min() ?? 0)
        let rank = [
            even ? 0 : imbalance, chosen.count, packages, cores, range, cpus, supply.distance(touched),
        ]
        if let best, !rank.lexicographicallyPrecedes(best.rank) { return }
        best = (rank, shares.map { ($0.position, $0.way.cpus) })
    }

    /// The smallest node first, each an even share of what is still missing, or all it has. What a node holds already
    /// above its share stays.
    private func shares(_ chosen: [Int], lower: Bool) -> [(position: Int, way: Way)]? {
        var rest = amount
        let free = supply.free[CoreMap.node]
        var open = chosen.sorted {
            (nodes[$0].most, free[nodes[$0].index], $1) < (nodes[$1].most, free[nodes[$1].index], $0)
        }
        var result: [(position: Int, way: Way)] = []
        while !open.isEmpty {
            let even = rest / open.count
            let next = open.firstIndex { nodes[$0].held > even } ?? 0
            let position = open.remove(at: next)
            let node = nodes[position]
            guard let way = open.isEmpty ? node.reach(rest - node.held) : node.near(even - node.held, lower: lower),
                node.held + way.cpus > 0
            else { return nil }
            rest = max(rest - node.held - way.cpus, 0)
            result.append((position, way))
        }
        return result
    }
}
