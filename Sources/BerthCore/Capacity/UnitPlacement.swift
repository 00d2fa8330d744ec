internal import BerthModel

/// Which units of a type cannot be held for what is held already: they themselves, a part of them, or what they are a part
/// of.
struct TakenUnits {
    private let type: ResourceType
    private let held: [String: Quantity]
    /// Wholes of which a part is held.
    private let broken: Set<String>
    /// Those of which a part is held under the kernel's own name, so that nobody knows which part of the plugin's it is.
    private let covered: Set<String>
    /// Those of which a part is held under the plugin's name, so that the kernel's own are not to be had.
    private let cut: Set<String>

    init(_ type: ResourceType, _ units: [Capacity.Unit], _ held: [String: Quantity]) {
        self.type = type
        self.held = held
        let parts = held.isEmpty ? [] : units.filter { $0.parent != nil && held[$0.name] != nil }
        broken = Set(parts.compactMap(\.parent))
        covered = Set(parts.filter(\.isCovered).compactMap(\.parent))
        cut = Set(parts.filter { !$0.isCovered }.compactMap(\.parent))
    }

    /// Whether nothing more of it can be held.
    func contains(_ unit: Capacity.Unit) -> Bool { room(on: unit) == .zero }

    /// Whether so much of it can be held besides: the whole where nobody holds any of it, or a share where others hold
    /// shares only. What is a part of a GPU already is held whole.
    func hasRoom(for quantity: Quantity, on unit: Capacity.Unit) -> Bool {
        quantity <= room(on: unit) && (quantity == type.whole || !unit.isPart)
    }

    /// How much of a unit nobody holds.
    func room(on unit: Capacity.Unit) -> Quantity {
        isBlocked(unit) ? .zero : max(type.whole - (held[unit.name] ?? .zero), .zero)
    }

    private func isBlocked(_ unit: Capacity.Unit) -> Bool {
        broken.contains(unit.name)
            || unit.parent.map { held[$0] != nil || (unit.isCovered ? cut : covered).contains($0) } ?? false
    }
}

/// Finding units: GPUs, what plugins provide, and network interfaces.
extension Placement {
    /// Whole units, as few NUMA nodes as will do, that of the CPUs first, then the lowest; or a share of one GPU.
    func wholeUnits(_ ask: Ask, near nodes: CPUSet?, _ shortfalls: inout [Shortfall]) -> Hold? {
        let whole = ask.type.whole.units
        let share = ask.amount > .zero ? min(ask.amount, ask.type.whole) : ask.type.whole
        let count = Int(ask.amount.units / share.units)
        let units = capacity.wholeUnits(ask.type)
        // Who says nothing of parts wants none.
        let isPart = ask.constraints["partition"] != nil
        let kept = Set(current?[ask.type]?.units.map(\.name) ?? [])
        // What was chosen by the same constraints is held for good, whatever is said of it since.
        let isSame = current?[ask.type]?.constraints == ask.constraints
        let fitting = units.filter { unit in
            isSame && kept.contains(unit.name)
                || (unit.parent != nil) == isPart && unit.satisfies(ask.constraints) && bounds.allow(unit, ask.type)
        }
        let taken = TakenUnits(ask.type, units, held.units[ask.type] ?? [:])
        // What is held already stays, though it may have failed meanwhile; what works before what does not.
        let keeping = fitting.filter { kept.contains($0.name) && taken.hasRoom(for: share, on: $0) }
        let staying = keeping.filter { $0.failure == nil } + keeping.filter { $0.failure != nil }
        let own = TakenUnits(
            ask.type, units,
            Dictionary(staying.map { ($0.name, ask.type.whole) }, uniquingKeysWith: { first, _ in first }))
        let fresh = fitting.filter { unit in
            unit.failure == nil && !kept.contains(unit.name) && taken.hasRoom(for: share, on: unit)
                && !own.contains(unit)
        }
        let free = staying + fresh
        guard free.count >= count else {
            // Of a share what the emptiest has left.
            let most = fitting.filter { $0.failure == nil && !$0.isPart }.map(taken.room).max() ?? .zero
            shortfalls.append(
                Shortfall(
                    ask.type, asked: ask.amount,
                    free: share < ask.type.whole ? most : Quantity(Int64(free.count) * whole),
                    capacity: Quantity(Int64(fitting.count) * whole)))
            return nil
        }
        let (best, others) = ask.preferred(fresh, count: count - staying.count)
        let byNode = Dictionary(grouping: others, by: { $0.node ?? -1 })
        let missing = count - staying.count - best.count
        if share < ask.type.whole, staying.isEmpty, missing > 0, let chosen = fullest(others, near: nodes, taken.room) {
            return Hold(
                ask.type, amount: ask.amount, limit: ask.amount,
                units: [Hold.UnitShare(name: chosen.name, quantity: share)], constraints: ask.constraints,
                preferences: ask.preferences)
        }
        func rank(_ node: Int) -> (Int, Int, Int) {
            let size = byNode[node]?.count ?? 0
            return (nodes?.contains(node) == true ? 0 : 1, size >= missing ? size : Int.max - size, node)
        }
        // By node, and not unit by unit: a provider may have ten thousand.
        let nearest = byNode.keys.sorted { rank($0) < rank($1) }.lazy.flatMap { byNode[$0] ?? [] }
        let chosen = staying.prefix(count) + best + nearest.prefix(max(missing, 0))
        return Hold(
            ask.type, amount: ask.amount, limit: ask.amount,
            units: chosen.map(\.name).sorted().map { Hold.UnitShare(name: $0, quantity: share) },
            constraints: ask.constraints, preferences: ask.preferences, parameters: ask.parameters)
    }

