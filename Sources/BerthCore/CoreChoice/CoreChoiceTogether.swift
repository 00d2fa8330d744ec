internal import BerthModel

/// The best cores of a tree of places, found without trying sets: from the leaves up, for each number of CPUs that a
/// place can give, the least that it costs.
///
/// Costs of places add up and compare in a fixed order, so what is best for a place is part of what is best for the
/// place around it. Only the size of the largest place left free does not add up; where free places differ in size,
/// each size is tried, the largest first, as a condition that one of that size stays free.
struct TreeSearch {
    /// One way to take CPUs from a place.
    private struct Point {
        /// Cores where all have as many CPUs, else CPUs.
        var units: Int
        var cost: UInt128
        /// Which conditions hold: 1 for a node left free, 2 for an L3 cache.
        var kept: Int
        /// The two points that it is made of; of a leaf, -1 and the vertex.
        var left: Int
        var right: Int
    }

    /// What must stay free: a node and an L3 cache of at least so many CPUs.
    private struct Condition {
        var node: Int?
        var l3: Int?
        var bits: Int { (node == nil ? 0 : 1) | (l3 == nil ? 0 : 2) }
    }

    private let supply: CoreSupply
    private let allowed: [Bool]?
    /// All cores have as many CPUs; then only the number of cores counts.
    private let uniform: Bool
    private let target: Int
    private let limit: Int
    private var points: [Point] = []
    private var condition = Condition()
    private var slotCost: [UInt128] = []
    private var slotPair: [(left: Int, right: Int)] = []

    /// - Parameters:
    ///   - supply: what can be taken
    ///   - missing: CPUs to take, more than 0 and no more than there are
    ///   - allowed: by node, whether it can be taken from; nil is any
    ///   - exactly: no CPU more than that, though cores differ
    init(_ supply: CoreSupply, missing: Int, allowed: [Bool]? = nil, exactly: Bool = false) {
        self.supply = supply
        self.allowed = allowed
        uniform = supply.kinds.count == 1
        let threads = supply.kinds.last ?? 1
        target = uniform ? (missing - 1) / threads + 1 : missing
        limit = uniform || exactly ? target : missing + threads - 1
    }

    /// The cores, by index, ascending; nil where there are not enough.
    mutating func best(_ budget: inout Int) -> [Int]? {
        guard var found = run(Condition(), &budget) else { return nil }
        for size in sizes(CoreMap.node, above: left(CoreMap.node, by: found.cores)) {
            guard let other = run(Condition(node: size), &budget) else { continue }
            guard Cost.upTo(Cost.freeNodes, other.cost) == Cost.upTo(Cost.freeNodes, found.cost) else { continue }
            found = other
            break
        }
        let node = left(CoreMap.node, by: found.cores)
        for size in sizes(CoreMap.l3, above: left(CoreMap.l3, by: found.cores)) {
            guard let other = run(Condition(node: node > 0 ? node : nil, l3: size), &budget) else { continue }
            guard Cost.upTo(Cost.freeL3s, other.cost) == Cost.upTo(Cost.freeL3s, found.cost) else { continue }
            found = other
            break
        }
        return found.cores
    }

    /// The size of the largest place that cores leave free; 0 where they leave none.
    private func left(_ level: Int, by cores: [Int]) -> Int {
        var touched = supply.touched[level]
        for core in cores { touched[supply.map.cells[supply.map.cores[core].cell][level]] = true }
        return touched.indices.reduce(0) { largest, group in
            touched[group] || !supply.isWhole(level, group) ? largest : max(largest, supply.map.sizes[level][group])
        }
    }

    /// The sizes of free places that are larger, the largest first; none where none can be left free anyway.
    private func sizes(_ level: Int, above left: Int) -> [Int] {
        guard left > 0 else { return [] }
        let sizes = supply.map.sizes[level]
        let free = sizes.indices.filter { sizes[$0] > left && supply.isWhole(level, $0) }
        return Set(free.map { sizes[$0] }).sorted(by: >)
    }

    private struct Found {
        var cost: UInt128
        var condition: Condition
        var cores: [Int]
    }

    private mutating func run(_ condition: Condition, _ budget: inout Int) -> Found? {
        self.condition = condition
        points.removeAll(keepingCapacity: true)
        slotCost = [UInt128](repeating: .max, count: (limit + 1) * (condition.bits + 1))
        slotPair = [(left: Int, right: Int)](repeating: (0, 0), count: slotCost.count)
        let frontier = frontier(0, &budget)
        var best: Int?
        for index in frontier where points[index].units >= target && points[index].kept == condition.bits {
            guard let known = best else {
                best = index
                continue
            }
            let (old, new) = (points[known], points[index])
            let figures = (Cost.upTo(Cost.freeL3s, old.cost), Cost.upTo(Cost.freeL3s, new.cost))
            if (figures.1, new.units, new.cost) < (figures.0, old.units, old.cost) { best = index }
        }
        return best.map { Found(cost: points[$0].cost, condition: condition, cores: cores($0)) }
    }

