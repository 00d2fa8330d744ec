internal import BerthKernel
internal import BerthModel

extension LeafPlan {
    /// The files of a leaf that an earlier grant set and this one says nothing of, as a new group has them: a change that
    /// came to nothing must leave no ceiling behind that no receipt tells of. What a group has anyway is not among them.
    static func leftovers(of former: Grant, in grant: Grant, on tree: TreeFacts) -> [Knob] {
        var knobs: [Knob] = []
        for hold in former.holds where grant[hold.type] == nil {
            switch hold.type {
            case .cpu:
                knobs.append(Knob(CPUWeight.file, "100", isOptional: true))
                if hold.cpus == nil { knobs.append(Knob(CPUMax.file, "max 100000", isOptional: true)) }
            case .memory:
                knobs += ["memory.min", "memory.low", "memory.oom.group"].map { Knob($0, "0", isOptional: true) }
                knobs += ["memory.swap.max", MemoryLimit.maxFile].map { Knob($0, "max", isOptional: true) }
            case .pids: knobs.append(Knob(PidsMax.file, "max", isOptional: true))
            default: break
            }
        }
        for ask in former.storage where !grant.storage.contains(where: { $0.device == ask.device }) {
            knobs += storage(StorageAsk(device: ask.device, rates: StorageRates()), tree).cleared
        }
        return knobs
    }
}
