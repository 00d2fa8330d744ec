internal import BerthKernel
internal import BerthModel

/// What the files of one leaf are to hold for a grant: decided here, written elsewhere.
struct LeafPlan: Equatable {
    /// The files for one type, or one device of storage.
    struct Part: Equatable {
        let type: ResourceType
        var device: String?
        var knobs: [Knob]
        /// Files that are only read, for the receipt.
        var shown: [String] = []
        /// Files that hold nothing for this grant, where an earlier one may have left something: not for the receipt.
        var cleared: [Knob] = []
        /// Why a program can pass what is set; nil where none can, as far as is known before.
        var doubt: String?
        /// Why nothing can hold this; nil where something can.
        var unsupported: String?
    }

    /// One part for each hold and device, and for what is limited without being asked.
    var parts: [Part]
    /// The ceiling on processes of a user who asked for none, and where no plugin sets a lower one.
    let unasked: Knob?

    /// - Parameters:
    ///   - grant: what is held
    ///   - narrowings: what plugins narrow of it, by type
    ///   - user: whose it is
    ///   - tree: what the tree can hold
    init(_ grant: Grant, _ narrowings: [ResourceType: Narrowing] = [:], user: UInt32, on tree: TreeFacts) {
        let all = narrowings.met
        let grant = grant.narrowed(by: all)
        unasked = all.pids == nil ? LeafPlan.unaskedPids(grant, user: user, on: tree) : nil
        parts = grant.holds.map { hold in
            switch hold.type {
            case .cpu: hold.cpus.map { LeafPlan.exclusive(hold, $0, tree) } ?? LeafPlan.shared(hold, tree)
            case .memory: LeafPlan.memory(hold, tree)
            case .pids: LeafPlan.pids(hold.limit ?? hold.amount, tree)
            default:
                narrowings[hold.type].map { LeafPlan.narrowed(hold.type, $0, among: all, in: grant, tree) }
                    ?? Part(type: hold.type, knobs: [], unsupported: LeafPlan.counted(hold.type))
            }
        }
        parts += grant.storage.map { LeafPlan.storage($0, tree) }
    }

    /// What is to say of a type that no file holds.
    static func counted(_ type: ResourceType) -> String { "this version counts \(type), and does not limit it" }

    /// The ceiling on processes of a user who asked for none.
    static func unaskedPids(_ grant: Grant, user: UInt32, on tree: TreeFacts) -> Knob? {
        guard grant[.pids] == nil, user != 0, tree.missing["pids"] == nil else { return nil }
        return Knob(PidsMax.file, "\(tree.unaskedPids)")
    }
}

extension LeafPlan {
    private static func shared(_ hold: Hold, _ tree: TreeFacts) -> Part {
        guard tree.missing["cpu"] == nil else { return missing(hold.type, "cpu", tree) }
        let limit = (hold.limit ?? hold.amount).units
        return Part(
            type: hold.type,
            knobs: [
                Knob(CPUWeight.file, tree.weight(hold.amount).description),
                Knob(CPUMax.file, CPUMax(ofMillicores: limit).description),
            ])
    }

    /// No ceiling on CPUs of its own: a quota would only throttle what nobody else can use.
    private static func exclusive(_ hold: Hold, _ cpus: CPUSet, _ tree: TreeFacts) -> Part {
        guard tree.missing["cpuset"] == nil else { return missing(hold.type, "cpuset", tree) }
        var knobs = [Knob("cpuset.cpus", cpus.description, match: .list)]
        if let nodes = hold.nodes, !nodes.isEmpty {
            knobs.append(Knob("cpuset.mems", nodes.description, match: .list, isOptional: true))
        }
        if tree.hasExclusiveCPUs {
            knobs.append(Knob("cpuset.cpus.exclusive", cpus.description, match: .any, isOptional: true))
        }
        knobs.append(Knob(CPUSetPartition.file, "root", match: .any, isOptional: true))
        return Part(type: hold.type, knobs: knobs, shown: ["cpuset.cpus.effective"])
    }

    private static func memory(_ hold: Hold, _ tree: TreeFacts) -> Part {
        guard tree.missing["memory"] == nil else { return missing(hold.type, "memory", tree) }
        var knobs = [
            hold.terms.guarantee == .hard
                ? Knob("memory.min", tree.pages(hold.amount).description)
                : Knob("memory.min", "0", isInitial: true),
            Knob("memory.low", tree.pages(hold.amount).description),
            Knob("memory.swap.max", tree.pages(hold.terms.swap).description, isOptional: true),
            Knob("memory.oom.group", hold.terms.oom == .group ? "1" : "0"),
            .noHigh,
            Knob("memory.max", tree.pages(hold.limit ?? hold.amount).description),
        ]
        if let nodes = hold.nodes, !nodes.isEmpty, tree.missing["cpuset"] == nil {
            knobs.append(Knob("cpuset.mems", nodes.description, match: .list, isOptional: true))
        }
        return Part(type: hold.type, knobs: knobs)
    }

    private static func pids(_ limit: Quantity, _ tree: TreeFacts) -> Part {
        guard tree.missing["pids"] == nil else { return missing(.pids, "pids", tree) }
        return Part(type: .pids, knobs: [Knob(PidsMax.file, "\(limit.units)")])
    }

    static func missing(_ type: ResourceType, _ controller: String, _ tree: TreeFacts) -> Part {
        Part(type: type, knobs: [], unsupported: tree.missing[controller] ?? "the controller \(controller) is missing")
    }
}
