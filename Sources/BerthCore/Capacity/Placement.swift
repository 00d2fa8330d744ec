internal import BerthJSON
package import BerthModel

/// Finds units for a whole request, all or nothing: a grant, or everything that is short.
///
/// It only reads; what it says is exact, for nothing else is held between its answer and the event that applies it.
package struct Placement {
    /// What the host has.
    let capacity: Capacity
    /// The same with what is under maintenance.
    private let whole: Capacity
    /// Chooses whole cores of that host.
    let cores: CoreChoice
    /// What all others hold.
    let held: Holdings
    /// Memory that runs outside of every reservation; nil where nothing measures it.
    let unmanaged: Quantity?
    /// What the reservation itself holds, which a resize keeps as far as it can.
    let current: Grant?
    /// How units are chosen where there is a choice.
    let strategy: Strategy
    /// Whether everything that lies somewhere must be of one NUMA node.
    let same: Same?
    /// What others commonly ask for, which a choice should leave room for.
    let shapes: [Shape]
    /// Where it may lie, by what others hold.
    var bounds = Bounds()
    /// The NUMA nodes that are tried now; what is on no known node can be had too. Nil is all.
    var scope: CPUSet?
    /// Units that could answer the asks, where they are known already.
    var supplies: [ResourceType: UnitSupply] = [:]
    /// What nobody holds, where it is known already.
    var rest: HostRest?
    /// The PCIe switches on which an interface has room for what is asked of one.
    var networkSwitches: Set<String> = []

    package init(
        capacity: Capacity, cores: CoreChoice, held: Holdings, unmanaged: Quantity? = nil, current: Grant? = nil,
        strategy: Strategy = .standard, same: Same? = nil, shapes: [Shape] = Shape.standard
    ) {
        self.capacity = capacity.without(held.withheld)
        whole = capacity
        self.cores = cores
        self.held = held
        self.unmanaged = unmanaged
        self.current = current
        self.strategy = strategy
        self.same = same
        self.shapes = shapes
    }

    /// What is granted for these resources.
    /// - Throws: `.insufficient` with everything that is short, or `.invalid` for what this host does not know
    package func grant(_ resources: Resources) throws(Refusal) -> Grant { try placed(resources).grant }

    /// What is granted for these resources, and how good that is.
    /// - Throws: as ``grant(_:)``
    package func placed(_ resources: Resources) throws(Refusal) -> Placed {
        let violations = self.violations(resources)
        guard violations.isEmpty else { throw .invalid(violations) }
        let placed = search(resources)
        guard placed.shortfalls.isEmpty else {
            throw .insufficient(placed.shortfalls, ever: fitsEmptyHost(resources))
        }
        return placed
    }

    /// What is granted for resources that make sense here; nil where something is short.
    func fit(_ resources: Resources) -> Grant? {
        let placed = search(resources)
        return placed.shortfalls.isEmpty ? placed.grant : nil
    }

    /// Everything that is short for resources that make sense here.
    func shortfalls(_ resources: Resources) -> [Shortfall] { search(resources).shortfalls }

    /// Type by type, on the nodes that are tried now.
    func place(_ resources: Resources) -> Placed {
        var placed = Placed()
        // The interface is chosen last, near the GPUs.
        var network: (ask: Ask, holds: Int, shortfalls: Int)?
        for ask in resources.asks {
            let hold: Hold? =
                switch ask.type {
                case .cpu:
                    ask.exclusive
                        ? exclusiveCPU(ask, &placed.isExact, &placed.shortfalls) : sharedCPU(ask, &placed.shortfalls)
                case .memory: memory(ask, &placed.shortfalls)
                case .pids: pids(ask, &placed.shortfalls)
                case .network, .storage: nil
                default: wholeUnits(ask, &placed)
                }
            if ask.type == .network { network = (ask, placed.grant.holds.count, placed.shortfalls.count) }
            if let hold {
                placed.grant.holds.append(hold)
                placed.nodes = placed.nodes.union(hold.nodes ?? CPUSet())
            }
        }
        if let (ask, holds, shortfalls) = network {
            var short: [Shortfall] = []
            let hold = self.network(ask, &placed, &short)
            placed.grant.holds.insert(contentsOf: hold.map { [$0] } ?? [], at: holds)
            placed.shortfalls.insert(contentsOf: short, at: shortfalls)
        }
        let named = storage(resources.storage)
        placed.shortfalls += named.shortfalls
        let chosen = disks(resources.disks, beside: named.asks, on: placed.nodes, &placed.shortfalls)
        placed.grant.storage = (named.asks + chosen).sorted { $0.device < $1.device }
        return placed
    }

    /// Whether the resources would fit if nobody held anything.
    private func fitsEmptyHost(_ resources: Resources) -> Bool {
        Placement(capacity: whole.recovered, cores: cores, held: Holdings(), strategy: .greedy, same: same).search(
            resources
        )
        .shortfalls.isEmpty
    }
}

extension Capacity {
    /// The same where every plugin that is down has come up again.
    var recovered: Capacity {
        func isDown(_ unit: Unit) -> Bool { unit.failure?.hasPrefix(Unit.providerDown) ?? false }
        var capacity = self
        for (type, units) in provided where units.contains(where: isDown) {
            for index in units.indices where isDown(units[index]) { capacity.provided[type]?[index].failure = nil }
        }
        return capacity
    }
}

/// Units that were found for a request.
package struct Placed {
    /// What is held; of no meaning where something is short.
    package var grant = Grant()
    /// The NUMA nodes that it lies on.
    package var nodes = CPUSet()
    /// The PCIe switches that it lies on; a unit on none counts by its name.
    var switches: Set<String> = []
    /// Everything that is short.
    var shortfalls: [Shortfall] = []
    /// Whether no other choice is better by what its strategy goes by, as far as that is known.
    package var isExact = true
}
