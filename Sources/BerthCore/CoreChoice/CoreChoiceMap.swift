internal import BerthModel

/// The cores of a host and the places they lie in, numbered without gaps: what never changes between choices.
///
/// Cores that lie in the same node, package, die and L3 cache are one cell. Nodes, packages, dies and caches make a
/// tree, whichever lies within which, as long as any two of them lie one within the other or apart.
struct CoreMap: Sendable {
    /// The levels that count, the most important first.
    static let levels: [CPUTopology.Level] = [.node, .package, .die, .l3]
    static let (node, package, die, l3) = (0, 1, 2, 3)

    /// A core lies where its lowest CPU does; cores are ordered by that CPU.
    struct Core: Sendable {
        let cpus: [Int]
        let cell: Int
    }

    /// A group, or several of different levels with the same cores.
    struct Vertex: Sendable {
        var labels: [(level: Int, group: Int)]
        var children: [Int] = []
        /// Without children only.
        var cells: [Int] = []
    }

    let topology: CPUTopology
    private(set) var cores: [Core] = []
    /// By core: the cluster that it is of, within its cell; empty where the host tells of none.
    private(set) var clusters: [Int] = []
    /// By cell: its group on each level.
    private(set) var cells: [[Int]] = []
    /// By level, by group: how many CPUs it has.
    private(set) var sizes: [[Int]]
    /// Whether any two groups lie one within the other or apart; else the tree lacks a level.
    private(set) var nested = true
    private(set) var vertices: [Vertex] = [Vertex(labels: [])]
    /// By cell: the vertex without children that has it.
    private(set) var leaf: [Int] = []
    /// By node and node; empty where unknown or all the same.
    let distances: [[Int]]
    /// The least distance between two nodes.
    let nearest: Int

    init(_ topology: CPUTopology) {
        self.topology = topology
        let groups = CoreMap.levels.map { topology.groups($0) }
        sizes = groups.map { $0.map { _ in 0 } }
        distances = CoreMap.distances(topology, between: groups[CoreMap.node].map(\.id))
        nearest = CoreMap.nearest(distances)
        let index = groups.map { level in
            Dictionary(uniqueKeysWithValues: level.enumerated().map { ($0.element.id, $0.offset) })
        }
        var known: [[Int]: Int] = [:]
        var members: [Int: Int] = [:]
        var found: [(cpus: [Int], cell: Int)] = []
        var numbers: [[Int]: Int] = [:]
        for place in topology.places {
            if let core = members[place.core] {
                found[core].cpus.append(place.cpu)
                continue
            }
            let cell = zip(CoreMap.levels, index).map { level, index in index[place.id(level)] ?? 0 }
            if known[cell] == nil {
                known[cell] = cells.count
                cells.append(cell)
            }
            members[place.core] = found.count
            found.append(([place.cpu], known[cell] ?? 0))
            let cluster = [known[cell] ?? 0, place.cluster ?? -1]
            if numbers[cluster] == nil { numbers[cluster] = numbers.count }
            clusters.append(numbers[cluster] ?? 0)
        }
        cores = found.map { Core(cpus: $0.cpus, cell: $0.cell) }
        if topology.places.allSatisfy({ $0.cluster == nil }) { clusters = [] }
        for core in cores {
            for (level, group) in cells[core.cell].enumerated() { sizes[level][group] += core.cpus.count }
        }
        grow()
    }

    /// The CPUs of cores.
    func cpus(of chosen: [Int]) -> CPUSet {
        var set = CPUSet()
        for core in chosen { for cpu in cores[core].cpus { set.insert(cpu) } }
        return set
    }

