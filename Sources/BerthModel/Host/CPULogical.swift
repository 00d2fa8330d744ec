extension Host.CPU {
    /// One online logical CPU and what it shares. Everything but ``node`` is numbered here, from 0 in the order of the
    /// lowest CPU, and is unique on the host: the kernel's own ids begin anew in each package, or are -1. CPUs with the
    /// same number share the thing. nil is unknown: no file says so, or the machine has no such thing.
    public struct Logical: Hashable, Sendable {
        /// The kernel's number of the CPU.
        public var id: Int
        /// The drawer of a mainframe (`drawer_siblings`).
        public var drawer: Int?
        /// The book within a drawer of a mainframe (`book_siblings`).
        public var book: Int?
        /// The physical package (`package_cpus`, `core_siblings`, `physical_package_id`).
        public var package: Int?
        /// The die within a package (`die_cpus`).
        public var die: Int?
        /// The cluster of cores within a die that share something below the L3, such as an L2 (`cluster_cpus`).
        public var cluster: Int?
        /// The core: CPUs of one core are SMT siblings (`core_cpus`, `thread_siblings`).
        public var core: Int?
        /// The level 2 cache (`cache/indexN/shared_cpu_map`; the data half of a split one).
        public var l2: Int?
        /// The level 3 cache.
        public var l3: Int?
        /// The kernel's number of the NUMA node that lists the CPU.
        public var node: Int?

        /// Every part as its property says; what is left out is unknown, or none.
        public init(
            id: Int, drawer: Int? = nil, book: Int? = nil, package: Int? = nil, die: Int? = nil, cluster: Int? = nil,
            core: Int? = nil, l2: Int? = nil, l3: Int? = nil, node: Int? = nil
        ) {
            self.id = id
            self.drawer = drawer
            self.book = book
            self.package = package
            self.die = die
            self.cluster = cluster
            self.core = core
            self.l2 = l2
            self.l3 = l3
            self.node = node
        }
    }

    /// The sets of online CPUs that share a thing, by its number; nil where no CPU says.
    /// - Parameter thing: the core, a cache, the die, the package: `sets(\.l3)`
    public func sets(_ thing: KeyPath<Logical, Int?>) -> [CPUSet]? {
        var sets: [CPUSet] = []
        for cpu in logical {
            guard let number = cpu[keyPath: thing], number >= 0, number < CPUSet.capacity else { continue }
            while sets.count <= number { sets.append(CPUSet()) }
            sets[number].insert(cpu.id)
        }
        return sets.isEmpty ? nil : sets
    }
}
