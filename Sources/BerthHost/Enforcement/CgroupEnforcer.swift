package import BerthCore
internal import BerthJSON
package import BerthKernel
package import BerthModel
internal import Glibc
internal import Synchronization

/// Holds each reservation to its part with cgroup v2: a leaf a reservation, every file of it read back.
///
/// Works on a thread of its own. Calls about one reservation come one after the other; while one waits for the kernel,
/// others go on.
package actor CgroupEnforcer {
    /// What a leaf is marked with, so that an agent which has lost its ledger knows it again: seen by root alone, or by an
    /// ordinary user whose tree it is.
    static let marks = ["trusted.berth", "user.berth"]

    private let thread: KernelThread
    let slow: SlowWrites
    let watch: KernelWatch
    let treeRoot: any TreeRoot
    /// The machine, for what lies outside of cgroups.
    let live: Root
    var tree: PoolTree?
    var leaves: [ReservationID: Leaf] = [:]
    /// What each leaf is to hold, summed up for the groups above them.
    var sums = PoolSums()
    /// The pools that there should be.
    var pools = Pools()
    /// Where each pool lies below the root, for whoever asks from any thread.
    let places = Mutex([PoolName.standard: "/" + PoolGroup.folder(of: .standard)])
    /// Why pools do not hold what they should.
    var poolFailures = PoolFailures()
    var isBringing = false
    var waitingToBring: [CheckedContinuation<Void, Never>] = []
    /// Whether the groups above may carry something else than the sums.
    var isBehind = true
    /// Whether everything is counted that an earlier agent has left.
    var isExpected = false
    private var isProtecting = false
    private var waitingToProtect: [CheckedContinuation<Void, Never>] = []
    var capacity: Capacity?
    /// The devices that are somebody's; nil before a capacity says which.
    var managed: ManagedDevices?
    let filters = DeviceFilters()
    var whenEmptied: (@Sendable (ReservationID) -> Void)?
    /// CPU time of all leaves at the last look: microseconds, and the moment.
    var lastCPU: (microseconds: Int64, at: Int64)?
    var rootFiles: UsageFiles?
    /// The group whose memory is the host's for this agent, where a limit above it says so; nil is the machine.
    let memoryScope: String?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - treeRoot: where the tree hangs
    ///   - thread: for quick calls
    ///   - slowThread: for calls that may reclaim or wait
    ///   - watch: tells of processes and groups
    ///   - live: the machine
    ///   - memoryScope: the group that limits the memory the agent may hand out; nil where none does
    package init(
        treeRoot: any TreeRoot, thread: KernelThread, slowThread: KernelThread, watch: KernelWatch, live: Root,
        memoryScope: String?
    ) {
        self.treeRoot = treeRoot
        self.thread = thread
        self.slow = SlowWrites(thread: slowThread)
        self.watch = watch
        self.live = live
        self.memoryScope = memoryScope
    }

    /// Where the leaf of a reservation lies.
    package nonisolated func path(of reservation: Reservation) -> String {
        let pool = places.withLock { $0[reservation.pool] ?? $0[.standard] ?? "" }
        return treeRoot.path + Leaf.place(of: reservation.id, in: pool, isExclusive: reservation.grant.isExclusive)
    }

    /// Takes what the host has.
    package func use(_ capacity: Capacity) {
        self.capacity = capacity
        let devices = ManagedDevices(capacity)
        if devices != managed { filters.reset() }
        managed = devices
        tree?.take(capacity, devices: deviceNumbers(capacity))
    }

    /// The tree, made where it is missing.
    func opened() async throws(KernelError) -> PoolTree {
        if let tree { return tree }
        let made = try await PoolTree(treeRoot)
        if let capacity { made.take(capacity, devices: deviceNumbers(capacity)) }
        tree = made
        rootFiles = UsageFiles(made.root)
        await bringPools(in: made)
        return made
    }

    private func deviceNumbers(_ capacity: Capacity) -> [String: Host.DeviceNumber] {
        Dictionary(
            capacity.disks.compactMap { disk in
                (try? live.text("sys/class/block/\(disk.name.asSysfsName)/dev"))
                    .flatMap { try? Host.DeviceNumber(parsing: $0) }.map { (disk.name, $0) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// The group of a plugin's process, made where it is missing.
    package func pluginGroup(_ name: String) async throws(KernelError) -> PluginGroup {
        try PluginGroup(name, below: try await opened().plugins())
    }

    /// What a grant's plan depends on.
    func facts(
        for grant: Grant, _ narrowing: Narrowing = Narrowing(), pool: PoolName, in tree: PoolTree
    ) -> TreeFacts {
        var facts = tree.facts(in: tree.home(of: pool))
        let disks = Set((grant.storage + narrowing.storage).map(\.device)).sorted()
        if !disks.isEmpty { facts.disks = DiskFacts.read(live, disks: disks) }
        return facts
    }

    /// What the leaf of a reservation is to hold for a grant.
    func plan(_ grant: Grant, of reservation: Reservation, in tree: PoolTree) -> LeafPlan {
        let narrowings = reservation.narrowings(for: grant)
        return LeafPlan(
            grant.borrowing(reservation.borrowed), narrowings, user: reservation.user,
            on: facts(for: grant, narrowings.met, pool: reservation.pool, in: tree))
    }
}

// MARK: - Leaves

extension CgroupEnforcer {
    /// Takes up the leaves that are there, and begins to watch them. Returns them with the processes in each.
    package func start(
        whenEmptied: @escaping @Sendable (ReservationID) -> Void
    ) async throws(EnforcementError) -> [FoundLeaf] {
        self.whenEmptied = whenEmptied
        do throws(KernelError) {
            let tree = try await opened()
            for pool in tree.pools {
                for isExclusive in [true, false] { try take(up: pool, isExclusive: isExclusive) }
            }
            var found: [FoundLeaf] = []
            for (id, leaf) in leaves.sorted(by: { $0.key < $1.key }) {
                found.append(FoundLeaf(id: id, processes: try leaf.group.processesBelow()))
            }
            return found
        } catch {
            throw .kernel(error.description, [])
        }
    }

    /// Takes up the leaves of one kind in one pool.
    private func take(up pool: PoolGroup, isExclusive: Bool) throws(KernelError) {
        let parent = pool.above(isExclusive: isExclusive)
        for name in try parent.children() {
            guard let id = Leaf.id(ofName: name) else { continue }
            let leaf = Leaf(try parent.child(name), in: pool.name, isExclusive: isExclusive)
            if let other = leaves[id] {
                // An agent died while it moved this one: it goes on as a whole, and from here to where it should be.
                try moveAll(from: leaf.group, to: other.group)
                try parent.removeChild(name)
                continue
            }
            try follow(leaf, id)
            leaves[id] = leaf
        }
    }

    /// What is noted at a leaf; nil where nothing is.
    /// - Throws: what the kernel answered, or that what is noted cannot be understood
    package func noted(at id: ReservationID) throws(EnforcementError) -> Reservation? {
        guard let leaf = leaves[id] else { return nil }
        for mark in CgroupEnforcer.marks {
            do {
                if let bytes = try leaf.group.attribute(mark) { return try Reservation(noted: bytes) }
            } catch let error as KernelError {
                guard error.code == EOPNOTSUPP else { throw .kernel(error.description, []) }
            } catch {
                throw .kernel("cannot understand attribute \(mark) of \(leaf.group.path): \(error)", [])
            }
        }
        return nil
    }

    /// Notes what is known of a reservation at its leaf.
    package func mark(_ reservation: Reservation) throws(EnforcementError) {
        guard let leaf = leaves[reservation.id] else { return }
        do throws(KernelError) { try mark(leaf, reservation) } catch { throw .kernel(error.description, []) }
    }

    func isMarked(_ leaf: Leaf, _ reservation: Reservation) -> Bool {
        let bytes = CgroupEnforcer.note(of: reservation)
        return CgroupEnforcer.marks.contains { (try? leaf.group.attribute($0)) == bytes }
    }

    func mark(_ leaf: Leaf, _ reservation: Reservation) throws(KernelError) {
        let bytes = CgroupEnforcer.note(of: reservation)
        do throws(KernelError) {
            try leaf.group.setAttribute(CgroupEnforcer.marks[0], bytes)
        } catch {
            guard [EPERM, EOPNOTSUPP].contains(error.code) else { throw error }
            try leaf.group.setAttribute(CgroupEnforcer.marks[1], bytes)
        }
    }

    /// What is noted of a reservation: all but its processes, for the leaf has these, and an attribute has 64 KiB at most
    /// (xattr(7)).
    static func note(of reservation: Reservation) -> [UInt8] {
        var noted = reservation
        noted.attached = []
        noted.left = []
        return Array(noted.stored.description.utf8)
    }

    func follow(_ leaf: Leaf, _ id: ReservationID) throws(KernelError) {
        let group = leaf.group
        let whenEmptied = whenEmptied
        leaf.watch = try watch.watchEvents(of: group.path) {
            // Where it cannot be read, whoever is called sees to what that means.
            if (try? group.isPopulated()) != true { whenEmptied?(id) }
        }
    }

    /// Makes the leaf of a reservation, above its own parent.
    func makeLeaf(_ reservation: Reservation, in tree: PoolTree) throws(KernelError) -> Leaf {
        let isExclusive = reservation.grant.isExclusive
        let pool = try tree.pool(tree.home(of: reservation.pool))
        let group = try pool.above(isExclusive: isExclusive).makeChild(Leaf.name(of: reservation.id))
        let leaf = Leaf(group, in: pool.name, isExclusive: isExclusive)
        try follow(leaf, reservation.id)
        return leaf
    }

    /// Removes an empty leaf and stops to watch it.
    func removeLeaf(_ id: ReservationID) throws(KernelError) {
        guard let leaf = leaves[id], let tree else { return }
        let pool = tree[leaf.pool]
        do throws(KernelError) {
            try pool?.above(isExclusive: leaf.isExclusive).removeChild(Leaf.name(of: id))
        } catch {
            guard error.saysGone else { throw error }
        }
        if let token = leaf.watch { watch.cancel(token) }
        for token in leaf.processes.values { watch.cancel(token) }
        leaves[id] = nil
        if let pool, tree.isPassing(pool) { tidyPools(in: tree) }
    }
}

// MARK: - Sums

extension CgroupEnforcer {
    /// Counts what is about to be enforced, before any of it is: else the groups above would be brought to a part of what
    /// an earlier agent had them carry.
    package func expect(_ reservations: [Reservation]) {
        for reservation in reservations { sums.set(reservation.id, held(reservation)) }
        isExpected = true
    }

    /// What a reservation's leaf is to hold, where it lies now or will.
    func held(_ reservation: Reservation, _ grant: Grant? = nil) -> PoolSums.Held {
        let pool = leaves[reservation.id]?.pool ?? tree?.home(of: reservation.pool) ?? .standard
        return PoolSums.Held(grant: grant ?? reservation.grant, pools: [pool])
    }

    /// Counts a leaf with what it is to hold; nil takes it out. The groups above follow.
    func hold(_ id: ReservationID, _ held: PoolSums.Held?, in tree: PoolTree) async throws(KernelError) {
        let former = sums[id]
        guard former != held || isBehind else { return }
        let mayTakeCPUs = isBehind || held?.grant.isExclusive == true || former?.grant.isExclusive == true
        let changed = sums.set(id, held)
        try await carry(in: isBehind ? nil : changed, mayTakeCPUs: mayTakeCPUs, in: tree)
    }

    /// Brings the groups above the leaves to the sums.
    /// - Parameter names: the pools whose sums are others now; nil is all
    func carry(
        in names: Set<PoolName>?, mayTakeCPUs: Bool = true, in tree: PoolTree
    ) async throws(KernelError) {
        isBehind = true
        do throws(KernelError) {
            try await protect(in: tree)
            // Others may have come and gone while that was asked: the sums are those of now.
            try tree.carry(sums, in: names)
            if mayTakeCPUs { try tree.setExclusive(sums, of: capacity?.cpus ?? CPUSet()) }
            isBehind = false
        } catch {
            // Somebody else may have caught up meanwhile.
            isBehind = true
            throw error
        }
    }

    /// One at a time: of two messages to what is above, the earlier could come to its end after the later.
    private func protect(in tree: PoolTree) async throws(KernelError) {
        while isProtecting { await withCheckedContinuation { waitingToProtect.append($0) } }
        isProtecting = true
        defer {
            isProtecting = false
            let waiting = waitingToProtect
            waitingToProtect = []
            for each in waiting { each.resume() }
        }
        try await tree.protect(sums.total, of: capacity?.memory ?? .zero)
    }
}

extension Grant {
    /// Whether it has CPUs of its own.
    var isExclusive: Bool { self[.cpu]?.cpus != nil }
}

extension Reservation {
    /// Reads what a leaf is marked with.
    fileprivate init(noted bytes: [UInt8]) throws {
        self = try Reservation.storedReader.read(JSONValue(parsing: bytes))
    }
}
