internal import BerthModel

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