    /// Builds the tree from all levels that fit into one another.
    private mutating func grow() {
        var weights = CoreMap.levels.indices.map { [Int](repeating: 0, count: sizes[$0].count) }
        var cellCores = [Int](repeating: 0, count: cells.count)
        for core in cores { cellCores[core.cell] += 1 }
        for (cell, groups) in cells.enumerated() {
            for (level, group) in groups.enumerated() { weights[level][group] += cellCores[cell] }
        }
        var kept: [Int] = []
        for level in CoreMap.levels.indices {
            if kept.allSatisfy({ fits($0, level, weights, cellCores) }) { kept.append(level) }
        }
        nested = kept.count == CoreMap.levels.count
        leaf = cells.map { _ in 0 }
        var vertexOf: [[Int]: Int] = [:]
        for (cell, groups) in cells.enumerated() {
            let chain = kept.sorted { one, other in
                let (a, b) = (weights[one][groups[one]], weights[other][groups[other]])
                return a == b ? one < other : a > b
            }
            var at = 0
            var last = 0
            for level in chain {
                let weight = weights[level][groups[level]]
                if at != 0 && weight == last {
                    if !vertices[at].labels.contains(where: { $0.level == level }) {
                        vertices[at].labels.append((level, groups[level]))
                    }
                    continue
                }
                last = weight
                let key = [level, groups[level]]
                if let known = vertexOf[key] {
                    at = known
                } else {
                    vertexOf[key] = vertices.count
                    vertices[at].children.append(vertices.count)
                    at = vertices.count
                    vertices.append(Vertex(labels: [(level, groups[level])]))
                }
            }
            vertices[at].cells.append(cell)
            leaf[cell] = at
        }
    }

    /// Whether any two groups of two levels lie one within the other or apart.
    private func fits(_ one: Int, _ other: Int, _ weights: [[Int]], _ cellCores: [Int]) -> Bool {
        var shared: [[Int]: Int] = [:]
        for (cell, groups) in cells.enumerated() {
            shared[[groups[one], groups[other]], default: 0] += cellCores[cell]
        }
        return shared.allSatisfy { key, count in
            count == weights[one][key[0]] || count == weights[other][key[1]]
        }
    }

    private static func nearest(_ distances: [[Int]]) -> Int {
        var nearest = Int.max
        for (node, row) in distances.enumerated() {
            for (other, distance) in row.enumerated() where other != node { nearest = min(nearest, distance) }
        }
        return nearest
    }

    private static func distances(_ topology: CPUTopology, between nodes: [Int]) -> [[Int]] {
        var values = Set<Int>()
        var rows: [[Int]] = []
        for node in nodes {
            var row: [Int] = []
            for other in nodes {
                guard let distance = topology.distance(from: node, to: other) else { return [] }
                // The kernel keeps a byte; more would only serve to overflow sums.
                row.append(min(max(distance, 0), 255))
                if node != other { values.insert(row[row.count - 1]) }
            }
            rows.append(row)
        }
        return values.count > 1 ? rows : []
    }
}

/// What one request may take of a host, and what it costs to touch each place.
struct CoreSupply {
    let map: CoreMap
    /// The CPUs that the reservation keeps in any case.
    let held: CPUSet
    /// By core: the CPUs that are had by taking it; 0 where it cannot be taken.
    private(set) var threads: [Int]
    /// The values of ``threads`` above 0, ascending. Cores differ on hybrid processors and where siblings are offline.
    private(set) var kinds: [Int] = []
    /// By cell and kind (`cell * kinds.count + kind`): how many cores can be taken.
    private(set) var counts: [Int] = []
    /// All CPUs that can be taken.
    private(set) var total = 0
    /// By level and group: whether held CPUs lie in it.
    private(set) var touched: [[Bool]]
    /// By level and group, of nodes and L3 caches only: CPUs that nobody holds.
    private(set) var free: [[Int]]
    /// By level and group: what a set costs that touches it.
    private(set) var weights: [[UInt128]] = []

