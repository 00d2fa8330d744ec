package import BerthCore
internal import BerthKernel
package import BerthModel

/// What is used in the tree and beside it.
extension CgroupEnforcer {
    /// What a reservation has used; nil where it has no leaf.
    package func usage(of id: ReservationID) -> Usage? {
        guard let leaf = leaves[id] else { return nil }
        let files = leaf.usageFiles ?? UsageFiles(leaf.group)
        if leaves.count <= CgroupEnforcer.mostKeptOpen { leaf.usageFiles = files }
        return files.usage.after(leaf.usedBefore)
    }

    /// Above so many leaves the files of each are opened at every question: four a leaf must not use up the descriptors.
    private static let mostKeptOpen = 8192

    /// What all reservations use, and what cannot be reclaimed of the memory beside them.
    package func hostUse() -> HostUse {
        guard let tree, let usage = rootFiles?.usage else { return HostUse() }
        var use = HostUse(
            memory: usage.memoryBytes.map(Quantity.init(_:)), pids: usage.pids.map(Quantity.init(_:)))
        if let microseconds = usage.cpuMicroseconds { use.cpu = rate(microseconds) }
        let own = (try? tree.root.read(MemoryStat.file, as: MemoryStat.init(parsing:)))?.unreclaimable
        let host: Int64? =
            if let memoryScope, let group = try? Group(at: memoryScope) {
                (try? group.read(MemoryStat.file, as: MemoryStat.init(parsing:)))?.unreclaimable
            } else {
                (try? live.text("proc/meminfo")).flatMap(CgroupEnforcer.unreclaimable(inHost:))
            }
        if let own, let host { use.unmanagedMemory = Quantity(max(0, host - own)) }
        return use
    }

    /// CPU time a second since the last look, in millicores; nil at the first one.
    private func rate(_ microseconds: Int64) -> Quantity? {
        let now = SystemClock.uptime
        defer { if lastCPU.map({ now - $0.at >= 100 }) ?? true { lastCPU = (microseconds, now) } }
        guard let lastCPU, now > lastCPU.at else { return nil }
        return Quantity(max(0, microseconds - lastCPU.microseconds) / (now - lastCPU.at))
    }

    /// `AnonPages`, `Shmem`, `SUnreclaim`, `KernelStack` and `PageTables` of `/proc/meminfo`, in bytes.
    private static func unreclaimable(inHost text: String) -> Int64? {
        let names: Set<Substring> = ["AnonPages", "Shmem", "SUnreclaim", "KernelStack", "PageTables"]
        var sum: Int64 = 0
        var isKnown = false
        for line in text.split(separator: "\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, names.contains(halves[0]),
                let kibibytes = halves[1].split(separator: " ").first.flatMap({ Int64($0) }), kibibytes < 1 << 42
            else { continue }
            sum += kibibytes * 1024
            isKnown = true
        }
        return isKnown ? sum : nil
    }
}

extension MemoryStat {
    /// What the kernel cannot take back without swap: anonymous and shared memory, and its own.
    fileprivate var unreclaimable: Int64? {
        guard let anon else { return nil }
        let parts = [anon, shmem ?? 0, slabUnreclaimable ?? 0, kernelStack ?? 0, pageTables ?? 0]
        return parts.reduce(0) { $0 + Int64(clamping: min($1, 1 << 52)) }
    }
}
