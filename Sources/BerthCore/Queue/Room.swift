internal import BerthModel

/// How much may be held so that there is room for resources, by sums alone: what has no room by them has none.
struct Room {
    private var cpu = Int64.max
    private var memory = Int64.max
    private var others: [(type: ResourceType, most: Quantity)] = []
    /// The types of which anything is wanted.
    private(set) var types: [ResourceType] = []

    /// What a step holds of what nearly every request asks for.
    struct Sums {
        fileprivate let cpu: Int64
        fileprivate let memory: Int64
        /// Whether anything is under maintenance then.
        let isWithheld: Bool

        init(_ held: Holdings) {
            cpu = held.cpu.units
            memory = held.memory.units
            isWithheld = !held.withheld.isEmpty
        }
    }

    /// How much of the same there is for all together.
    struct Whole {
        fileprivate let cpu: Quantity
        fileprivate let memory: Quantity

        /// Nil where nobody has said yet what there is.
        init?(_ state: State) {
            guard let capacity = state.capacity else { return nil }
            cpu = capacity.cpu - capacity.reservedCPU
            memory = capacity.memory - max(capacity.reservedMemory, state.unmanagedMemory ?? .zero)
        }
    }

    /// - Parameters:
    ///   - demand: the least that will do
    ///   - whole: what there is
    ///   - wholes: how much there is of the types whose units are counted
    init(for demand: Amounts, of whole: Whole?, _ wholes: [ResourceType: Quantity]) {
        guard let whole else { return }
        types = demand.parts.map(\.type)
        for part in demand.parts {
            let amount = Quantity(Int64(clamping: part.units))
            switch part.type {
            case .cpu: cpu = (whole.cpu - amount).units
            case .memory: memory = (whole.memory - amount).units
            default:
                if let whole = wholes[part.type] { others.append((part.type, whole - amount)) }
            }
        }
    }

    /// Whether there is room beside what a step holds, by these sums of it alone; nil where they do not say.
    func has(_ sums: Sums) -> Bool? {
        guard sums.cpu <= cpu, sums.memory <= memory else { return false }
        return others.isEmpty && !sums.isWithheld ? true : nil
    }

    /// Whether there is room beside what a step holds.
    func has(_ step: Timeline.Step) -> Bool {
        has(step.sums)
            ?? (others.allSatisfy { step.held[$0.type] <= $0.most }
                && !types.contains(where: step.held.withheld.contains))
    }
}
