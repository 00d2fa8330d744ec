internal import BerthModel

/// Units that are near each other on PCIe: what is on one switch is reached without the host bridge.
extension Placement {
    /// Units of a node in the order in which the fewest switches are touched by so many of them: those first of the least switch
    /// that has enough, where it can be one with an interface that is asked for too; else of the largest.
    func onFewSwitches(_ units: [Capacity.Unit], _ missing: Int) -> [Capacity.Unit] {
        var groups: [(name: String?, units: [Capacity.Unit])] = []
        var places: [String?: Int] = [:]
        for unit in units {
            let name = unit.pcieSwitch
            if let place = places[name] {
                groups[place].units.append(unit)
            } else {
                places[name] = groups.count
                groups.append((name, [unit]))
            }
        }
        guard groups.count > 1 else { return units }
        func rank(_ index: Int) -> (Int, Int, Int) {
            let (name, units) = groups[index]
            guard let name, units.count >= missing else { return (name == nil ? 3 : 2, -units.count, index) }
            return (networkSwitches.contains(name) ? 0 : 1, units.count, index)
        }
        return groups.indices.sorted { rank($0) < rank($1) }.flatMap { groups[$0].units }
    }

    /// The switches on which an interface has room for what is asked of one.
    func networkSwitches(for resources: Resources) -> Set<String> {
        guard let ask = resources[.network] else { return [] }
        let heldOf = held.network
        return Set(
            interfaces(for: ask).filter { unit in
                unit.capacity.map { $0 - (heldOf[unit.name] ?? .zero) >= ask.amount } ?? true
            }.compactMap(\.pcieSwitch))
    }
}
