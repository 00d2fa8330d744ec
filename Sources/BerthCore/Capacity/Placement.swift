internal import BerthJSON
package import BerthModel

/// Finds units for a whole request, all or nothing: a grant, or everything that is short.
///
/// It only reads; what it says is exact, for nothing else is held between its answer and the event that applies it.
package struct Placement {
    /// What the host has.
    let capacity: Capacity
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

    package init(
        capacity: Capacity, cores: CoreChoice, held: Holdings, unmanaged: Quantity? = nil, current: Grant? = nil,
        strategy: Strategy = .standard
    ) {
        self.capacity = capacity
        self.cores = cores
        self.held = held
        self.unmanaged = unmanaged
        self.current = current
        self.strategy = strategy
    }

    /// What is granted for these resources.
    /// - Throws: `.insufficient` with everything that is short, or `.invalid` for what this host does not know
    package func grant(_ resources: Resources) throws(Refusal) -> Grant {
        let violations = self.violations(resources)
        guard violations.isEmpty else { throw .invalid(violations) }
        var shortfalls: [Shortfall] = []
        let grant = place(resources, &shortfalls)
        guard shortfalls.isEmpty else {
            throw .insufficient(shortfalls, ever: fitsEmptyHost(resources))
        }
        return grant
    }

    /// What is granted for resources that make sense here; nil where something is short.
    func fit(_ resources: Resources) -> Grant? {
        var shortfalls: [Shortfall] = []
        let grant = place(resources, &shortfalls)
        return shortfalls.isEmpty ? grant : nil
    }

    /// Everything that is short for resources that make sense here.
    func shortfalls(_ resources: Resources) -> [Shortfall] {
        var shortfalls: [Shortfall] = []
        _ = place(resources, &shortfalls)
        return shortfalls
    }

    private func place(_ resources: Resources, _ shortfalls: inout [Shortfall]) -> Grant {
        var grant = Grant()
        for ask in resources.asks {
            let hold: Hold? =
                switch ask.type {
                case .cpu: ask.exclusive ? exclusiveCPU(ask, &shortfalls) : sharedCPU(ask, &shortfalls)
                case .memory: memory(ask, &shortfalls)
                case .pids: pids(ask, &shortfalls)
                case .network: network(ask, &shortfalls)
                case .storage: nil
                default: wholeUnits(ask, near: grant[.cpu]?.nodes, &shortfalls)
                }
            if let hold { grant.holds.append(hold) }
        }
        grant.storage = storage(resources.storage, &shortfalls)
        return grant
    }

    /// Whether the resources would fit if nobody held anything.
    private func fitsEmptyHost(_ resources: Resources) -> Bool {
        var shortfalls: [Shortfall] = []
        _ = Placement(capacity: capacity, cores: cores, held: Holdings()).place(resources, &shortfalls)
        return shortfalls.isEmpty
    }
}