    /// The ways to take from a place, by units, none of which is worse than another in all.
    private mutating func frontier(_ index: Int, _ budget: inout Int) -> Range<Int> {
        let vertex = supply.map.vertices[index]
        var range: Range<Int>
        if let first = vertex.children.first {
            range = frontier(first, &budget)
            for child in vertex.children.dropFirst() { range = merge(range, frontier(child, &budget), &budget) }
        } else {
            range = leaf(index, vertex.cells)
        }
        var cost: UInt128 = 0
        var kept = 0
        for (level, group) in vertex.labels {
            cost &+= supply.weights[level][group]
            guard supply.isWhole(level, group) else { continue }
            if level == CoreMap.node, let size = condition.node, supply.map.sizes[level][group] >= size { kept |= 1 }
            if level == CoreMap.l3, let size = condition.l3, supply.map.sizes[level][group] >= size { kept |= 2 }
        }
        for index in range {
            if points[index].units > 0 { points[index].cost &+= cost } else { points[index].kept |= kept }
        }
        return range
    }

    private mutating func leaf(_ vertex: Int, _ cells: [Int]) -> Range<Int> {
        let start = points.count
        points.append(Point(units: 0, cost: 0, kept: 0, left: -1, right: vertex))
        let counts = counts(cells)
        if uniform {
            let units = min(counts[0], target)
            if units > 0 { points.append(Point(units: units, cost: 0, kept: 0, left: -1, right: vertex)) }
        } else if let mix = mix(counts, upTo: limit) {
            for units in 1...limit {
                guard let cores = mix.cores(units) else { continue }
                points.append(
                    Point(units: units, cost: Cost.of(Cost.cores, cores), kept: 0, left: -1, right: vertex))
            }
        }
        return start..<points.count
    }

    /// All ways to take from two places, the best for each number of units, and of these no worse one with fewer.
    private mutating func merge(_ one: Range<Int>, _ other: Range<Int>, _ budget: inout Int) -> Range<Int> {
        let variants = condition.bits + 1
        let most = min(limit, units(one) + units(other))
        budget -= one.count * other.count + most
        for slot in 0..<(most + 1) * variants { slotCost[slot] = .max }
        // The most from the first place comes first and stays where costs are equal: the lowest numbers win.
        for left in one.reversed() {
            let (units, cost, kept) = (points[left].units, points[left].cost, points[left].kept)
            for right in other {
                var sum = units + points[right].units
                if sum > limit {
                    guard uniform else { break }
                    sum = limit
                }
                let slot = sum * variants + (kept | points[right].kept)
                let both = cost &+ points[right].cost
                if both < slotCost[slot] {
                    slotCost[slot] = both
                    slotPair[slot] = (left, right)
                }
            }
        }
        let start = points.count
        for variant in 0..<variants {
            var least = UInt128.max
            for units in (0...most).reversed() {
                let slot = units * variants + variant
                guard slotCost[slot] < least else { continue }
                if uniform { least = slotCost[slot] }
                let pair = slotPair[slot]
                points.append(
                    Point(units: units, cost: slotCost[slot], kept: variant, left: pair.left, right: pair.right))
            }
        }
        if variants == 1 { points[start...].reverse() } else { points[start...].sort { $0.units < $1.units } }
        return start..<points.count
    }

    private func units(_ range: Range<Int>) -> Int { range.last.map { points[$0].units } ?? 0 }

    /// How many cores of each kind cells have.
    private func counts(_ cells: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: supply.kinds.count)
        for cell in cells where allowed?[supply.map.cells[cell][CoreMap.node]] ?? true {
            for kind in supply.kinds.indices { counts[kind] += supply.counts[cell * supply.kinds.count + kind] }
        }
        return counts
    }

    private func mix(_ counts: [Int], upTo limit: Int) -> CoreMix? {
        let most = zip(counts, supply.kinds).reduce(0) { $0 + $1.0 * $1.1 }
        return most > 0 ? CoreMix(sizes: supply.kinds, counts: counts, upTo: min(limit, most)) : nil
    }

    /// The cores that a point stands for, the lowest of each place.
    private func cores(_ index: Int) -> [Int] {
        var wanted: [Int: [Int]] = [:]
        var open = [index]
        while let index = open.popLast() {
            let point = points[index]
            if point.left >= 0 {
                open += [point.left, point.right]
            } else if point.units > 0 {
                let counts = counts(supply.map.vertices[point.right].cells)
                wanted[point.right] = uniform ? counts : mix(counts, upTo: limit)?.split(point.units)
            }
        }
        return supply.lowest(wanted, by: supply.map.leaf, most: uniform ? target : nil)
    }
}

