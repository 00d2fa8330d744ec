package import BerthCore
internal import BerthKernel
package import BerthModel

/// Grants and resizes: the kernel is brought to hold them, or is left as it was.
extension CgroupEnforcer {
    /// Makes the kernel hold what a reservation holds, and reads it back: one receipt for each type and device. What is
    /// held already is looked at, and written again only where it is not as it should be.
    package func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt] {
        if leaves[reservation.id] != nil {
            tree?.lookAbove()
            do throws(KernelError) {
                let receipts = try await bring(reservation, to: reservation.grant, isNew: false)
                return receipts.keeping(reservation.receipts)
            } catch {
                guard error.saysGone else { throw failure(error, reservation) }
                await forget(reservation.id)
            }
        }
        do throws(KernelError) {
            return try await make(reservation)
        } catch {
            guard error.saysGone else { throw failure(error, reservation) }
        }
        // The tree went away, and comes again.
        await forget(reservation.id)
        tree = nil
        do throws(KernelError) { return try await make(reservation) } catch { throw failure(error, reservation) }
    }

    /// Makes a new leaf. After an error nothing of it is left.
    private func make(_ reservation: Reservation) async throws(KernelError) -> [Receipt] {
        let tree = try await opened()
        do throws(KernelError) {
            try await hold(reservation.id, reservation.grant, in: tree)
            let leaf = try makeLeaf(reservation, in: tree)
            leaves[reservation.id] = leaf
            try mark(leaf, reservation)
            return try await bring(reservation, to: reservation.grant, isNew: true)
        } catch {
            await forget(reservation.id)
            throw error
        }
    }

    /// Takes away what there is of a leaf; what cannot be taken away now is found and cleaned at the next start.
    private func forget(_ id: ReservationID) async {
        do throws(KernelError) { try removeLeaf(id) } catch { leaves[id] = nil }
        guard let tree else { return }
        do throws(KernelError) { try await hold(id, nil, in: tree) } catch { return }
    }

    /// Writes a grant into a leaf and reads it back.
    private func bring(
        _ reservation: Reservation, to grant: Grant, isNew: Bool
    ) async throws(KernelError) -> [Receipt] {
        let tree = try await opened()
        guard let leaf = leaves[reservation.id] else { throw KernelError("find", path(of: reservation), code: 2) }
        try await hold(reservation.id, grant, in: tree)
        let plan = LeafPlan(grant, on: tree.facts)
        let slow = slow
        func write(_ value: String, _ file: String) async throws(KernelError) {
            // A ceiling on memory may reclaim; on a new leaf there is nothing to.
            if !isNew, file == MemoryLimit.maxFile {
                try await slow.write(value, to: file, in: leaf.group)
            } else {
                try leaf.group.write(value, to: file)
            }
        }
        if let knob = LeafPlan.unaskedPids(grant, user: reservation.user, on: tree.facts) {
            _ = try await leaf.set(knob, isNew: isNew, write: write)
        }
        let texts = try await leaf.apply(plan, isNew: isNew, write: write)
        return zip(plan.parts, texts).map { Receipt($0, $1, in: tree) }
    }

    private func failure(_ error: KernelError, _ reservation: Reservation) -> EnforcementError {
        let receipts = reservation.receipts.map { receipt in
            var receipt = receipt
            receipt.status = .advisory
            receipt.reason = error.description
            return receipt
        }
        return .kernel(error.description, receipts)
    }
}

// MARK: - Resizing

