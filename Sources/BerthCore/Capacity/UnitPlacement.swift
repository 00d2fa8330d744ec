internal import BerthModel

/// Finding units: GPUs and network interfaces.
extension Placement {
    /// Whole GPUs: as few NUMA nodes as will do, that of the CPUs first, then the lowest.
    func gpus(_ ask: Ask, near nodes: CPUSet?, _ shortfalls: inout [Shortfall]) -> Hold? {
        let count = Int(ask.amount.units / 1000)
        let fitting = capacity.gpus.filter { $0.satisfies(ask.constraints) }
        let kept = current?[.gpu]?.units.map(\.name) ?? []
        let free = fitting.filter { $0.failure == nil && held.gpus[$0.name] == nil }
        guard free.count >= count else {
            let all = Quantity(Int64(fitting.count) * 1000)
            shortfalls.append(
                Shortfall(.gpu, asked: ask.amount, free: Quantity(Int64(free.count) * 1000), capacity: all))
            return nil
        }
        let byNode = Dictionary(grouping: free, by: { $0.node ?? -1 })
        func rank(_ unit: Capacity.Unit) -> (Int, Int, Int, Int, String) {
            let node = unit.node ?? -1
            let size = byNode[node]?.count ?? 0
            return (
                kept.contains(unit.name) ? 0 : 1, nodes?.contains(node) == true ? 0 : 1,
                size >= count ? size : Int.max - size, node, unit.name
            )
        }
        let chosen = free.sorted { rank($0) < rank($1) }.prefix(count)
        return Hold(
            .gpu, amount: ask.amount, limit: ask.amount,
            units: chosen.map(\.name).sorted().map { Hold.UnitShare(name: $0, quantity: Quantity(1000)) },
            constraints: ask.constraints)
    }

    /// Bandwidth of one interface: the one held already, else the first with room; one of unknown speed last, where it
    /// is a ceiling only.
    func network(_ ask: Ask, _ shortfalls: inout [Shortfall]) -> Hold? {
        let fitting = capacity.interfaces.filter { $0.failure == nil && $0.satisfies(ask.constraints) }
        let heldOf = held.network
        func free(_ unit: Capacity.Unit) -> Quantity {
            unit.capacity.map { $0 - (heldOf[unit.name] ?? .zero) } ?? .largest
        }
        let kept = current?[.network]?.units.first?.name
        let candidates = fitting.filter { free($0) >= ask.amount }
        let chosen =
            candidates.first { $0.name == kept } ?? candidates.first { $0.capacity != nil } ?? candidates.first
        guard let chosen else {
            let most = fitting.filter { $0.capacity != nil }.max { free($0) < free($1) }
            shortfalls.append(
                Shortfall(
                    .network, asked: ask.amount, free: most.map(free) ?? .zero, capacity: most?.capacity ?? .zero))
            return nil
        }
        return Hold(
            .network, amount: ask.amount, limit: ask.limit ?? ask.amount,
            units: [Hold.UnitShare(name: chosen.name, quantity: ask.amount)], constraints: ask.constraints)
    }
}
