internal import BerthKernel
internal import BerthModel

extension LeafPlan {
    /// The files of a leaf that an earlier grant set and this one says nothing of, as a new group has them: a change that
    /// came to nothing must leave no ceiling behind that no receipt tells of. What a group has anyway is not among them,
    /// nor what plugins narrow.
    static func leftovers(
        of former: Grant, in grant: Grant, _ narrowing: Narrowing = Narrowing(), on tree: TreeFacts
    ) -> [Knob] {
        var knobs: [Knob] = []
        for hold in former.holds where grant[hold.type] == nil {
            switch hold.type {
            case .cpu:
                knobs.append(Knob(CPUWeight.file, "100", isOptional: true))
                if hold.cpus == nil { knobs.append(Knob(CPUMax.file, "max 100000", isOptional: true)) }
            case .memory:
                knobs += ["memory.min", "memory.low", "memory.oom.group"].map { Knob($0, "0", isOptional: true) }
                knobs += ["memory.swap.max", MemoryLimit.maxFile].map { Knob($0, "max", isOptional: true) }
            case .pids where narrowing.pids == nil: knobs.append(Knob(PidsMax.file, "max", isOptional: true))
            default: break
            }
        }
        if former.memoryNodes != nil, grant.memoryNodes(narrowing) == nil {
            knobs.append(Knob("cpuset.mems", "", match: .list, isOptional: true))
        }
        for ask in former.storage where !grant.storage.contains(where: { $0.device == ask.device }) {
            let isNarrowed = narrowing.storage.contains { $0.device == ask.device }
            knobs += storage(StorageAsk(device: ask.device, rates: StorageRates()), tree).cleared
                .filter { !isNarrowed || $0.file != IOMax.file }
        }
        return knobs
    }
}
