internal import BerthCore
internal import BerthKernel
package import BerthModel
internal import Synchronization

/// Why pools do not hold what they should.
struct PoolFailures {
    /// Why the folders or the sums are not as they should be; nil where they are.
    var general: String?
    /// Why a file of a pool's ceiling is not, by pool and file.
    var files: [PoolName: [String: String]] = [:]
}

/// Pools: each is a group with a weight among its siblings, and a ceiling on all that lies in it together.
extension CgroupEnforcer {
    /// Takes what pools there are. What cannot be held of them is told by their receipts; the kernel then holds what it held
    /// before.
    package func use(_ pools: Pools) async {
        self.pools = pools
        if let tree { return await bringPools(in: tree) }
        places.withLock { places in
            for pool in pools.all {
                let folders = pools.path(of: pool.name).reversed().map { "/" + PoolGroup.folder(of: $0.name) }
                places[pool.name] = folders.joined()
            }
        }
    }

    /// What the kernel holds of a pool, read now: its weight, what it protects, and its ceiling where it has one.
    package func receipts(of name: PoolName) -> [Receipt] {
        guard let tree, let pool = tree[name] else {
            let reason = poolFailures.general ?? "there is no group of this pool"
            return [.cpu, .memory, .pids].map { Receipt($0, status: .unsupported, reason: reason) }
        }
        let configured = pools[name] ?? Pool(name)
        return PoolPlan(configured, on: tree.facts(in: name)).parts.map { part in
            var texts: [String: String] = [:]
            for file in part.knobs.map(\.file) + part.cleared.map(\.file) + part.shown {
                texts[file] = try? pool.group.read(file)
            }
            var receipt = Receipt(part.type, status: .enforced, values: texts)
            if let reason = part.unsupported {
                (receipt.status, receipt.reason) = (.unsupported, reason)
                return receipt
            }
            let doubt = (part.knobs + part.cleared).lazy.compactMap { knob -> String? in
                if let text = texts[knob.file], knob.isHeld(by: text) { return nil }
                return self.poolFailures.files[name]?[knob.file]
                    ?? "\(knob.file) of \(pool.group.path) is \"\(texts[knob.file] ?? "")\", not \"\(knob.value)\""
            }.first
            let passing = tree.isPassing(pool) ? "\(pool.group.path) stays where it is until nothing is in it" : nil
            if let doubt = doubt ?? passing ?? poolFailures.general {
                (receipt.status, receipt.reason) = (.advisory, doubt)
            }
            return receipt
        }
    }

    /// Brings the folders, the sums and the ceilings of all pools to the configuration.
    func bringPools(in tree: PoolTree) async {
        // One at a time: what an earlier configuration waits for must not be written after a later one.
        while isBringing { await withCheckedContinuation { waitingToBring.append($0) } }
        isBringing = true
        defer {
            isBringing = false
            let waiting = waitingToBring
            waitingToBring = []
            for each in waiting { each.resume() }
        }
        poolFailures = PoolFailures()
        do throws(KernelError) {
            try tree.take(pools)
            notePlaces(of: tree)
            sums.lie(in: tree.parents)
            isBehind = true
            // Not before all is counted that an earlier agent had the groups carry.
            if isExpected { try await carry(in: nil, in: tree) }
        } catch {
            notePlaces(of: tree)
            sums.lie(in: tree.parents)
            poolFailures.general = error.description
        }
        for pool in tree.pools {
            // One that is no more keeps its ceiling.
            guard let configured = pools[pool.name] else { continue }
            await limit(pool, to: configured, in: tree)
        }
    }

    /// Makes the group of a pool where that failed before.
    func makePool(_ name: PoolName, in tree: PoolTree) throws(KernelError) {
        let home = tree.home(of: name)
        guard tree[home] == nil else { return }
        _ = try tree.pool(home)
        notePlaces(of: tree)
        sums.lie(in: tree.parents)
        isBehind = true
    }

    /// Removes pools that are to go and are empty. One that cannot be removed now is found at the next change.
    func tidyPools(in tree: PoolTree) {
        do throws(KernelError) {
            guard try tree.tidy() else { return }
            // One that lay elsewhere comes again where it should be.
            try tree.take(pools)
        } catch {
            isBehind = true
        }
        notePlaces(of: tree)
        sums.lie(in: tree.parents)
    }

    private func notePlaces(of tree: PoolTree) {
        let found = tree.places
        places.withLock { $0 = found }
    }

    /// Brings a pool's group to its ceiling. A ceiling on memory comes down only as far as the use does: the write alone would
    /// kill.
    private func limit(_ pool: PoolGroup, to configured: Pool, in tree: PoolTree) async {
        let plan = PoolPlan(configured, on: tree.facts(in: pool.name))
        let slow = slow
        for knob in plan.parts.flatMap({ $0.knobs + $0.cleared }) {
            do throws(KernelError) {
                if knob.file == MemoryLimit.maxFile, let bytes = Int64(knob.value),
                    try pool.group.read(knob.file) != knob.value
                {
                    do throws(EnforcementError) {
                        try await slow.shrink(pool.group, to: bytes)
                    } catch {
                        poolFailures.files[pool.name, default: [:]][knob.file] = error.reason
                        continue
                    }
                }
                _ = try await pool.group.set(knob, isNew: false) { (value, file) throws(KernelError) in
                    try pool.group.write(value, to: file)
                }
            } catch {
                poolFailures.files[pool.name, default: [:]][knob.file] = error.description
            }
        }
    }
}