    /// The GPU that takes a share: the fullest of those near what else is held, or as the strategy has it.
    private func fullest(
        _ units: [Capacity.Unit], near nodes: CPUSet?, _ room: (Capacity.Unit) -> Quantity
    ) -> Capacity.Unit? {
        func isFar(_ unit: Capacity.Unit) -> Int { unit.node.map { nodes?.contains($0) ?? true } ?? false ? 0 : 1 }
        return switch strategy {
        case .greedy: units.first
        case .balanced: units.max { room($0) < room($1) }
        case .optimized, .priority: units.min { (isFar($0), room($0)) < (isFar($1), room($1)) }
        }
    }

    /// Bandwidth of one interface: the one held already, else the first with room; one of unknown speed last, where it
    /// is a ceiling only.
    func network(_ ask: Ask, _ shortfalls: inout [Shortfall]) -> Hold? {
        let fitting = capacity.interfaces.filter {
            $0.failure == nil && $0.satisfies(ask.constraints) && bounds.allow($0, .network)
        }
        let heldOf = held.network
        func free(_ unit: Capacity.Unit) -> Quantity {
            unit.capacity.map { $0 - (heldOf[unit.name] ?? .zero) } ?? .largest
        }
        let kept = current?[.network]?.units.first?.name
        let candidates = fitting.filter { free($0) >= ask.amount }
        let best = ask.preferred(candidates, count: 1).others
        let chosen =
            candidates.first { $0.name == kept } ?? best.first { $0.capacity != nil } ?? best.first
        guard let chosen else {
            let most = fitting.filter { $0.capacity != nil }.max { free($0) < free($1) }
            shortfalls.append(
                Shortfall(
                    .network, asked: ask.amount, free: most.map(free) ?? .zero, capacity: most?.capacity ?? .zero))
            return nil
        }
        return Hold(
            .network, amount: ask.amount, limit: ask.limit ?? ask.amount,
            units: [Hold.UnitShare(name: chosen.name, quantity: ask.amount)], constraints: ask.constraints,
            preferences: ask.preferences)
    }
}
