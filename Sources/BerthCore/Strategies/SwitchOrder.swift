internal import BerthModel

/// Units that are near each other on PCIe: what is on one switch is reached without the host bridge. What is on none is by itself.
extension Placement {
    /// Units of a node in an order in which so many of them touch the fewest switches, with the interface that is asked for: those on
    /// switches that are touched already, then those on the least switch that has enough, or on the largest ones; of these rather
    /// those with an interface that would do.
    func onFewSwitches(_ units: [Capacity.Unit], _ missing: Int, touched: Set<String>) -> [Capacity.Unit] {
        var groups: [(name: String, places: [Int])] = []
        var known: [String: Int] = [:]
        for (place, unit) in units.enumerated() {
            let name = unit.pcieSwitch ?? unit.name
            let group = known[name] ?? groups.count
            if group == groups.count {
                known[name] = group
                groups.append((name, []))
            }
            groups[group].places.append(place)
        }
        let first = groups.filter { touched.contains($0.name) }
        let rest = missing - first.reduce(0) { $0 + $1.places.count }
        var others = groups.filter { !touched.contains($0.name) }
        // Where an interface is on what is touched, it asks for nothing more.
        let network = networkSwitches.isDisjoint(with: touched) ? networkSwitches : []
        let enough = others.indices.filter { others[$0].places.count >= rest }
        if rest <= 0 || !enough.isEmpty {
            func rank(_ index: Int) -> (Int, Int, Int) {
                let isEnough = others[index].places.count >= rest
                let isNear = network.contains(others[index].name)
                return (isEnough ? (isNear ? 0 : 1) : 2, others[index].places.count, index)
            }
            others = others.indices.sorted { rank($0) < rank($1) }.map { others[$0] }
        } else {
            let bySize = others.indices.sorted { (-others[$0].places.count, $0) < (-others[$1].places.count, $1) }
            others = bySize.map { others[$0] }
            var sums = 0
            let needed =
                1
                + (others.firstIndex {
                    sums += $0.places.count; return sums >= rest
                } ?? others.count - 1)
            // As many will do with the largest that has an interface among them, if those are enough.
            if !others.prefix(needed).contains(where: { network.contains($0.name) }),
                let near = others.firstIndex(where: { network.contains($0.name) })
            {
                let without = others.prefix(needed - 1).reduce(others[near].places.count) { $0 + $1.places.count }
                if without >= rest { others.insert(others.remove(at: near), at: 0) }
            }
        }
        return (first + others).flatMap { $0.places.map { units[$0] } }
    }

    /// The switches of the interfaces that would be taken for what is asked of one: that which is held, or any that has room, those
    /// of unknown speed last.
    func networkSwitches(for resources: Resources) -> Set<String> {
        guard let ask = resources[.network] else { return [] }
        let heldOf = held.network
        let kept = current?[.network]?.units.first?.name
        let fitting = interfaces(for: ask).filter { unit in
            unit.capacity.map { $0 - (heldOf[unit.name] ?? .zero) >= ask.amount } ?? true
        }
        if let own = fitting.first(where: { $0.name == kept }) { return Set([own.pcieSwitch].compactMap { $0 }) }
        let known = fitting.filter { $0.capacity != nil }
        return Set((known.isEmpty ? fitting : known).compactMap(\.pcieSwitch))
    }
}
