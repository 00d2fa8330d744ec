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
