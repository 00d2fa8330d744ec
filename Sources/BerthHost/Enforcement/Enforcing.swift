package import BerthCore
internal import BerthKernel
package import BerthModel
internal import Glibc

/// Grants and resizes: the kernel is brought to hold them, or is left as it was.
extension CgroupEnforcer {
    /// Makes the kernel hold what a reservation holds, and reads it back: one receipt for each type and device. What is
    /// held already is looked at, and written again only where it is not as it should be.
    package func enforce(_ reservation: Reservation) async throws(EnforcementError) -> [Receipt] {
        if let leaf = leaves[reservation.id] {
            tree?.lookAbove()
            do throws(KernelError) {
                // An agent that died may have made the leaf, or renewed the lease, and not noted it there any more.
                if !isMarked(leaf, reservation) { try mark(leaf, reservation) }
                let tree = try await opened()
                let receipts: [Receipt]
                if leaf.pool != tree.home(of: reservation.pool) {
                    // An agent died while it moved this one, or the pool has come or gone since.
                    receipts = try await relocate(reservation, in: tree)
                } else {
                    try await hold(reservation.id, held(reservation), in: tree)
                    receipts = try await bring(reservation, to: reservation.grant, isNew: false)
                }
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
            try makePool(reservation.pool, in: tree)
            try await hold(reservation.id, held(reservation), in: tree)
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

    /// Writes a grant into a leaf, whose parents carry it already, and reads it back.
    func bring(
        _ reservation: Reservation, to grant: Grant, isNew: Bool
    ) async throws(KernelError) -> [Receipt] {
        let tree = try await opened()
        guard let leaf = leaves[reservation.id] else {
            throw KernelError("find", path(of: reservation), code: ENOENT)
        }
        let plan = plan(grant, of: reservation, in: tree)
        let slow = slow
        func write(_ value: String, _ file: String) async throws(KernelError) {
            // A ceiling on memory may reclaim; on a new leaf there is nothing to.
            if !isNew, file == MemoryLimit.maxFile {
                try await slow.write(value, to: file, in: leaf.group)
            } else {
                try leaf.group.write(value, to: file)
            }
        }
        let isNarrowed = !reservation.narrowings(for: grant).isEmpty
        if isNarrowed { leaf.mayBeNarrowed = true }
        if let knob = plan.unasked { _ = try await leaf.set(knob, isNew: isNew, write: write) }
        let texts = try await leaf.apply(plan, isNew: isNew, write: write)
        if !isNew, leaf.mayBeNarrowed {
            for knob in plan.unnarrowed(try leaf.group.ceilings()) {
                _ = try await leaf.set(knob, isNew: false, write: write)
            }
        }
        if !isNarrowed { leaf.mayBeNarrowed = false }
        let (devices, filter) = try filterDevices(leaf, reservation, grant, isNew: isNew)
        let share = shareDoubt(of: leaf, grant, in: tree)
        return zip(plan.parts, texts).map { part, texts in
            Receipt(part, texts, in: tree, share: share).with(devices, filter)
        }
    }

    /// Why the pools around a leaf may keep CPU time from it; nil where they do not.
    private func shareDoubt(of leaf: Leaf, _ grant: Grant, in tree: PoolTree) -> String? {
        if let ceiling = sums.ceilingDoubt(of: grant, in: leaf.pool, of: pools) { return ceiling }
        guard let capacity, !grant.isExclusive else { return nil }
        let shared = capacity.cpu.units - Int64(sums.total.exclusiveCPUs.count) * 1000
        return sums.shareDoubt(of: leaf.pool, in: pools, on: tree.facts, cpu: shared)
    }

    /// Keeps the devices of units that others hold, or nobody, from a reservation's processes.
    func filterDevices(
        _ leaf: Leaf, _ reservation: Reservation, _ grant: Grant, isNew: Bool
    ) throws(KernelError) -> (ManagedDevices.Plan, DeviceFilters.Outcome) {
        guard let managed else { return (ManagedDevices.Plan(denied: []), .none) }
        let plan = managed.plan(grant, reservation.provisions)
        // Where no unit has devices there is nothing to ask of the kernel but once.
        guard !plan.denied.isEmpty || !isNew && leaf.mayBeFiltered else {
            leaf.mayBeFiltered = false
            return (plan, .none)
        }
        let outcome = try filters.set(plan.denied, on: leaf.group)
        if case .none = outcome { leaf.mayBeFiltered = false } else { leaf.mayBeFiltered = true }
        return (plan, outcome)
    }

    func failure(_ error: KernelError, _ reservation: Reservation) -> EnforcementError {
        let receipts = reservation.receipts.map { receipt in
            var receipt = receipt
            receipt.status = .advisory
            receipt.reason = error.description
            return receipt
        }
        return .kernel(error.description, receipts)
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
