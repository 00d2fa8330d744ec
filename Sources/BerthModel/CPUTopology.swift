/// Where each logical CPU of a host sits: its core, L3 cache, die, package and NUMA node.
///
/// All numbers are unique on the host: core 0 of package 1 is another number than core 0 of package 0. CPUs of one
/// core are SMT siblings. Only CPUs that are online belong here, for an offline sibling neither runs nor is held.
public struct CPUTopology: Sendable {
    /// What CPUs are grouped by.
    public enum Level: Int, Hashable, Sendable, CaseIterable {
        /// One physical core and its SMT siblings.
        case core
        /// What shares a last-level cache.
        case l3
        /// One die of a package.
        case die
        /// One socket.
        case package
        /// What shares memory of the same distance.
        case node
    }

    /// One row: a logical CPU and the groups it belongs to.
    public struct Place: Hashable, Sendable {
        /// The logical CPU, as the kernel counts it.
        public let cpu: Int
        /// Its core. CPUs with the same core are siblings.
        public let core: Int
        /// Its L3 cache; where the host shows none, one number for what is thought to share one.
        public let l3: Int
        /// Its die; the package where a package is one die.
        public let die: Int
        /// Its package.
        public let package: Int
        /// Its NUMA node, as the kernel counts it; 0 on a host without NUMA.
        public let node: Int
        /// The cores within its L3 cache that share something nearer, such as an L2 cache; nil where the host tells of none.
        public let cluster: Int?

        /// - Parameters: the CPU and the numbers of its groups, each unique on the host
        public init(cpu: Int, core: Int, l3: Int, die: Int, package: Int, node: Int, cluster: Int? = nil) {
            self.cluster = cluster
            self.cpu = cpu
            self.core = core
            self.l3 = l3
            self.die = die
            self.package = package
            self.node = node
        }

        /// The number of the group of a level that the CPU belongs to.
        public func id(_ level: Level) -> Int {
            switch level {
            case .core: core
            case .l3: l3
            case .die: die
            case .package: package
            case .node: node
            }
        }
    }

    /// One core, cache, die, package or node.
    public struct Group: Hashable, Sendable {
        /// Its number, unique among those of its level.
        public let id: Int
        /// The CPUs that belong to it, at least one.
        public let cpus: CPUSet
    }

    /// Why rows make no topology.
    public enum Refusal: Error, Hashable, Sendable {
        /// A CPU number below 0 or from ``CPUSet/capacity`` on.
        case outOfRange(cpu: Int)
        /// Two rows for one CPU.
        case twice(cpu: Int)
    }

    /// The rows, by CPU.
    public let places: [Place]
    /// Every CPU that has a row.
    public let cpus: CPUSet
    /// The distance of memory as the firmware tells it (10 is local), by the numbers of two nodes; nil is unknown.
    public let distances: [[Int]]?

    /// By level, by number of the group.
    private let grouped: [[Group]]

    /// - Parameters:
    ///   - places: one row for each CPU that is online, in any order
    ///   - distances: `distances[a][b]` is how far the memory of node b is from the CPUs of node a
    /// - Throws: ``Refusal`` where a CPU number cannot be one or comes twice
    public init(_ places: [Place], distances: [[Int]]? = nil) throws(Refusal) {
        var cpus = CPUSet()
        for place in places {
            guard place.cpu >= 0, place.cpu < CPUSet.capacity else { throw .outOfRange(cpu: place.cpu) }
            guard !cpus.contains(place.cpu) else { throw .twice(cpu: place.cpu) }
            cpus.insert(place.cpu)
        }
        self.places = places.sorted { $0.cpu < $1.cpu }
        self.cpus = cpus
        self.distances = distances
        grouped = Level.allCases.map { level in
            var members: [Int: CPUSet] = [:]
            for place in places { members[place.id(level), default: CPUSet()].insert(place.cpu) }
            return members.sorted { $0.key < $1.key }.map { Group(id: $0.key, cpus: $0.value) }
        }
    }

    /// The groups of a level, lowest number first.
    public func groups(_ level: Level) -> [Group] { grouped[level.rawValue] }

    /// The CPUs of one group; empty where the host has no such group.
    public func cpus(_ level: Level, _ id: Int) -> CPUSet {
        let groups = grouped[level.rawValue]
        var range = groups.indices
        while let last = range.last {
            let middle = range.lowerBound + (last - range.lowerBound) / 2
            if groups[middle].id == id { return groups[middle].cpus }
            range = groups[middle].id < id ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return CPUSet()
    }

    /// The row of a CPU; nil where the host has no such CPU online.
    public func place(of cpu: Int) -> Place? {
        var range = places.indices
        while let last = range.last {
            let middle = range.lowerBound + (last - range.lowerBound) / 2
            if places[middle].cpu == cpu { return places[middle] }
            range = places[middle].cpu < cpu ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// How far the memory of a node is from the CPUs of another; nil where that is unknown.
    public func distance(from node: Int, to other: Int) -> Int? {
        guard let distances, distances.indices.contains(node), distances[node].indices.contains(other) else {
            return nil
        }
        return distances[node][other]
    }
}

extension CPUTopology: Hashable {
    /// Equal rows and distances; what is grouped follows from them.
    public static func == (one: CPUTopology, other: CPUTopology) -> Bool {
        one.places == other.places && one.distances == other.distances
    }

    /// Feeds what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(places)
        hasher.combine(distances)
    }
}
