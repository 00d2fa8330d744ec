internal import BerthModel

/// Finding units: GPUs, what plugins provide, and network interfaces.
extension Placement {
    /// Whole units, or a share of one GPU.
    func wholeUnits(_ ask: Ask, _ placed: inout Placed) -> Hold? {
        let grant = placed.grant
        var supply = supplies[ask.type] ?? UnitSupply(ask, for: self)
        var fresh = supply.fresh(on: scope)
        guard supply.staying.count + fresh.values.reduce(0, { $0 + $1.count }) >= supply.count else {
            placed.shortfalls.append(
                Shortfall(
                    ask.type, asked: ask.amount, free: supply.most(on: scope),
                    capacity: Quantity(Int64(supply.all.count) * ask.type.whole.units)))
            return nil
        }
        var best: [Capacity.Unit] = []
        if !ask.preferences.isEmpty {
            let units = supply.free.filter { fresh[$0.node ?? -1] != nil }
            let (taken, others) = ask.preferred(units, count: supply.count - supply.staying.count)
            best = taken
            supply = supply.with(others)
            fresh = supply.fresh
        }
        let missing = max(supply.missing - best.count, 0)
        let chosen =
            supply.isShare
            ? shared(supply, fresh, missing, beside: grant)
            : apart(
                supply, fresh, missing, near: grant[.cpu]?.nodes,
                touched: placed.switches.union((supply.staying + best).map { $0.pcieSwitch ?? $0.name }))
        let units = supply.staying.prefix(supply.count) + best + chosen
        placed.nodes = placed.nodes.union(CPUSet(units.compactMap(\.node)))
        for unit in units { placed.switches.insert(unit.pcieSwitch ?? unit.name) }
        let names = units.map(\.name).sorted()
        return Hold(
            ask.type, amount: ask.amount, limit: ask.amount,
            units: names.map { Hold.UnitShare(name: $0, quantity: supply.share) },
            constraints: ask.constraints, preferences: ask.preferences, parameters: ask.parameters)
    }

    /// Bandwidth of one interface: the one held already, else the first with room; one of unknown speed last, where it
    /// is a ceiling only. Of those that would do, what is on the PCIe switch of the request's GPUs is nearest to them.
    func network(_ ask: Ask, _ placed: inout Placed, _ shortfalls: inout [Shortfall]) -> Hold? {
        let fitting = interfaces(for: ask)
        let heldOf = held.network
        let kept = current?[.network]?.units.first?.name
        func free(_ unit: Capacity.Unit) -> Quantity {
            let free = unit.capacity.map { $0 - (heldOf[unit.name] ?? .zero) } ?? .largest
            return unit.name == kept ? max(free, self.kept(.network)) : free
        }
        let candidates = fitting.filter { free($0) >= ask.amount }
        let best = ask.preferred(candidates, count: 1).others
        let known = best.filter { $0.capacity != nil }
        let switches = strategy == .optimized || strategy == .priority ? placed.switches : []
        let near = known.first { $0.pcieSwitch.map(switches.contains) ?? false }
        let chosen =
            candidates.first { $0.name == kept }
            ?? near ?? (strategy == .balanced ? known.emptiest { free($0) - ask.amount } : known.first) ?? best.first
        guard let chosen else {
            let most = fitting.filter { $0.capacity != nil }.max { free($0) < free($1) }
            shortfalls.append(
                Shortfall(
                    .network, asked: ask.amount, free: most.map(free) ?? .zero, capacity: most?.capacity ?? .zero))
            return nil
        }
        if let node = chosen.node { placed.nodes.insert(node) }
        placed.switches.insert(chosen.pcieSwitch ?? chosen.name)
        return Hold(
            .network, amount: ask.amount, limit: ask.limit ?? ask.amount,
            units: [Hold.UnitShare(name: chosen.name, quantity: ask.amount)], constraints: ask.constraints,
            preferences: ask.preferences)
    }

    /// The interfaces that would do for an ask, had they the room.
    func interfaces(for ask: Ask) -> [Capacity.Unit] {
        let kept = current?[.network]?.units.first?.name
        return capacity.interfaces.filter { unit in
            unit.failure == nil && unit.satisfies(ask.constraints) && bounds.allow(unit, .network)
                && (unit.name == kept || (unit.node.flatMap { scope?.contains($0) } ?? true))
        }
    }
}

extension [Capacity.Unit] {
    /// The one of which the largest part is left, the first of equals.
    fileprivate func emptiest(_ left: (Capacity.Unit) -> Quantity) -> Capacity.Unit? {
        func part(_ unit: Capacity.Unit) -> Int64 {
            // In thousandths; a capacity is at most 2^53.
            let whole = Swift.max(unit.capacity?.units ?? 1, 1)
            return Int64(clamping: Int128(left(unit).units) * 1000 / Int128(whole))
        }
        return self.max { part($0) < part($1) }
    }
}
