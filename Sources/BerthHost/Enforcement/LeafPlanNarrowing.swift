internal import BerthKernel
internal import BerthModel

extension LeafPlan {
    /// The files by which a plugin narrows what the leaf may use. They hold what all together leave.
    /// - Parameters:
    ///   - type: the plugin's type
    ///   - own: what it narrows
    ///   - all: what it and others narrow
    ///   - grant: what is held, as it is narrowed by all
    static func narrowed(
        _ type: ResourceType, _ own: Narrowing, among all: Narrowing, in grant: Grant, _ tree: TreeFacts
    ) -> Part {
        var part = Part(type: type, knobs: [])
        var doubts: [String] = []
        func add(_ knob: Knob, _ controller: String) {
            if let reason = tree.missing[controller] {
                doubts.append("\(knob.file) cannot be set: \(reason)")
            } else {
                part.knobs.append(knob)
            }
        }
        if let wanted = own.nodes, let nodes = grant.memoryNodes(all) {
            add(Knob("cpuset.mems", nodes.description, match: .list), "cpuset")
            if !nodes.isSubset(of: wanted) { doubts.append("cpuset.mems is not \(wanted): \(nodes) was granted since") }
        }
        if own.pids != nil, let most = grant[.pids]?.limit ?? all.pids {
            add(Knob(PidsMax.file, "\(most.units)"), "pids")
        }
        for ask in own.storage {
            let held = (grant.storage + all.storage).first { $0.device == ask.device } ?? ask
            let disk = storage(StorageAsk(device: held.device, rates: held.rates), tree)
            part.knobs += disk.knobs
            doubts += [disk.unsupported, disk.doubt].compactMap { $0 }
        }
        let doubt = doubts.isEmpty ? nil : doubts.joined(separator: "; ")
        if part.knobs.isEmpty { part.unsupported = doubt } else { part.doubt = doubt }
        return part
    }

    /// What plugins may have narrowed before and this plan says nothing of, as a new group has it. Other files of the leaf
    /// are never narrowed.
    /// - Parameter ceilings: the leaf's `io.max`
    func unnarrowed(_ ceilings: [IOMax]) -> [Knob] {
        let planned = parts.flatMap { $0.knobs + $0.cleared }
        func isPlanned(_ file: String) -> Bool { planned.contains { $0.file == file } || unasked?.file == file }
        var knobs: [Knob] = []
        if !isPlanned(PidsMax.file) { knobs.append(Knob(PidsMax.file, "max", isOptional: true)) }
        if !isPlanned("cpuset.mems") { knobs.append(Knob("cpuset.mems", "", match: .list, isOptional: true)) }
        for line in ceilings where !planned.contains(where: { $0.match == .ceilings(line.device) }) {
            let match = Knob.Match.ceilings(line.device)
            knobs.append(Knob(IOMax.file, IOMax(device: line.device).description, match: match, isOptional: true))
        }
        return knobs
    }
}
