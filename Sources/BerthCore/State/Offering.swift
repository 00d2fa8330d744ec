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
            let withdrawal: Capacity.Unit.Withdrawal = units == nil ? .plugin : .unit
            guard unit.withdrawn != withdrawal else { continue }
            unit.withdrawn = withdrawal
            // A GPU is still the host's own; that it is kept here keeps its devices from others.
            let isHostsOwn = type == .gpu && capacity.gpus.contains { $0.name == unit.name }
            unit.failure =
                isHostsOwn
                ? nil : withdrawal == .plugin ? "no plugin provides it any more" : "its plugin has it no more"
            changed.append(unit)
        }
        let isProvided = units != nil
        let isNew = isProvided != (capacity.provided[type] != nil)
        guard isNew && (isProvided || former.isEmpty) || !changed.isEmpty || !gone.isEmpty else {
            return Decision(answer: .nothing)
        }
        return Decision(changes: [.unitsChanged(type, changed, gone: gone, isProvided: isProvided)], answer: .nothing)
    }

    /// Units that were there only because a reservation held them go when it gives them up, unless others share them.
    func dropped(by reservation: Reservation, keeping grant: Grant) -> [Event.Change] {
        reservation.grant.holds.compactMap { hold in
            guard let units = capacity?.provided[hold.type] else { return nil }
            let held = holdings.units[hold.type] ?? [:]
            let own = hold.units.filter { held[$0.name] ?? .zero <= $0.quantity }
            let given = Set(own.map(\.name)).subtracting(grant[hold.type]?.units.map(\.name) ?? [])
            let gone = units.filter { $0.withdrawn != nil && given.contains($0.name) }
            guard !gone.isEmpty else { return nil }
            return .unitsChanged(
                hold.type, [], gone: gone.map(\.name), isProvided: !units.contains { $0.withdrawn == .plugin })
        }
    }
}
