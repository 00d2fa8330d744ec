internal import BerthCore
internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The groups above the leaves: the root and its pools, each with its shared part. They carry the sums of what the leaves
/// below them hold, for the kernel protects a group only as far as every group above it is protected, and weighs it only
/// among its siblings.
final class PoolTree {
    /// The controllers that Berth uses, in the order in which they are switched on.
    static let controllers = ["cpu", "cpuset", "memory", "io", "pids"]
    static let pluginsName = "plugins"

    let root: Group
    /// Every pool that has a folder, each after the one that it lies in.
    private(set) var pools: [PoolGroup] = []
    private(set) var facts = TreeFacts()
    /// Why a reservation's CPUs cannot be made a partition; nil where nothing is known to prevent it.
    var partitionFailure: String?
    /// Why memory is not protected from everything outside, by the file that protects it; empty where it is.
    var guaranteeGaps: [String: String] = [:]
    let treeRoot: any TreeRoot
    /// What everything above the pools protects at least; nil where that is not known.
    var protection: MemoryProtection?
    /// The pools that are configured.
    private var wanted = Pools()
    private let present: [String]

    /// Opens the tree with every pool that is there, and makes what is missing of it.
    init(_ treeRoot: any TreeRoot) async throws(KernelError) {
        self.treeRoot = treeRoot
        root = try await treeRoot.open()
        try PoolTree.stepAside(root)
        facts.missing = PoolTree.switchOn(PoolTree.controllers, in: root)
        present = PoolTree.controllers.filter { [facts] in facts.missing[$0] == nil }
        try find(in: nil, root)
        let first = try pool(.standard)
        facts.missing.merge(first.missing, uniquingKeysWith: { first, _ in first })
        facts.hasExclusiveCPUs = first.group.has("cpuset.cpus.exclusive")
        facts.pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    }

    /// What the processes of plugins go below, beside the pools.
    func plugins() throws(KernelError) -> Group {
        let group = try root.makeChild(PoolTree.pluginsName)
        _ = PoolTree.switchOn(["cpu", "memory", "pids"].filter { facts.missing[$0] == nil }, in: group)
        return group
    }

    /// Takes what the host has: the scale of weights, and the numbers of its disks.
    func take(_ capacity: Capacity, devices: [String: Host.DeviceNumber]) {
        facts.weightScale = max(1, TreeFacts.weightScale(of: capacity.cpu))
        facts.devices = devices
    }

    /// A group whose controllers are on for others must have no processes: the agent itself goes into a leaf.
    private static func stepAside(_ root: Group) throws(KernelError) {
        guard try root.processes().contains(getpid()) else { return }
        try root.makeChild("agent").move(getpid())
    }

    /// Switches controllers on for the groups below, one by one: one that is missing must not lose the others.
    /// - Returns: those that cannot be had, each with the reason
    static func switchOn(_ controllers: [String], in group: Group) -> [String: String] {
        var missing: [String: String] = [:]
        do throws(KernelError) {
            let given = Set(try group.read("cgroup.controllers").split(separator: " ").map(String.init))
            let on = Set(try group.read("cgroup.subtree_control").split(separator: " ").map(String.init))
            for controller in controllers where !on.contains(controller) {
                guard given.contains(controller) else {
                    missing[controller] = "the controller \(controller) is not available in \(group.path)"
                    continue
                }
                do throws(KernelError) {
                    try group.write("+\(controller)", to: "cgroup.subtree_control")
                } catch {
                    missing[controller] = error.description
                }
            }
        } catch {
            for controller in controllers { missing[controller] = error.description }
        }
        return missing
    }
}

// MARK: - Pools

extension PoolTree {
    subscript(name: PoolName) -> PoolGroup? { pools.first { $0.name == name } }

    /// What the leaves of a pool can hold.
    func facts(in name: PoolName) -> TreeFacts {
        var facts = facts
        facts.missing.merge(self[name]?.missing ?? [:]) { first, _ in first }
        return facts
    }

    /// Of each pool that lies in another, which.
    var parents: [PoolName: PoolName] {
        Dictionary(pools.compactMap { pool in pool.parent.map { (pool.name, $0) } }, uniquingKeysWith: { $1 })
    }

    /// Where each pool lies below the root.
    var places: [PoolName: String] {
        Dictionary(
            pools.map { ($0.name, String($0.group.path.dropFirst(root.path.count))) }, uniquingKeysWith: { $1 })
    }

    /// The pool whose folder has what is in a pool of this name: itself, or the default one where there is none such.
    func home(of name: PoolName) -> PoolName { self[name] != nil || wanted[name] != nil ? name : .standard }

    /// The groups of a pool, made where they are missing, with those that it lies in.
    func pool(_ name: PoolName) throws(KernelError) -> PoolGroup {
        if let pool = self[name] { return pool }
        let above: PoolGroup? = if let parent = wanted[name]?.parent { try pool(parent) } else { nil }
        return try add(name, in: above?.name, above?.group ?? root)
    }

    /// Brings the folders to the configuration: makes those that are missing, and removes those of pools that are no more
    /// and that are empty. A pool that is not stays where it is until its last leaf is gone.
    func take(_ pools: Pools) throws(KernelError) {
        wanted = pools
        try tidy()
        for pool in pools.all { _ = try self.pool(pool.name) }
        for pool in self.pools { pool.weight = weight(of: pool.name) }
    }

    /// Whether a pool lies where the configuration wants none, and goes with its last leaf.
    func isPassing(_ pool: PoolGroup) -> Bool {
        guard pool.name != .standard || pool.parent != nil else { return false }
        guard let wanted = wanted[pool.name] else { return true }
        return wanted.parent != pool.parent
    }

    /// Removes the pools that are to go and are empty, from below.
    /// - Returns: whether there was any
    @discardableResult
    func tidy() throws(KernelError) -> Bool {
        var isAny = false
        for pool in pools.reversed() where isPassing(pool) {
            guard try pool.isEmpty() else { continue }
            try (pool.parent.flatMap { self[$0]?.group } ?? root).removeChild(PoolGroup.folder(of: pool.name))
            pools.removeAll { $0 === pool }
            isAny = true
        }
        return isAny
    }

    /// Takes up the pools that an earlier agent made.
    private func find(in parent: PoolName?, _ above: Group) throws(KernelError) {
        for folder in try above.children() {
            // Each pool has one folder: another of its name is not Berth's.
            guard let name = PoolGroup.name(ofFolder: folder), self[name] == nil else { continue }
            let pool = try add(name, in: parent, above)
            try find(in: name, pool.group)
        }
    }

    private func add(_ name: PoolName, in parent: PoolName?, _ above: Group) throws(KernelError) -> PoolGroup {
        let pool = try PoolGroup(name, in: parent, above, controllers: present)
        pool.weight = weight(of: name)
        pools.append(pool)
        return pool
    }

    /// The default pool alone has nobody to be weighed against but plugins: it weighs what it holds.
    private func weight(of name: PoolName) -> CPUWeight? {
        wanted.all.count > 1 ? wanted[name].map { CPUWeight($0.weight) } : nil
    }
}
