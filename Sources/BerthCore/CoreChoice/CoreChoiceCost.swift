internal import BerthModel

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
