internal import BerthCore
internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The groups above the leaves: the root, its one pool, and the pool's shared part. They carry the sums of what the leaves
/// below them hold, for the kernel protects a group only as far as every group above it is protected, and weighs it only
/// among its siblings.
final class PoolTree {
    /// The controllers that Berth uses, in the order in which they are switched on.
    static let controllers = ["cpu", "cpuset", "memory", "io", "pids"]
    /// Where leaves lie below the root.
    static let poolName = "pool-default"
    static let sharedName = "shared"
    static let pluginsName = "plugins"

    let root: Group
    let pool: Group
    /// Leaves that share CPUs; those with CPUs of their own lie in the pool beside it, so that the shared CPUs are one write.
    let shared: Group
    private(set) var facts = TreeFacts()
    /// Why a reservation's CPUs cannot be made a partition; nil where nothing is known to prevent it.
    private(set) var partitionFailure: String?
    /// Why memory is not protected from everything outside, by the file that protects it; empty where it is.
    private(set) var guaranteeGaps: [String: String] = [:]
    private let treeRoot: any TreeRoot
    private var exclusive = CPUSet()
    /// What everything above the pool protects at least; nil where that is not known.
    private var protection: MemoryProtection?
    /// Whether some of the memory may never be taken back; what an earlier agent left is not known.
    private var isHard = true

    /// Opens the tree and makes what is missing of it.
    init(_ treeRoot: any TreeRoot) async throws(KernelError) {
        self.treeRoot = treeRoot
        root = try await treeRoot.open()
        try PoolTree.stepAside(root)
        facts.missing = PoolTree.switchOn(PoolTree.controllers, in: root)
        let present = PoolTree.controllers.filter { [facts] in facts.missing[$0] == nil }
        pool = try root.makeChild(PoolTree.poolName)
        _ = PoolTree.switchOn(present, in: pool)
        shared = try pool.makeChild(PoolTree.sharedName)
        facts.missing.merge(PoolTree.switchOn(present, in: shared), uniquingKeysWith: { first, _ in first })
        facts.hasExclusiveCPUs = pool.has("cpuset.cpus.exclusive")
        facts.pageBytes = Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    }

    /// Takes what the host has: the scale of weights, and the numbers of its disks.
    /// What the processes of plugins go below, beside the pools.
    func plugins() throws(KernelError) -> Group {
        let group = try root.makeChild(PoolTree.pluginsName)
        _ = PoolTree.switchOn(["cpu", "memory", "pids"].filter { facts.missing[$0] == nil }, in: group)
        return group
    }

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
    private static func switchOn(_ controllers: [String], in group: Group) -> [String: String] {
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

// MARK: - Sums

extension PoolTree {
    /// Brings the pool and its shared part to the sums of what is held, the upper one first.
    /// - Parameters:
    ///   - all: what all leaves hold
    ///   - sharing: what the leaves with shared CPUs hold
    func carry(all: Holdings, sharing: Holdings) throws(KernelError) {
        if facts.missing["memory"] == nil {
            try PoolTree.set("memory.low", facts.pages(all.memory).description, in: pool)
            try PoolTree.set("memory.low", facts.pages(sharing.memory).description, in: shared)
            if isHard || all.hardMemory > .zero {
                isHard = true
                try PoolTree.set("memory.min", facts.pages(all.hardMemory).description, in: pool)
                try PoolTree.set("memory.min", facts.pages(sharing.hardMemory).description, in: shared)
                isHard = all.hardMemory > .zero
            }
        }
        if facts.missing["cpu"] == nil {
            try PoolTree.set(CPUWeight.file, facts.weight(all.cpu).description, in: pool)
            try PoolTree.set(CPUWeight.file, facts.weight(sharing.cpu).description, in: shared)
        }
    }

    /// Has everything above the pool protect what is held.
    /// - Parameters:
    ///   - held: what all leaves hold
    ///   - memory: what the host has
    func protect(_ held: Holdings, of memory: Quantity) async throws(KernelError) {
        guard facts.missing["memory"] == nil else { return }
        let wanted = MemoryProtection(held, of: memory, pageBytes: facts.pageBytes)
        guard wanted != protection || !guaranteeGaps.isEmpty else { return }
        // Whoever looks meanwhile finds the one or the other.
        protection = protection?.meet(wanted)
        try await treeRoot.protect(wanted)
        protection = wanted
        lookAbove()
    }

    /// The first group at or above the root that does not carry so much, as a sentence.
    private func gap(_ file: String, below bytes: Int64) -> String? {
        var path = treeRoot.path
        while bytes > 0, path.count > 1, let group = try? Group(at: path), group.has(file) {
            let kept = (try? group.read(file, as: MemoryLimit.init(parsing:))) ?? .bytes(0)
            if kept < .bytes(UInt64(bytes)) {
                return "\(file) of \(path) is \(kept), less than what is held below: "
                    + "memory may be taken back for what runs outside"
            }
            path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
        return nil
    }

    /// Looks again at what lies above, which others may have changed.
    func lookAbove() {
        guard facts.missing["memory"] == nil else { return }
        guaranteeGaps["memory.low"] = gap("memory.low", below: protection?.low ?? 0)
        guaranteeGaps["memory.min"] = gap("memory.min", below: protection?.hard ?? 0)
    }

    private static func set(_ file: String, _ value: String, in group: Group) throws(KernelError) {
        guard try group.read(file) != value else { return }
        try group.write(value, to: file)
    }
}

// MARK: - CPUs

extension PoolTree {
    /// Gives the shared leaves all CPUs but those that are held exclusively.
    /// - Parameters:
    ///   - cpus: held exclusively
    ///   - capacity: all CPUs that may be handed out
    func setExclusive(_ cpus: CPUSet, of capacity: CPUSet) throws(KernelError) {
        guard facts.missing["cpuset"] == nil else { return }
        let isMore = !cpus.subtracting(exclusive).isEmpty
        if isMore { claim(cpus) }
        // Nothing is the CPUs of the group above.
        let left = cpus.isEmpty ? "" : capacity.subtracting(cpus).description
        if try CPUSet(kernel: shared.read("cpuset.cpus")) != CPUSet(kernel: left) {
            try shared.write(left, to: "cpuset.cpus")
        }
        if !isMore { claim(cpus) }
        exclusive = cpus
    }

    /// Claims CPUs for partitions below, in every group on the way: from the top down for more, else from below. Where the
    /// kernel will not, the leaf's receipt says so.
    private func claim(_ cpus: CPUSet) {
        guard facts.hasExclusiveCPUs else {
            partitionFailure =
                "this kernel has no partitions below a group that is none (Linux 6.7 has, with cpuset.cpus.exclusive)"
            return
        }
        partitionFailure = nil
        do throws(KernelError) {
            var groups = [root, pool]
            for path in treeRoot.exclusiveAncestors { groups.insert(try Group(at: path), at: 0) }
            if cpus.subtracting(exclusive).isEmpty { groups.reverse() }
            for group in groups where group.has("cpuset.cpus.exclusive") {
                try group.write(cpus.description, to: "cpuset.cpus.exclusive")
            }
        } catch {
            partitionFailure = error.description
        }
    }
}

extension CPUSet {
    /// A list as the kernel writes it.
    init(kernel text: String) throws(KernelError) {
        do throws(ParseError) {
            self = text.isEmpty ? CPUSet() : try CPUSet(parsing: text)
        } catch {
            throw KernelError("understand \"\(text)\" of", "cpuset.cpus", code: EPROTO)
        }
    }
}
