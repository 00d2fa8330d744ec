internal import BerthModel

/// The units of a type that could answer one ask, before any strategy chooses among them.
struct UnitSupply {
    /// How much of each unit is wanted: all of it, or a share of one GPU.
    let share: Quantity
    /// How many units are wanted.
    let count: Int
    /// What is held already and stays, though it may have failed meanwhile; what works before what does not.
    let staying: [Capacity.Unit]
    /// What else could be held, in the order of the capacity.
    private(set) var free: [Capacity.Unit]
    /// The same by NUMA node; -1 is no known node.
    private(set) var fresh: [Int: [Capacity.Unit]]
    /// What others hold.
    let taken: TakenUnits
    /// Everything that is of the kind that is wanted, held or not.
    let all: [Capacity.Unit]
    /// Whether any of what is free hangs on a PCIe switch; false where the strategy does not go by that.
    let isOnSwitches: Bool

    private let whole: Quantity

    /// Whether a part of one GPU is wanted.
    var isShare: Bool { share < whole }

    /// How many units are still to be chosen.
    var missing: Int { max(count - staying.count, 0) }

    init(_ ask: Ask, for placement: Placement) {
        whole = ask.type.whole
        share = ask.amount > .zero ? min(ask.amount, whole) : whole
        count = Int(ask.amount.units / share.units)
        let units = placement.capacity.wholeUnits(ask.type)
        // Who says nothing of parts wants none.
        let isPart = ask.constraints["partition"] != nil
        let current = placement.current?[ask.type]
        let shares = Dictionary(
            (current?.units ?? []).map { ($0.name, $0.quantity) }, uniquingKeysWith: { first, _ in first })
        let kept = Set(shares.keys)
        // What was chosen by the same constraints is held for good, whatever is said of it since.
        let isSame = current?.constraints == ask.constraints
        let bounds = placement.bounds
        let fitting = units.filter { unit in
            isSame && kept.contains(unit.name)
                || (unit.parent != nil) == isPart && unit.satisfies(ask.constraints) && bounds.allow(unit, ask.type)
        }
        let (share, whole) = (share, whole)
        let taken = TakenUnits(ask.type, units, placement.held.units[ask.type] ?? [:])
        let keeping = fitting.filter { unit in
            guard let held = shares[unit.name], taken.hasRoom(for: share, on: unit) else { return false }
            // Of what has failed it is given no more.
            return unit.failure == nil || share <= held
        }
        staying = keeping.filter { $0.failure == nil } + keeping.filter { $0.failure != nil }
        let own = TakenUnits(
            ask.type, units, Dictionary(staying.map { ($0.name, whole) }, uniquingKeysWith: { first, _ in first }))
        free = fitting.filter { unit in
            unit.failure == nil && !kept.contains(unit.name) && taken.hasRoom(for: share, on: unit)
                && !own.contains(unit)
        }
        fresh = Dictionary(grouping: free) { $0.node ?? -1 }
        self.taken = taken
        all = fitting
        isOnSwitches =
            (placement.strategy == .optimized || placement.strategy == .priority) && free.contains(where: \.isOnSwitch)
    }

    /// The same where only some of what is free will do.
    func with(_ some: [Capacity.Unit]) -> UnitSupply {
        var supply = self
        supply.free = some
        supply.fresh = Dictionary(grouping: some) { $0.node ?? -1 }
        return supply
    }

    /// What could be chosen on these nodes and on no known one; nil is on all.
    func fresh(on nodes: CPUSet?) -> [Int: [Capacity.Unit]] {
        guard let nodes else { return fresh }
        return fresh.filter { $0.key < 0 || nodes.contains($0.key) }
    }

    /// What could be had now at the most: of a share what the emptiest has left.
    func most(on nodes: CPUSet?) -> Quantity {
        guard isShare else {
            let units = fresh(on: nodes).values.reduce(staying.count) { $0 + $1.count }
            return Quantity(Int64(units) * whole.units)
        }
        return all.filter { unit in
            unit.failure == nil && !unit.isPart && (unit.node.flatMap { nodes?.contains($0) } ?? true)
        }.map(taken.room).max() ?? .zero
    }
}