    /// For a new reservation or one that grows: whole cores only.
    init(_ map: CoreMap, available: CPUSet, held: CPUSet, within nodes: CPUSet?) {
        let held = held.intersection(map.topology.cpus)
        let available = available.subtracting(held)
        let allowed = map.topology.groups(.node).map { nodes?.contains($0.id) ?? true }
        let threads = map.cores.map { core in
            allowed[map.cells[core.cell][CoreMap.node]] && core.cpus.allSatisfy(available.contains)
                ? core.cpus.count : 0
        }
        self.init(map, threads: threads, free: available, held: held)
    }

    /// For a reservation that shrinks: what it holds of each core stays or goes as one.
    init(_ map: CoreMap, shrinking held: CPUSet, free: CPUSet) {
        let threads = map.cores.map { core in core.cpus.count(where: held.contains) }
        self.init(map, threads: threads, free: free.union(held), held: CPUSet())
    }

    private init(_ map: CoreMap, threads: [Int], free available: CPUSet, held: CPUSet) {
        self.map = map
        self.held = held
        self.threads = threads
        touched = map.sizes.map { [Bool](repeating: false, count: $0.count) }
        free = map.sizes.map { [Int](repeating: 0, count: $0.count) }
        var seen: [Bool] = []
        for (index, core) in map.cores.enumerated() {
            let groups = map.cells[core.cell]
            for cpu in core.cpus where available.contains(cpu) {
                free[CoreMap.node][groups[CoreMap.node]] += 1
                free[CoreMap.l3][groups[CoreMap.l3]] += 1
            }
            if !held.isEmpty && core.cpus.contains(where: held.contains) {
                for (level, group) in groups.enumerated() { touched[level][group] = true }
            }
            while seen.count <= threads[index] { seen.append(false) }
            seen[threads[index]] = true
            total += threads[index]
        }
        kinds = seen.indices.filter { $0 > 0 && seen[$0] }
        var kindOf = [Int](repeating: 0, count: seen.count)
        for (kind, count) in kinds.enumerated() { kindOf[count] = kind }
        counts = [Int](repeating: 0, count: map.cells.count * kinds.count)
        for (index, core) in map.cores.enumerated() where threads[index] > 0 {
            counts[core.cell * kinds.count + kindOf[threads[index]]] += 1
        }
        weights = weigh()
    }

    /// Whether every CPU of a group can be left free for others.
    func isWhole(_ level: Int, _ group: Int) -> Bool {
        free[level][group] == map.sizes[level][group] && map.sizes[level][group] > 0
    }

    /// How many CPUs can be taken of a cell.
    func capacity(_ cell: Int) -> Int {
        var sum = 0
        for (kind, count) in kinds.enumerated() { sum += counts[cell * kinds.count + kind] * count }
        return sum
    }

    /// The lowest cores of places, as many of each kind as wanted of each place; where cores share something nearer than their
    /// caches, those of the fewest such clusters.
    /// - Parameters: numbers of cores by place and kind, the place of each cell, and how many cores are enough
    func lowest(_ wanted: [Int: [Int]], by place: [Int], most: Int?) -> [Int] {
        var wanted = wanted
        var cores: [Int] = []
        var groups: [[Int]: [Int]] = [:]
        for (index, core) in map.cores.enumerated() where threads[index] > 0 {
            let kind = kinds.firstIndex(of: threads[index]) ?? 0
            guard let left = wanted[place[core.cell]]?[kind], left > 0 else { continue }
            guard map.clusters.isEmpty else {
                groups[most == nil ? [place[core.cell], kind] : [], default: []].append(index)
                continue
            }
            if let most, cores.count >= most { break }
            wanted[place[core.cell]]?[kind] = left - 1
            cores.append(index)
        }
        for (key, group) in groups { cores += tightest(group, most ?? wanted[key[0]]?[key[1]] ?? 0) }
        return groups.isEmpty ? cores : cores.sorted()
    }