/// The cores that lie nearest together: by the tree, and by trying sets for what the tree cannot tell.
struct TogetherSearch {
    let supply: CoreSupply
    /// CPUs to take, more than 0.
    let missing: Int
    /// By node, whether it can be taken from; nil is any.
    var allowed: [Bool]?
    /// No CPU more than that, though cores differ.
    var exactly = false

    /// The best cores; nil where there are not enough.
    func best(_ budget: inout Int) -> CoreSet? {
        var tree = TreeSearch(supply, missing: missing, allowed: allowed, exactly: exactly)
        guard let cores = tree.best(&budget) else { return nil }
        var result = CoreSet(cores: cores, exact: supply.map.topology.cpus.count <= Cost.most)
        if !supply.map.nested {
            var search = CellSearch(self, from: cores)
            search.descend(0, 0, 0, &budget)
            result.cores = search.best
            result.exact = result.exact && budget >= 0
        } else if var search = NodeSearch(self, from: cores) {
            // Distance settles ties only, and whether a set is the best does not depend on it.
            var ties = min(budget, CoreChoice.budget / 10)
            search.descend(0, search.apart, &ties)
            result.cores = search.best
        }
        return result
    }
}

/// Tries other sets of as many nodes for one whose nodes are nearer and whose figures are as good.
private struct NodeSearch {
    private(set) var best: [Int]
    private var score: [Int]
    private let search: TogetherSearch
    /// What can be taken from, by number; those of one place, use and distance to all others share a twin.
    private var nodes: [(index: Int, twin: Int)] = []
    private var capacity: [Int]
    private var shapes: [[[Int]]] = []
    private let allowed: [Bool]
    private var chosen: [Int]
    /// How many nodes there are in the end.
    private let number: Int
    private var had = 0
    private let nearest: Int
    /// By number of a twin: whether one of them was left out.
    private var without: [Bool]
    /// How far the nodes that are held are from each other.
    let apart: Int

    /// Nil where distances decide nothing.
    init?(_ search: TogetherSearch, from cores: [Int]) {
        let supply = search.supply
        let held = supply.touched[CoreMap.node]
        var touched = held
        for core in cores { touched[supply.map.cells[supply.map.cores[core].cell][CoreMap.node]] = true }
        number = touched.count(where: { $0 })
        guard !supply.map.distances.isEmpty, number > 1, touched != held else { return nil }
        self.search = search
        best = cores
        score = supply.score(cores)
        chosen = held.indices.filter { held[$0] }
        allowed = search.allowed ?? held.map { _ in true }
        nearest = supply.map.nearest
        apart = supply.distance(held)
        without = held.map { _ in false }
        capacity = held.map { _ in 0 }
        for (core, threads) in supply.threads.enumerated() where threads > 0 {
            let node = supply.map.cells[supply.map.cores[core].cell][CoreMap.node]
            if allowed[node] { capacity[node] += threads }
        }
        had = chosen.reduce(0) { $0 + capacity[$1] }
        shapes = supply.shapes()
        for node in held.indices where capacity[node] > 0 && !held[node] {
            let twin = nodes.first { twins($0.index, node) }
            nodes.append((node, twin?.twin ?? node))
        }
    }

    /// Whether one node is as good as another wherever the rest lies.
    private func twins(_ one: Int, _ other: Int) -> Bool {
        let far = search.supply.map.distances
        guard shapes[one] == shapes[other] else { return false }
        return far.indices.allSatisfy { third in
            third == one || third == other
                || far[one][third] == far[other][third] && far[third][one] == far[third][other]
        }
    }

    /// Decides on each node from a position on.
    /// - Parameters: the first node to decide on, and how far those chosen are apart in all
    mutating func descend(_ position: Int, _ apart: Int, _ budget: inout Int) {
        budget -= 5
        guard budget >= 0 else { return }
        let pairs = number * (number - 1) - chosen.count * (chosen.count - 1)
        guard apart + pairs * nearest < score[CoreSupply.figures] else { return }
        guard chosen.count < number else { return weigh(&budget) }
        guard nodes.count - position >= number - chosen.count else { return }
        let (node, twin) = nodes[position]
        let lost = without[twin]
        // Of twins the lowest are taken.
        if !lost {
            var more = 0
            for other in chosen {
                more += search.supply.map.distances[other][node] + search.supply.map.distances[node][other]
            }
            budget -= chosen.count
            chosen.append(node)
            had += capacity[node]
            descend(position + 1, apart + more, &budget)
            had -= capacity[node]
            chosen.removeLast()
        }
        without[twin] = true
        descend(position + 1, apart, &budget)
        without[twin] = lost
    }

