internal import BerthKernel
internal import BerthModel

extension Receipt {
    /// What the files of a leaf make of one part of its plan.
    /// - Parameters:
    ///   - part: what was meant
    ///   - texts: what the files say, by name
    ///   - tree: what is above the leaf
    ///   - share: why its pool may get less CPU time than is held in it; nil where it does not
    init(_ part: LeafPlan.Part, _ texts: [String: String], in tree: PoolTree, share: String?) {
        self.init(part.type, device: part.device, status: .enforced, values: texts)
        if let reason = part.unsupported {
            // CPUs that nothing holds are still nobody else's, and `berth run` keeps to them by itself.
            status = part.type == .cpu && tree.facts.missing["cpu"] == nil ? .advisory : .unsupported
            self.reason = reason
            return
        }
        let doubt: String? =
            switch part.type {
            case .cpu where texts[CPUSetPartition.file] != nil || texts["cpuset.cpus"] != nil:
                Receipt.partitionDoubt(texts, tree.partitionFailure) ?? share
            case .cpu: share
            // Only what is kept by a file can be kept by the groups above.
            case .memory:
                ["memory.min", "memory.low"].lazy.filter { texts[$0] != nil }
                    .compactMap { tree.guaranteeGaps[$0] }.first ?? Receipt.swapDoubt(part, texts)
            default: part.doubt
            }
        if let doubt {
            status = .advisory
            reason = doubt
        }
    }

    /// Why more may be swapped out than was asked; nil where it may not, or where none was asked and none is counted.
    private static func swapDoubt(_ part: LeafPlan.Part, _ texts: [String: String]) -> String? {
        guard let knob = part.knobs.first(where: { $0.file == "memory.swap.max" }) else { return nil }
        guard let text = texts[knob.file] else {
            return knob.value == "0" ? nil : "this kernel does not count swap by group: all of it may be taken"
        }
        return text == knob.value ? nil : "memory.swap.max is \(text), not \(knob.value)"
    }

    /// Why exclusive CPUs are not the reservation's alone; nil where they are.
    private static func partitionDoubt(_ texts: [String: String], _ failure: String?) -> String? {
        let others = "other reservations keep off these CPUs, and what runs outside of Berth may use them"
        guard let text = texts[CPUSetPartition.file] else {
            return "this kernel has no cpuset.cpus.partition: \(others)"
        }
        guard let partition = try? CPUSetPartition(parsing: text), partition.kind == .root, partition.isValid else {
            return "cpuset.cpus.partition is \"\(text)\"\(failure.map { ", for \($0)" } ?? ""): \(others)"
        }
        let effective = texts["cpuset.cpus.effective"] ?? ""
        guard (try? CPUSet(parsing: effective)) == (try? CPUSet(parsing: texts["cpuset.cpus"] ?? "")) else {
            return "cpuset.cpus.effective is \"\(effective)\", for some of the CPUs are offline or taken"
        }
        return nil
    }

    /// The receipt with what of the type's devices is kept from others.
    func with(_ plan: ManagedDevices.Plan, _ outcome: DeviceFilters.Outcome) -> Receipt {
        var receipt = self
        guard let allowed = plan.allowed[type] else {
            if let doubt = plan.doubts[type] { receipt.doubt(doubt) }
            return receipt
        }
        switch outcome {
        case .failed(let reason):
            receipt.doubt(reason)
            return receipt
        // None where nothing is denied: it holds all that there are.
        case .none: break
        case .filter(let id): receipt.program = Int64(id)
        }
        receipt.devices = allowed
        if reason == LeafPlan.counted(type) {
            (receipt.status, receipt.reason) = (.enforced, nil)
        } else if status == .unsupported {
            receipt.status = .advisory
        }
        if let doubt = plan.doubts[type] { receipt.doubt(doubt) }
        return receipt
    }

    /// Takes what is in doubt of the type's devices, besides what is of its files.
    private mutating func doubt(_ doubt: String) {
        guard status != .unsupported else { return reason = doubt }
        reason = [reason, doubt].compactMap { $0 }.joined(separator: "; ")
        status = .advisory
    }
}
