internal import BerthKernel
internal import BerthModel

/// The devices of units that are held whole: who holds a unit may open its devices, and no other reservation may.
struct ManagedDevices: Equatable {
    /// All of them, each once.
    let all: [DeviceNode]
    private let byUnit: [ResourceType: [String: [DeviceNode]]]

    init(_ capacity: Capacity) {
        var byUnit: [ResourceType: [String: [DeviceNode]]] = [:]
        for (type, units) in capacity.provided {
            for unit in units where !unit.devices.isEmpty { byUnit[type, default: [:]][unit.name] = unit.devices }
        }
        self.byUnit = byUnit
        all = Set(byUnit.values.flatMap { $0.values.joined() }).sorted()
    }

    /// Which of them a reservation may open.
    /// - Returns: what it may not, and what it may by the type that it is of; also those that a plugin gives it besides
    func plan(
        _ grant: Grant, _ provisions: [ResourceType: Provision]
    ) -> (denied: [DeviceNode], allowed: [ResourceType: [DeviceNode]]) {
        var allowed: [ResourceType: [DeviceNode]] = [:]
        for hold in grant.holds {
            let units = byUnit[hold.type] ?? [:]
            let devices = hold.units.flatMap { units[$0.name] ?? [] } + (provisions[hold.type]?.devices ?? [])
            if !devices.isEmpty { allowed[hold.type] = Set(devices).sorted() }
        }
        let open = Set(allowed.values.joined())
        return (all.filter { !open.contains($0) }, allowed)
    }
}