    private mutating func weigh(_ budget: inout Int) {
        guard had >= search.missing else { return }
        let supply = search.supply
        var only = allowed.map { _ in false }
        for node in chosen { only[node] = allowed[node] }
        var tree = TreeSearch(supply, missing: search.missing, allowed: only, exactly: search.exactly)
        guard let cores = tree.best(&budget) else { return }
        let other = supply.score(cores)
        if other.lexicographicallyPrecedes(score) { (best, score) = (cores, other) }
    }
}

/// Tries sets of cells, on a host whose places cross each other.
private struct CellSearch {
    private(set) var best: [Int]
    private var score: [Int]
    /// What the places of the best cost, up to the L3 caches.
    private var least: UInt128
    private let search: TogetherSearch
    private let cells: [Int]
    /// By position: CPUs of this cell, and of this and all later ones.
    private let capacity: [Int]
    private let rest: [Int]
    /// By level and group: chosen cells in it, one more where it is held.
    private var touched: [[Int]]

    init(_ search: TogetherSearch, from cores: [Int]) {
        let supply = search.supply
        self.search = search
        best = cores
        score = supply.score(cores)
        touched = supply.touched.map { $0.map { $0 ? 1 : 0 } }
        cells = supply.map.cells.indices.filter {
            supply.capacity($0) > 0 && search.allowed?[supply.map.cells[$0][CoreMap.node]] ?? true
        }
        capacity = cells.map(supply.capacity)
        rest = capacity.reversed().reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }.reversed()
        least = CellSearch.cost(of: cores, supply)
    }

    private static func cost(of cores: [Int], _ supply: CoreSupply) -> UInt128 {
        var touched = supply.touched
        var cost: UInt128 = 0
        for core in cores {
            for (level, group) in supply.map.cells[supply.map.cores[core].cell].enumerated()
            where !touched[level][group] {
                touched[level][group] = true
                cost &+= supply.weights[level][group]
            }
        }
        return Cost.upTo(CoreMap.l3, cost)
    }

    /// Decides on each cell from a position on.
    mutating func descend(_ position: Int, _ have: Int, _ cost: UInt128, _ budget: inout Int) {
        budget -= 5
        guard budget >= 0 else { return }
        if have >= search.missing {
            budget -= 3 * search.supply.map.cores.count
            return weigh()
        }
        guard have + rest[position] >= search.missing else { return }
        let groups = search.supply.map.cells[cells[position]]
        var more = cost
        for (level, group) in groups.enumerated() {
            if touched[level][group] == 0 { more &+= search.supply.weights[level][group] }
            touched[level][group] += 1
        }
        if Cost.upTo(CoreMap.l3, more) <= least { descend(position + 1, have + capacity[position], more, &budget) }
        for (level, group) in groups.enumerated() { touched[level][group] -= 1 }
        descend(position + 1, have, cost, &budget)
    }

    /// Takes the fewest cores of all cells that lie wholly in places that are touched anyway.
    private mutating func weigh() {
        let supply = search.supply
        var place = [Int](repeating: -1, count: supply.map.cells.count)
        var counts = [Int](repeating: 0, count: supply.kinds.count)
        for cell in cells {
            let groups = supply.map.cells[cell]
            guard groups.indices.allSatisfy({ touched[$0][groups[$0]] > 0 }) else { continue }
            place[cell] = 0
            for kind in counts.indices { counts[kind] += supply.counts[cell * counts.count + kind] }
        }
        guard let numbers = numbers(counts) else { return }
        let cores = supply.lowest([0: numbers], by: place, most: nil)
        let other = supply.score(cores)
        guard other.lexicographicallyPrecedes(score) else { return }
        (best, score, least) = (cores, other, CellSearch.cost(of: cores, supply))
    }

    /// The fewest cores that are enough, of each kind, and of these the fewest CPUs.
    private func numbers(_ counts: [Int]) -> [Int]? {
        let sizes = search.supply.kinds
        if sizes.count == 1 { return [(search.missing - 1) / sizes[0] + 1] }
        let most = search.exactly ? 0 : (sizes.last ?? 1) - 1
        let mix = CoreMix(sizes: sizes, counts: counts, upTo: search.missing + most)
        var found: (cores: Int, cpus: Int)?
        for cpus in search.missing...search.missing + most {
            guard let cores = mix.cores(cpus), cores < found?.cores ?? .max else { continue }
            found = (cores, cpus)
        }
        return found.map { mix.split($0.cpus) }
    }
}