extension CgroupEnforcer {
    /// Brings the kernel from one grant to another, and reads it back. After an error it holds the first again.
    /// - Parameter force: whether it may go below what is in use, by which the kernel kills
    package func resize(
        _ reservation: Reservation, from former: Grant, to grant: Grant, force: Bool
    ) async throws(EnforcementError) -> [Receipt] {
        let id = reservation.id
        guard let leaf = leaves[id] else {
            var resized = reservation
            resized.grant = grant
            return try await enforce(resized)
        }
        do throws(EnforcementError) {
            if !force { try await makeRoom(leaf, from: former, to: grant) }
            do throws(KernelError) {
                let tree = try await opened()
                // Above the leaf first what covers both, and only at last what is left.
                try await hold(id, former.union(grant), in: tree)
                if leaf.isExclusive != grant.isExclusive { try await move(reservation, to: grant, in: tree) }
                let receipts = try await bringThroughBoth(reservation, to: grant, in: tree)
                return receipts.keeping(reservation.receipts)
            } catch {
                throw .kernel(error.description, [])
            }
        } catch {
            var receipts: [Receipt] = []
            do throws(KernelError) {
                receipts = try await bring(reservation, to: former, isNew: false)
            } catch let second {
                throw .kernel("\(error.reason); and going back failed: \(second)", failure(second, reservation).held)
            }
            if case .kernel(let reason, _) = error { throw .kernel(reason, receipts) }
            throw error
        }
    }

    /// The leaf is written while its parents carry both, then they come down.
    private func bringThroughBoth(
        _ reservation: Reservation, to grant: Grant, in tree: PoolTree
    ) async throws(KernelError) -> [Receipt] {
        let receipts = try await bring(reservation, to: grant, isNew: false)
        var marked = reservation
        marked.grant = grant
        if let leaf = leaves[reservation.id] { try mark(leaf, marked) }
        return receipts
    }

    /// Sees to it that what is in use fits the new grant, before anything is written that kills.
    private func makeRoom(_ leaf: Leaf, from former: Grant, to grant: Grant) async throws(EnforcementError) {
        if let old = former[.memory]?.limit, let new = grant[.memory]?.limit, new < old, let tree,
            tree.facts.missing["memory"] == nil, case .bytes(let bytes) = tree.facts.pages(new)
        {
            try await slow.shrink(leaf.group, to: Int64(bytes))
        }
        if let old = former[.pids]?.limit, let new = grant[.pids]?.limit, new < old,
            let used = (try? leaf.group.read("pids.current")).flatMap({ Int64($0) }), used > new.units
        {
            throw .inUse(.pids, used: Quantity(used), asked: new)
        }
    }

    /// Moves a reservation to a leaf of the other kind: what runs goes along, what it has in memory stays charged to the
    /// part that it came from.
    private func move(
        _ reservation: Reservation, to grant: Grant, in tree: PoolTree
    ) async throws(KernelError) {
        guard let old = leaves[reservation.id] else { return }
        var moved = reservation
        moved.grant = grant
        let leaf = try makeLeaf(moved, in: tree)
        let plan = LeafPlan(grant, on: tree.facts)
        _ = try await leaf.apply(plan, isNew: true) { (value, file) throws(KernelError) in
            try leaf.group.write(value, to: file)
        }
        for _ in 0..<100 {
            let pids = try old.group.processesBelow()
            if pids.isEmpty { break }
            for pid in pids {
                do throws(KernelError) { try leaf.group.move(pid) } catch {
                    guard error.saysNoProcess else { throw error }
                }
            }
        }
        leaf.processes = old.processes
        old.processes = [:]
        leaves[reservation.id] = old
        try removeLeaf(reservation.id)
        leaves[reservation.id] = leaf
    }
}

extension EnforcementError {
    fileprivate var held: [Receipt] {
        if case .kernel(_, let receipts) = self { receipts } else { [] }
    }
}

extension [Receipt] {
    /// What attached processes had before they came is not read back from anywhere.
    func keeping(_ former: [Receipt]) -> [Receipt] {
        map { receipt in
            guard let old = former.first(where: { $0.type == receipt.type && $0.device == receipt.device }),
                old.chargedElsewhere != nil, receipt.status == .enforced
            else { return receipt }
            var kept = receipt
            kept.chargedElsewhere = old.chargedElsewhere
            kept.status = old.status
            kept.reason = old.reason
            return kept
        }
    }
}
