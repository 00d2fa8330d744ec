internal import BerthCore
internal import BerthKernel
internal import BerthModel

/// The groups of one pool: its own, and the part of it whose leaves share CPUs. Leaves with CPUs of their own lie in the
/// pool beside that part, so that the shared CPUs of a pool are one write; pools that lie in it do too.
final class PoolGroup {
    /// What a pool's folder is called before its name.
    static let prefix = "pool-"
    static let sharedName = "shared"

    let name: PoolName
    /// The pool that it lies in; nil at the root of the tree.
    let parent: PoolName?
    let group: Group
    let shared: Group
    /// Controllers that cannot be used in this pool, though above it they can, each with the reason.
    let missing: [String: String]
    /// Its weight among its siblings, where the configuration says one; nil is that of what is held in it.
    var weight: CPUWeight?
    /// Whether some of the memory may never be taken back; what an earlier agent left is not known.
    private var isHard = true

    /// Opens a pool's groups, and makes what is missing of them.
    /// - Parameters:
    ///   - above: the group that it lies in
    ///   - controllers: those that are on there
    init(_ name: PoolName, in parent: PoolName?, _ above: Group, controllers: [String]) throws(KernelError) {
        self.name = name
        self.parent = parent
        group = try above.makeChild(PoolGroup.folder(of: name))
        let missing = PoolTree.switchOn(controllers, in: group)
        shared = try group.makeChild(PoolGroup.sharedName)
        let on = controllers.filter { missing[$0] == nil }
        self.missing = missing.merging(PoolTree.switchOn(on, in: shared)) { first, _ in first }
    }

    /// What the folder of a pool is called.
    static func folder(of name: PoolName) -> String { "\(prefix)\(name)" }

    /// The pool that a folder is named after.
    static func name(ofFolder folder: String) -> PoolName? {
        folder.hasPrefix(prefix) ? PoolName(String(folder.dropFirst(prefix.count))) : nil
    }

    /// The group that leaves of one kind lie in.
    func above(isExclusive: Bool) -> Group { isExclusive ? group : shared }

    /// Whether no leaf and no pool lies in it. One that nothing runs in may hold its leaf all the same.
    func isEmpty() throws(KernelError) -> Bool {
        let inside = try group.children()
        guard inside.allSatisfy({ $0 == PoolGroup.sharedName }) else { return false }
        return try shared.children().isEmpty
    }
}

// MARK: - Sums

extension PoolGroup {
    /// One file of a group that is to hold another number.
    struct Change {
        let group: Group
        let file: String
        let value: String
        /// Whether it is more than before.
        let isMore: Bool

        func write() throws(KernelError) { try group.write(value, to: file) }
    }

    /// What has to change for the pool and its shared part to carry the sums of what is held, the upper one first.
    func changes(to sums: PoolSums.Sums, _ facts: TreeFacts) throws(KernelError) -> [Change] {
        var wanted: [(Group, String, String)] = []
        if facts.missing["memory"] == nil {
            wanted.append((group, MemoryLimit.lowFile, facts.pages(sums.all.memory).description))
            wanted.append((shared, MemoryLimit.lowFile, facts.pages(sums.sharing.memory).description))
            if isHard || sums.all.hardMemory > .zero {
                isHard = true
                wanted.append((group, MemoryLimit.minFile, facts.pages(sums.all.hardMemory).description))
                wanted.append((shared, MemoryLimit.minFile, facts.pages(sums.sharing.hardMemory).description))
            }
        }
        if facts.missing["cpu"] == nil {
            wanted.append((group, CPUWeight.file, (weight ?? facts.weight(sums.all.cpu)).description))
            wanted.append((shared, CPUWeight.file, facts.weight(sums.sharing.cpu).description))
        }
        var changes: [Change] = []
        for (group, file, value) in wanted {
            let held = try group.read(file)
            guard held != value else { continue }
            changes.append(Change(group: group, file: file, value: value, isMore: PoolGroup.isMore(value, than: held)))
        }
        return changes
    }

    /// Takes note that the kernel holds these sums.
    func carries(_ sums: PoolSums.Sums) { isHard = sums.all.hardMemory > .zero }

    private static func isMore(_ value: String, than held: String) -> Bool {
        guard let new = Int64(value), let old = Int64(held) else { return false }
        return new > old
    }
}
