internal import BerthKernel
internal import BerthModel

extension LeafPlan {
    /// What the files of the leaf hold of one disk: its line of `io.max`, and of `io.weight`.
    static func storage(_ ask: StorageAsk, _ tree: TreeFacts) -> Part {
        guard tree.missing["io"] == nil else {
            var part = missing(.storage, "io", tree)
            part.device = ask.device
            return part
        }
        guard let number = tree.devices[ask.device] else {
            return Part(
                type: .storage, device: ask.device, knobs: [],
                unsupported: "the kernel names no device number of \(ask.device)")
        }
        func rate(_ quantity: Quantity?) -> UInt64? { quantity.map { UInt64(max($0.units, 1)) } }
        let line = IOMax(
            device: number, readBytes: rate(ask.rates.read), writeBytes: rate(ask.rates.write),
            readOperations: rate(ask.rates.readOperations), writeOperations: rate(ask.rates.writeOperations))
        let ceilings = Knob(IOMax.file, line.description, match: .ceilings(number), isOptional: ask.rates.isEmpty)
        // The kernel takes the weight of a disk (else EOPNOTSUPP) only from when io.cost was first on for it.
        let weight = Knob(
            IOWeight.file, IOWeight(device: number, value: ask.weight).description, match: .weight(number),
            isOptional: ask.weight == nil || !tree.disks.weighs(number))
        var part = Part(type: .storage, device: ask.device, knobs: [], doubt: doubt(ask, number, tree))
        if ask.rates.isEmpty { part.cleared.append(ceilings) } else { part.knobs.append(ceilings) }
        if ask.weight == nil { part.cleared.append(weight) } else { part.knobs.append(weight) }
        return part
    }

    /// Why a program can pass what is set for a disk; nil where none can.
    private static func doubt(_ ask: StorageAsk, _ number: Host.DeviceNumber, _ tree: TreeFacts) -> String? {
        let isWeighed = ask.weight != nil
        let isWritten = isWeighed || ask.rates.write != nil || ask.rates.writeOperations != nil
        let doubts = [
            isWeighed ? weightDoubt(ask.device, number, tree.disks) : nil,
            isWritten ? writebackDoubt(ask.device, tree) : nil,
        ].compactMap { $0 }
        return doubts.isEmpty ? nil : doubts.joined(separator: "; ")
    }

    /// How many mounted file systems are named in a reason.
    private static let shownMounts = 3

    /// Why what a program leaves in the page cache may be written to a disk in nobody's name; nil where it is not.
    private static func writebackDoubt(_ device: String, _ tree: TreeFacts) -> String? {
        let direct = "direct writes (O_DIRECT) are held, buffered ones are not"
        if let reason = tree.missing["memory"] {
            return "\(direct): the kernel knows whose they are by the memory controller, and \(reason)"
        }
        guard let unaccounted = tree.disks.unaccounted else {
            return "what is mounted from \(device) cannot be seen: \(direct) on some file systems"
        }
        guard let mounts = unaccounted[device], !mounts.isEmpty else { return nil }
        let more = mounts.count > shownMounts ? " and \(mounts.count - shownMounts) more" : ""
        let places = mounts.prefix(shownMounts).joined(separator: ", ") + more
        return "\(direct) on \(places): the kernel writes those back in nobody's name"
    }

    /// Why the kernel does not go by a weight; nil where it does.
    private static func weightDoubt(
        _ device: String, _ number: Host.DeviceNumber, _ disks: DiskFacts
    ) -> String? {
        guard disks.weighed != nil else {
            return "whether the kernel goes by weights cannot be seen from here: io.cost.qos is at the real root of "
                + "the cgroup tree, where the kernel was built with it"
        }
        guard !disks.weighs(number) else { return nil }
        let own = " (its scheduler bfq goes by io.bfq.weight, which Berth does not set)"
        return "the kernel goes by no weight on \(device)\(disks.bfq.contains(device) ? own : "") until io.cost is on "
            + "for it, which is a choice for the whole host: echo \"\(IOCost(device: number, isOn: true))\" > \(disks.costFile)"
    }
}