    /// So many of some cores, of the clusters that are touched already, then of the fewest others: the largest, and for the last
    /// few the smallest that has enough.
    private func tightest(_ cores: [Int], _ count: Int) -> [Int] {
        var touched: Set<Int> = []
        if !held.isEmpty {
            for (index, core) in map.cores.enumerated() where core.cpus.contains(where: held.contains) {
                touched.insert(map.clusters[index])
            }
        }
        var members: [Int: [Int]] = [:]
        for core in cores { members[map.clusters[core], default: []].append(core) }
        var clusters = members.map { (isTouched: touched.contains($0.key), cores: $0.value) }
        clusters.sort { $0.cores[0] < $1.cores[0] }
        var chosen: [Int] = []
        while chosen.count < count, !clusters.isEmpty {
            let missing = count - chosen.count
            func rank(_ place: Int) -> [Int] {
                let size = clusters[place].cores.count
                let isEnough = size >= missing
                return [clusters[place].isTouched ? 0 : 1, isEnough ? 0 : 1, isEnough ? size : -size]
            }
            let best = clusters.indices.min { rank($0).lexicographicallyPrecedes(rank($1)) } ?? 0
            chosen += clusters.remove(at: best).cores.prefix(missing)
        }
        return chosen
    }

    private func weigh() -> [[UInt128]] {
        map.sizes.indices.map { level in
            map.sizes[level].indices.map { group in
                guard !touched[level][group] else { return 0 }
                var cost = Cost.of(level)
                switch level {
                case CoreMap.node:
                    if isWhole(level, group) { cost &+= Cost.of(Cost.freeNodes) }
                    cost &+= Cost.of(Cost.nodeRest, free[level][group])
                case CoreMap.l3:
                    if isWhole(level, group) { cost &+= Cost.of(Cost.freeL3s) }
                    cost &+= Cost.of(Cost.l3Rest, free[level][group])
                default: break
                }
                return cost
            }
        }
    }
}

/// Nine counts in one number, so that sums of costs compare as the counts do, the first before the second.
///
/// A count has 14 bits: hosts of more than 16,383 CPUs get whole cores as others do, but not proven the best.
enum Cost {
    static let bits = 14
    static let most = 1 << bits - 1
    /// The first four are the levels of ``CoreMap``.
    static let (cores, freeNodes, freeL3s, l3Rest, nodeRest) = (4, 5, 6, 7, 8)

    /// The cost of so many of one kind.
    static func of(_ field: Int, _ count: Int = 1) -> UInt128 {
        UInt128(min(max(count, 0), most)) << UInt128(bits * (nodeRest - field))
    }

    /// The counts up to and with a field, to compare no others.
    static func upTo(_ field: Int, _ cost: UInt128) -> UInt128 { cost >> UInt128(bits * (nodeRest - field)) }
}

extension CoreSupply {
    /// What a set of cores is worth, to be compared in order, less is better: the figures that ``CoreChoice`` tells.
    func score(_ chosen: [Int]) -> [Int] {
        var touched = touched
        var cpus = 0
        var takenNode = [Int](repeating: 0, count: map.sizes[CoreMap.node].count)
        for core in chosen {
            let groups = map.cells[map.cores[core].cell]
            for (level, group) in groups.enumerated() { touched[level][group] = true }
            takenNode[groups[CoreMap.node]] += threads[core]
            cpus += threads[core]
        }
        let counts = touched.map { $0.count(where: { $0 }) }
        let nodes = whole(CoreMap.node, but: touched)
        let caches = whole(CoreMap.l3, but: touched)
        return counts + [
            chosen.count, -nodes.count, -nodes.largest, -caches.count, -caches.largest,
            distance(touched[CoreMap.node]), cpus, rest(CoreMap.l3, touched), rest(CoreMap.node, touched),
        ]
    }

    /// How many terms of a score are figures, the rest settling ties.
    static let figures = 9

