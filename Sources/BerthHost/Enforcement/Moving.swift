package import BerthCore
internal import BerthKernel
package import BerthModel
internal import Glibc

/// Moves: what runs in a leaf goes on in another one. The kernel renames no group into another parent, so that the other is
/// made with all its limits first, and then every process goes over.
extension CgroupEnforcer {
    /// Takes what runs in a reservation from one pool to another, and reads back what holds there. After an error it is
    /// where it was. A leaf in which programs have made groups of their own stays where it is: they would come to nothing.
    package func move(
        _ reservation: Reservation, from former: PoolName, to pool: PoolName
    ) async throws(EnforcementError) -> [Receipt] {
        var moved = reservation
        moved.pool = pool
        guard let leaf = leaves[reservation.id] else { return try await enforce(moved) }
        do throws(KernelError) {
            let tree = try await opened()
            if leaf.pool != tree.home(of: pool) {
                return try await relocate(moved, in: tree).keeping(reservation.receipts)
            }
        } catch {
            throw failure(error, reservation)
        }
        return try await enforce(moved)
    }

    /// Brings the leaf of a reservation into the pool that this is in.
    func relocate(_ reservation: Reservation, in tree: PoolTree) async throws(KernelError) -> [Receipt] {
        guard let old = leaves[reservation.id] else {
            throw KernelError("find", path(of: reservation), code: ENOENT)
        }
        let inside = try old.group.children()
        guard inside.isEmpty else {
            throw KernelError(
                "move, with groups that its own programs have made (\(inside.joined(separator: ", "))),",
                old.group.path, code: EBUSY)
        }
        let (id, grant) = (reservation.id, reservation.grant)
        let (from, to) = (old.pool, tree.home(of: reservation.pool))
        let charge: MemoryCharge
        let receipts: [Receipt]
        do throws(KernelError) {
            try makePool(reservation.pool, in: tree)
            if old.isExclusive { try giveUpCPUs(old.group) }
            // Both carry it until it has arrived.
            try await hold(id, PoolSums.Held(grant: grant, pools: [from, to]), in: tree)
            charge = try await move(old, to: reservation, in: tree)
            receipts = try await bring(reservation, to: grant, isNew: false)
            try await hold(id, PoolSums.Held(grant: grant, pools: [to]), in: tree)
        } catch {
            do throws(KernelError) {
                try await goBack(reservation, to: from, in: tree)
            } catch let second {
                throw KernelError("\(error); and going back: \(second.operation)", second.path, code: second.code)
            }
            throw error
        }
        if let former = tree[from], tree.isPassing(former) { tidyPools(in: tree) }
        return receipts.map(charge.noted)
    }

    /// Has a reservation whose move failed hold again what it held in the pool that it was in.
    private func goBack(_ reservation: Reservation, to pool: PoolName, in tree: PoolTree) async throws(KernelError) {
        var former = reservation
        former.pool = pool
        if let leaf = leaves[former.id], leaf.pool != pool {
            if leaf.isExclusive { try giveUpCPUs(leaf.group) }
            try await hold(former.id, PoolSums.Held(grant: former.grant, pools: [leaf.pool, pool]), in: tree)
            _ = try await move(leaf, to: former, in: tree)
        }
        try await hold(former.id, PoolSums.Held(grant: former.grant, pools: [pool]), in: tree)
        _ = try await bring(former, to: former.grant, isNew: false)
    }

    /// A leaf's CPUs are its own no more; what runs in it stays on them.
    private func giveUpCPUs(_ group: Group) throws(KernelError) {
        if group.has(CPUSetPartition.file) { try group.write("member", to: CPUSetPartition.file) }
        if group.has("cpuset.cpus.exclusive") { try group.write("", to: "cpuset.cpus.exclusive") }
    }

    /// Makes a leaf where a reservation should lie now, and has everything that runs in its old one go over.
    /// - Returns: what it has in memory, which stays charged to the part that it came from
    func move(
        _ old: Leaf, to reservation: Reservation, in tree: PoolTree
    ) async throws(KernelError) -> MemoryCharge {
        let (id, grant) = (reservation.id, reservation.grant)
        let leaf = try makeLeaf(reservation, in: tree)
        do throws(KernelError) {
            try mark(leaf, reservation)
            let plan = plan(grant, of: reservation, in: tree)
            func write(_ value: String, _ file: String) async throws(KernelError) {
                try leaf.group.write(value, to: file)
            }
            if let knob = plan.unasked { _ = try await leaf.set(knob, isNew: true, write: write) }
            _ = try await leaf.apply(plan, isNew: true, write: write)
            // Before anything runs in it.
            _ = try filterDevices(leaf, reservation, grant, isNew: true)
            let charge = MemoryCharge(bytes: UsageFiles(old.group).usage.memoryBytes ?? 0)
            try moveAll(from: old.group, to: leaf.group)
            leaf.usedBefore = old.usage
            leaf.processes = old.processes
            old.processes = [:]
            leaf.mayBeNarrowed = old.mayBeNarrowed
            try removeLeaf(id)
            leaves[id] = leaf
            return charge
        } catch {
            // Back to where it was; what stays behind is found at the next start.
            do throws(KernelError) {
                try moveAll(from: leaf.group, to: old.group)
                if leaf.processes.isEmpty == false { (old.processes, leaf.processes) = (leaf.processes, [:]) }
                leaves[id] = leaf
                try removeLeaf(id)
            } catch let second {
                leaves[id] = old
                throw KernelError("\(error); and going back: \(second.operation)", second.path, code: second.code)
            }
            leaves[id] = old
            throw error
        }
    }

    /// In rounds, for a process may fork between being listed and being moved.
    func moveAll(from: Group, to: Group) throws(KernelError) {
        for _ in 0..<100 {
            let pids = try from.processesBelow()
            if pids.isEmpty { return }
            for pid in pids {
                do throws(KernelError) { try to.move(pid) } catch { guard error.saysNoProcess else { throw error } }
            }
        }
        throw KernelError("move all processes of", from.path, code: EBUSY)
    }
}
