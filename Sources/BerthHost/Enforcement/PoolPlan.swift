internal import BerthKernel
internal import BerthModel

/// What the files of a pool's group are to hold for its ceiling: decided here, written elsewhere.
struct PoolPlan: Equatable {
    /// One part for each type that a ceiling of a pool can be of.
    let parts: [LeafPlan.Part]

    /// - Parameters:
    ///   - pool: the pool
    ///   - tree: what its part of the tree can hold
    init(_ pool: Pool, on tree: TreeFacts) {
        func most(_ type: ResourceType) -> Quantity? { pool.hasCeiling ? pool.most(of: type) : nil }
        var parts: [LeafPlan.Part] = []
        func add(_ type: ResourceType, _ controller: String, shown: [String], _ knob: Knob) {
            if let reason = tree.missing[controller] {
                if most(type) != nil { parts.append(LeafPlan.Part(type: type, knobs: [], unsupported: reason)) }
                return
            }
            var part = LeafPlan.Part(type: type, knobs: [], shown: shown)
            if most(type) == nil { part.cleared = [knob] } else { part.knobs = [knob] }
            if type == .memory { part.cleared.append(.noHigh) }
            parts.append(part)
        }
        let quota = most(.cpu).map { CPUMax(ofMillicores: $0.units) } ?? CPUMax(quota: nil)
        add(.cpu, "cpu", shown: [CPUWeight.file], Knob(CPUMax.file, quota.description))
        let bytes = most(.memory).map(tree.pages) ?? .unlimited
        add(
            .memory, "memory", shown: [MemoryLimit.lowFile, MemoryLimit.minFile],
            Knob(MemoryLimit.maxFile, bytes.description))
        let tasks = most(.pids).map { PidsMax(limit: Int(clamping: max($0.units, 0))) } ?? PidsMax(limit: nil)
        add(.pids, "pids", shown: [], Knob(PidsMax.file, tasks.description))
        self.parts = parts
    }
}

extension CPUMax {
    /// A thousandth of a CPU is 100 microseconds of a period of 100,000; the kernel takes 1,000 at least.
    init(ofMillicores units: Int64) {
        self.init(quota: max(Int(clamping: max(units, 10).multipliedReportingOverflow(by: 100).partialValue), 1000))
    }
}