    /// By node: what it can give, and where that lies as far as others lie there too. Of two nodes with the same shape
    /// one is as good as the other, but for distance.
    func shapes() -> [[[Int]]] {
        var nodes: [Int: Set<Int>] = [:]
        for groups in map.cells { nodes[groups[CoreMap.l3], default: []].insert(groups[CoreMap.node]) }
        var shapes = map.sizes[CoreMap.node].indices.map { [[free[CoreMap.node][$0], map.sizes[CoreMap.node][$0]]] }
        for (cell, groups) in map.cells.enumerated() {
            let l3 = groups[CoreMap.l3]
            let place = [groups[CoreMap.package], groups[CoreMap.die], nodes[l3]?.count == 1 ? -1 : l3]
            let counts = kinds.indices.map { self.counts[cell * kinds.count + $0] }
            shapes[groups[CoreMap.node]].append(place + [free[CoreMap.l3][l3], map.sizes[CoreMap.l3][l3]] + counts)
        }
        return shapes.map { shape in shape.sorted { $0.lexicographicallyPrecedes($1) } }
    }

    private func whole(_ level: Int, but touched: [[Bool]]) -> (count: Int, largest: Int) {
        var result = (count: 0, largest: 0)
        for (group, size) in map.sizes[level].enumerated() where !touched[level][group] && isWhole(level, group) {
            result.count += 1
            result.largest = max(result.largest, size)
        }
        return result
    }

    private func rest(_ level: Int, _ now: [[Bool]]) -> Int {
        free[level].indices.reduce(0) { sum, group in
            now[level][group] && !touched[level][group] ? sum + free[level][group] : sum
        }
    }

    /// The sum over all pairs of nodes, both ways.
    func distance(_ nodes: [Bool]) -> Int {
        guard !map.distances.isEmpty else { return 0 }
        let chosen = nodes.indices.filter { nodes[$0] }
        var sum = 0
        for one in chosen { for other in chosen where one != other { sum += map.distances[one][other] } }
        return sum
    }
}

/// Reaches a number of CPUs exactly with cores of different size, the fewest that do.
struct CoreMix {
    private let sizes: [Int]
    /// By kind, by number of CPUs: the fewest cores of this and the kinds before; `none` where none reach it.
    private var fewest: [[Int32]]
    private static let none: Int32 = .max

    /// - Parameters: the CPUs of a core of each kind, how many cores there are of each, and the highest number to reach
    init(sizes: [Int], counts: [Int], upTo limit: Int) {
        self.sizes = sizes
        fewest = []
        var before = [Int32](repeating: CoreMix.none, count: limit + 1)
        before[0] = 0
        for (size, count) in zip(sizes, counts) {
            var row = before
            if count > 0 {
                for cpus in stride(from: size, through: limit, by: 1) {
                    for number in 1...min(count, cpus / size) where before[cpus - number * size] != CoreMix.none {
                        row[cpus] = min(row[cpus], before[cpus - number * size] + Int32(number))
                    }
                }
            }
            fewest.append(row)
            before = row
        }
    }

    /// The fewest cores that have just so many CPUs; nil where none do.
    func cores(_ cpus: Int) -> Int? {
        guard let row = fewest.last, row.indices.contains(cpus), row[cpus] != CoreMix.none else { return nil }
        return Int(row[cpus])
    }

    /// How many cores of each kind these are.
    func split(_ cpus: Int) -> [Int] {
        var rest = cpus
        var numbers = [Int](repeating: 0, count: sizes.count)
        for kind in sizes.indices.reversed() where rest > 0 && fewest[kind][rest] != CoreMix.none {
            guard kind > 0 else {
                numbers[0] = rest / sizes[0]
                break
            }
            let goal = fewest[kind][rest]
            for number in 0...rest / sizes[kind] {
                let before = fewest[kind - 1][rest - number * sizes[kind]]
                if before != CoreMix.none && before + Int32(number) == goal {
                    numbers[kind] = number
                    rest -= number * sizes[kind]
                    break
                }
            }
        }
        return numbers
    }
}
