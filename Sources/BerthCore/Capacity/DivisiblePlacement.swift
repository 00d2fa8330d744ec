internal import BerthJSON
internal import BerthModel

/// Finding room in what is divisible: CPU time, memory, processes, disk rates.
extension Placement {
    func sharedCPU(_ ask: Ask, _ shortfalls: inout [Shortfall]) -> Hold? {
        let free = max(capacity.cpu - capacity.reservedCPU - held.cpu, kept(.cpu))
        guard ask.amount <= free else {
            shortfalls.append(Shortfall(.cpu, asked: ask.amount, free: free, capacity: capacity.cpu))
            return nil
        }
        return Hold(.cpu, amount: ask.amount, limit: ask.limit ?? ask.amount)
    }

    /// Memory, of one node where nodes are asked for: the one held already, else the first with room, or the one of which
    /// the largest part is left.
    func memory(_ ask: Ask, _ shortfalls: inout [Shortfall]) -> Hold? {
        var free = max(
            capacity.memory - max(capacity.reservedMemory, unmanaged ?? .zero) - held.memory, kept(.memory))
        var whole = capacity.memory
        var node: Int?
        let said =
            ask.nodes(among: capacity.nodeMemory.keys) ?? (same == .numa ? CPUSet(capacity.nodeMemory.keys) : nil)
        // Where the kernel shows no nodes there is one.
        if !capacity.nodeMemory.isEmpty || ask.constraints["numa"] != nil,
            let nodes = said.map(bounds.nodes).map({ scope?.intersection($0) ?? $0 })
        {
            let kept = current?[.memory]?.nodes
            func freeOf(_ node: Int) -> Quantity {
                let free = (capacity.nodeMemory[node] ?? .zero) - (held.nodeMemory[node] ?? .zero)
                return kept == [node] ? max(free, self.kept(.memory)) : free
            }
            func partLeft(_ node: Int) -> Int64 {
                let whole = Int128(max(capacity.nodeMemory[node]?.units ?? 1, 1))
                return Int64(clamping: Int128((freeOf(node) - ask.amount).units) * 1000 / whole)
            }
            var fitting = nodes.filter { ask.amount <= freeOf($0) }
            if strategy == .balanced { fitting.sort { (-partLeft($0), $0) < (-partLeft($1), $1) } }
            node =
                fitting.first { kept?.contains($0) == true }
                ?? fitting.first { ask.preferredNodes(among: nodes)?.contains($0) == true } ?? fitting.first
                ?? nodes.max { freeOf($0) < freeOf($1) }
            whole = node.flatMap { capacity.nodeMemory[$0] } ?? .zero
            free = min(free, node.map(freeOf) ?? .zero)
        }
        guard ask.amount <= free else {
            shortfalls.append(Shortfall(.memory, asked: ask.amount, free: free, capacity: whole))
            return nil
        }
        return Hold(
            .memory, amount: ask.amount, limit: ask.limit ?? ask.amount, nodes: node.map { [$0] },
            constraints: ask.constraints, preferences: ask.preferences, terms: ask.terms)
    }

    func pids(_ ask: Ask, _ shortfalls: inout [Shortfall]) -> Hold? {
        if let whole = capacity.pids {
            let free = max(whole - held.pids, kept(.pids))
            guard ask.amount <= free else {
                shortfalls.append(Shortfall(.pids, asked: ask.amount, free: free, capacity: whole))
                return nil
            }
        }
        return Hold(.pids, amount: ask.amount, limit: ask.limit ?? ask.amount)
    }

    /// How much of what it holds a resize may keep: all, also where the host has not that much any more.
    func kept(_ type: ResourceType) -> Quantity { current?[type]?.amount ?? .zero }

    /// Rates count only where the configuration states what a disk can do; elsewhere they are ceilings. Weights never
    /// count: they only tell how what there is gets divided.
    func storage(_ asks: [StorageAsk]) -> (asks: [StorageAsk], shortfalls: [Shortfall]) {
        let heldOf = held.storage
        var shortfalls: [Shortfall] = []
        let placed = asks.map { ask in
            guard let disk = capacity.disk(named: ask.device) else { return ask }
            // Under maintenance nothing of it is to be had, also where no rate is asked for.
            if held.withheld.covers(disk), ask.rates == StorageRates() {
                shortfalls.append(
                    Shortfall(
                        .storage, disk: DiskRate(disk: disk.name), asked: Quantity(1), free: .zero,
                        capacity: Quantity(1),
                        measure: .count))
            }
            for rate in StorageRates.all {
                guard let asked = ask.rates[keyPath: rate.path], let whole = disk.rates[keyPath: rate.path] else {
                    continue
                }
                let kept = current?.storage.first { $0.device == disk.name }?.rates[keyPath: rate.path] ?? .zero
                let free = max(whole - (heldOf[disk.name]?[keyPath: rate.path] ?? .zero), kept)
                if asked > free {
                    shortfalls.append(
                        Shortfall(
                            .storage, disk: DiskRate(disk: disk.name, rate: rate.name), asked: asked, free: free,
                            capacity: whole, measure: rate.measure))
                }
            }
            var placed = ask
            placed.device = disk.name
            return placed
        }
        return (placed, shortfalls)
    }
}
