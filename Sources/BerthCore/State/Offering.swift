internal import BerthModel

/// What there is to hold: the host's own, and what plugins provide.
extension State {
    /// What plugins provide is none of discovery's, and stays.
    func setCapacity(_ found: Capacity) -> Decision {
        var capacity = found
        capacity.provided = self.capacity?.provided ?? [:]
        return Decision(changes: capacity == self.capacity ? [] : [.capacityChanged(capacity)], answer: .nothing)
    }

    /// Only what has changed is told: a provider may have ten thousand units, and one of them fail. What is held and
    /// provided no more stays, failed, until it is given back.
    func setUnits(_ type: ResourceType, _ units: [Capacity.Unit]?) -> Decision {
        guard let capacity else { return Decision(answer: .nothing) }
        let former = capacity.provided[type] ?? []
        let known = Dictionary(former.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var changed = (units ?? []).filter { known[$0.name] != $0 }
        let there = Set((units ?? []).map(\.name))
        var gone: [String] = []
        for var unit in former where !there.contains(unit.name) {
            guard holdings.units[type]?[unit.name] != nil else {
                gone.append(unit.name)
                continue
            }
            let failure = "no plugin provides it any more"
            guard unit.failure != failure else { continue }
            unit.failure = failure
            changed.append(unit)
        }
        let isProvided = units != nil
        let isNew = isProvided != (capacity.provided[type] != nil)
        guard isNew && isProvided || !changed.isEmpty || !gone.isEmpty else { return Decision(answer: .nothing) }
        return Decision(changes: [.unitsChanged(type, changed, gone: gone, isProvided: isProvided)], answer: .nothing)
    }
}
