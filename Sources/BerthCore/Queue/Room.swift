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

        init(_ held: Holdings) {
            cpu = held.cpu.units
            memory = held.memory.units
        }
    }

    /// - Parameters:
    ///   - demand: the least that will do
    ///   - state: what there is
    ///   - wholes: how much there is of the types whose units are counted
    init(for demand: Amounts, in state: State, _ wholes: [ResourceType: Quantity]) {
        guard let capacity = state.capacity else { return }
        types = demand.parts.map(\.type)
        for part in demand.parts {
            let amount = Quantity(Int64(clamping: part.units))
            switch part.type {
            case .cpu: cpu = (capacity.cpu - capacity.reservedCPU - amount).units
            case .memory:
                let kept = max(capacity.reservedMemory, state.unmanagedMemory ?? .zero)
                memory = (capacity.memory - kept - amount).units
            default:
                if let whole = wholes[part.type] { others.append((part.type, whole - amount)) }
            }
        }
    }

    /// Whether there is room beside what a step holds.
    func has(_ step: Timeline.Step) -> Bool {
        step.sums.cpu <= cpu && step.sums.memory <= memory && others.allSatisfy { step.held[$0.type] <= $0.most }
            && (step.held.withheld.isEmpty || !types.contains(where: step.held.withheld.contains))
    }
}
