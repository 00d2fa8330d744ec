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
        try await hold(reservation.id, held(reservation, former.union(grant)), in: tree)
        var charge = MemoryCharge()
        if let leaf = leaves[reservation.id], leaf.isExclusive != grant.isExclusive {
            var moved = reservation
            moved.grant = grant
            charge = try await move(leaf, to: moved, in: tree)
        }
        try await clear(leftoversOf: former, in: grant, of: reservation)
        let receipts = try await bring(reservation, to: grant, isNew: false)
        var marked = reservation
        marked.grant = grant
        if let leaf = leaves[reservation.id] { try mark(leaf, marked) }
        try await hold(reservation.id, held(reservation, grant), in: tree)
        return receipts.map(charge.noted)
    }

    private func clear(
        leftoversOf former: Grant, in grant: Grant, of reservation: Reservation
    ) async throws(KernelError) {
        guard let leaf = leaves[reservation.id], let tree else { return }
        let narrowing = reservation.narrowings(for: grant).met
        let facts = facts(for: former, pool: reservation.pool, in: tree)
        for knob in LeafPlan.leftovers(of: former, in: grant, narrowing, on: facts) {
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
}

extension EnforcementError {
    fileprivate var held: [Receipt] {
        if case .kernel(_, let receipts) = self { receipts } else { [] }
    }
}
