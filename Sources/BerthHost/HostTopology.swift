internal import BerthModel

extension CPUTopology {
    /// The online CPUs of a discovered host. What the kernel does not tell of is thought to be one: a die a package, a
    /// last-level cache a die, a core a CPU, a single NUMA node. Where there is no L3 cache that is the L2 that cores share, or
    /// their cluster. On a mainframe the books, and the drawers that these stand in, are places around the packages.
    init(host: Host) throws(Refusal) {
        // Ids that stand in for unknown ones lie above every known one.
        let above = 1 << 32
        let online = host.cpu.online
        let rows = host.cpu.logical.filter { online?.contains($0.id) ?? true }
        let sharedL2 = Dictionary(grouping: rows) { $0.l2 }.filter {
            Set($1.map { $0.core ?? above + $0.id }).count > 1
        }
        let hasDrawers = Set(rows.map(\.drawer)).count > 1
        let places = rows.map { cpu in
            let socket = cpu.package ?? 0
            var (package, die) = (socket, cpu.die ?? above + socket)
            if let book = cpu.book {
                (package, die) = hasDrawers ? (cpu.drawer ?? 0, 2 * above + book) : (book, above + socket)
            }
            let sharesL2 = cpu.l2.flatMap { sharedL2[$0] == nil ? nil : 3 * above + $0 }
            let cluster = sharesL2 ?? cpu.cluster.map { 4 * above + $0 }
            let around = cpu.book == nil ? above + (cpu.die ?? socket) : 5 * above + socket
            return Place(
                cpu: cpu.id, core: cpu.core ?? above + cpu.id, l3: cpu.l3 ?? cluster ?? around, die: die,
                package: package, node: cpu.node ?? 0, cluster: cluster)
        }
        try self.init(places, distances: CPUTopology.distances(host.numa))
    }

    /// What the nodes tell of their distances, by their numbers; nil where these are no numbers of nodes (Linux has 1,024 at
    /// most).
    private static func distances(_ nodes: [Host.NUMANode]) -> [[Int]]? {
        let ids = nodes.map(\.id).sorted()
        guard let first = ids.first, let last = ids.last, first >= 0, last < 1024 else { return nil }
        var distances = [[Int]](repeating: [Int](repeating: 0, count: last + 1), count: last + 1)
        for node in nodes where node.distance?.count == ids.count {
            for (other, distance) in zip(ids, node.distance ?? []) { distances[node.id][other] = distance }
        }
        return distances
    }
}
