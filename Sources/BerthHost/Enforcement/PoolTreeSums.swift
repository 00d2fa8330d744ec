internal import BerthCore
internal import BerthKernel
internal import BerthModel

extension PoolTree {
    /// Brings pools and their shared parts to the sums of what is held. Who is above grows before who is below, and shrinks
    /// after: at no time is more promised below than is kept above.
    /// - Parameter names: the pools whose sums are others now; nil is all
    func carry(_ sums: PoolSums, in names: Set<PoolName>?) throws(KernelError) {
        let chosen = pools.filter { names?.contains($0.name) ?? true }
        var changes: [PoolGroup.Change] = []
        for pool in chosen { changes += try pool.changes(to: sums[pool.name], facts(in: pool.name)) }
        for change in changes where change.isMore { try change.write() }
        for change in changes.reversed() where !change.isMore { try change.write() }
        for pool in chosen { pool.carries(sums[pool.name]) }
    }

    /// Has everything above the pools protect what is held.
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

    /// Looks again at what lies above, which others may have changed.
    func lookAbove() {
        guard facts.missing["memory"] == nil else { return }
        guaranteeGaps["memory.low"] = gap("memory.low", below: protection?.low ?? 0)
        guaranteeGaps["memory.min"] = gap("memory.min", below: protection?.hard ?? 0)
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
}
