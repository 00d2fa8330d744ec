package import BerthCore
internal import BerthKernel
package import BerthModel
internal import Glibc

/// Resizes: a leaf goes from one grant to another, or stays as it was.
extension CgroupEnforcer {
    /// Brings the kernel from one grant to another, and reads it back. After an error it holds the first again.
    /// - Parameter force: whether it may go below what is in use, by which the kernel kills
    package func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt] {
        guard let leaf = leaves[reservation.id] else {
            var resized = reservation
            resized.grant = grant
            return try await enforce(resized)
        }
        if !force { try await makeRoom(leaf, from: former, to: grant) }
        let failed: KernelError
        do throws(KernelError) {
            return try await change(reservation, from: former, to: grant).keeping(reservation.receipts)
        } catch {
            failed = error
        }
        let receipts: [Receipt]
        do throws(KernelError) {
            receipts = try await change(reservation, from: grant, to: former)
        } catch {
            let failure = failure(error, reservation)
            throw .kernel("\(failed); and going back failed: \(error)", failure.held)
        }
        throw .kernel(failed.description, receipts)
    }

    /// The groups above the leaf carry what covers both grants while it changes: they grow before it, and shrink after it.
    private func change(
        _ reservation: Reservation, from former: Grant, to grant: Grant
    ) async throws(KernelError) -> [Receipt] {
        let tree = try await opened()
        try await hold(reservation.id, former.union(grant), in: tree)
        var charge = MemoryCharge()
        if let leaf = leaves[reservation.id], leaf.isExclusive != grant.isExclusive {
            charge = try await move(leaf, of: reservation, to: grant, in: tree)
        }
        try await clear(leftoversOf: former, in: grant, of: reservation)
        let receipts = try await bring(reservation, to: grant, isNew: false)
        var marked = reservation
        marked.grant = grant
        if let leaf = leaves[reservation.id] { try mark(leaf, marked) }
        try await hold(reservation.id, grant, in: tree)
        return receipts.map(charge.noted)
    }

    private func clear(
        leftoversOf former: Grant, in grant: Grant, of reservation: Reservation
    ) async throws(KernelError) {
        guard let leaf = leaves[reservation.id], let tree else { return }
        let narrowing = reservation.narrowings(for: grant).met
        for knob in LeafPlan.leftovers(of: former, in: grant, narrowing, on: facts(for: former, in: tree)) {
            _ = try await leaf.set(knob, isNew: false) { (value, file) throws(KernelError) in
                try leaf.group.write(value, to: file)
            }
        }
    }

    /// Sees to it that what is in use fits the new grant, before anything is written that kills.
    private func makeRoom(_ leaf: Leaf, from former: Grant, to grant: Grant) async throws(EnforcementError) {
        // The count first: it can be refused without having changed anything.
        if let old = former[.pids]?.limit, let new = grant[.pids]?.limit, new < old,
            let used = UsageFiles(leaf.group).usage.pids, used > new.units
        {
            throw .inUse(.pids, used: Quantity(used), asked: new)
        }
        if let old = former[.memory]?.limit, let new = grant[.memory]?.limit, new < old, let tree,
            tree.facts.missing["memory"] == nil, case .bytes(let bytes) = tree.facts.pages(new)
        {
            try await slow.shrink(leaf.group, to: Int64(bytes))
        }
    }

    /// Moves a reservation to a leaf of the other kind: what runs goes along.
    /// - Returns: what it has in memory, which stays charged to the part that it came from
    private func move(
        _ old: Leaf, of reservation: Reservation, to grant: Grant, in tree: PoolTree
    ) async throws(KernelError) -> MemoryCharge {
        var moved = reservation
        moved.grant = grant
        let leaf = try makeLeaf(moved, in: tree)
        do throws(KernelError) {
            _ = try await leaf.apply(plan(grant, of: moved, in: tree), isNew: true) {
                (value, file) throws(KernelError) in
                try leaf.group.write(value, to: file)
            }
            // Before anything runs in it.
            _ = try filterDevices(leaf, reservation, grant, isNew: true)
            let charge = MemoryCharge(bytes: UsageFiles(old.group).usage.memoryBytes ?? 0)
            try moveAll(from: old.group, to: leaf.group)
            leaf.processes = old.processes
            old.processes = [:]
            try removeLeaf(reservation.id)
            leaves[reservation.id] = leaf
            return charge
        } catch {
            // Back to where it was; what stays behind is found at the next start.
            do throws(KernelError) {
                try moveAll(from: leaf.group, to: old.group)
                if leaf.processes.isEmpty == false { (old.processes, leaf.processes) = (leaf.processes, [:]) }
                leaves[reservation.id] = leaf
                try removeLeaf(reservation.id)
            } catch let second {
                leaves[reservation.id] = old
                throw KernelError("\(error); and going back: \(second.operation)", second.path, code: second.code)
            }
            leaves[reservation.id] = old
            throw error
        }
    }

    /// In rounds, for a process may fork between being listed and being moved.
    private func moveAll(from: Group, to: Group) throws(KernelError) {
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

extension EnforcementError {
    fileprivate var held: [Receipt] {
        if case .kernel(_, let receipts) = self { receipts } else { [] }
    }
}
