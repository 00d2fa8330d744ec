internal import BerthKernel
internal import BerthModel

/// The devices of units: who holds a unit or a share of it may open its devices, and no other reservation may.
struct ManagedDevices: Equatable {
    /// What a reservation may open of them, and what not.
    struct Plan: Equatable {
        /// What it may not open.
        var denied: [DeviceNode]
        /// What it may, by the type that it is of; also what a plugin gives it besides.
        var allowed: [ResourceType: [DeviceNode]] = [:]
        /// Why a type's devices are not its own alone, by type.
        var doubts: [ResourceType: String] = [:]
    }

    /// All of them, each once.
    let all: [DeviceNode]
    private let byUnit: [ResourceType: [String: [DeviceNode]]]
    /// Types with more devices than can be kept from others.
    private let crowded: Set<ResourceType>
    /// Units that are parts.
    private let parts: [ResourceType: Set<String>]

    init(_ capacity: Capacity) {
        var byUnit: [ResourceType: [String: [DeviceNode]]] = [:]
        var parts: [ResourceType: Set<String>] = [:]
        var crowded: Set<ResourceType> = []
        var all: Set<DeviceNode> = []
        for type in capacity.provided.keys.sorted() {
            let units = capacity.wholeUnits(type)
            let wholes = Dictionary(units.map { ($0.name, $0.devices) }, uniquingKeysWith: { first, _ in first })
            var own: [String: [DeviceNode]] = [:]
            for unit in units {
                // A part that only the kernel names is used through the devices of its whole.
                let devices = unit.isCovered ? unit.parent.flatMap { wholes[$0] } ?? [] : unit.devices
                guard !devices.isEmpty else { continue }
                own[unit.name] = devices
                if unit.parent != nil { parts[type, default: []].insert(unit.name) }
            }
            let more = all.union(own.values.joined())
            guard more.count <= DeviceFilter.mostDevices else {
                crowded.insert(type)
                continue
            }
            all = more
            byUnit[type] = own
        }
        (self.all, self.byUnit, self.crowded, self.parts) = (all.sorted(), byUnit, crowded, parts)
    }

    /// What a reservation may open, and what not.
    func plan(_ grant: Grant, _ provisions: [ResourceType: Provision]) -> Plan {
        let managed = Set(all)
        var plan = Plan(denied: [])
        for hold in grant.holds {
            let units = byUnit[hold.type] ?? [:]
            let own = hold.units.flatMap { units[$0.name] ?? [] }
            // What a plugin gave for other units is not for these; what is another unit's it cannot give.
            let provision =
                provisions[hold.type].flatMap { $0.units == hold.units.map(\.name) ? $0.devices : nil } ?? []
            let devices = Set(own + provision.filter { !managed.contains($0) })
            guard !devices.isEmpty else {
                if crowded.contains(hold.type) {
                    plan.doubts[hold.type] = "plugins name more than \(DeviceFilter.mostDevices) devices"
                }
                continue
            }
            plan.allowed[hold.type] = devices.sorted()
            if hold.units.contains(where: { units[$0.name] == nil }) {
                plan.doubts[hold.type] = "not every unit has a device that is its own"
            } else if hold.units.contains(where: { parts[hold.type]?.contains($0.name) == true }) {
                plan.doubts[hold.type] = "parts of one unit are used through the same device"
            } else if hold.units.contains(where: { $0.quantity < hold.type.whole }) {
                plan.doubts[hold.type] =
                    "nobody holds its programs to their share of the GPU: the kernel cannot, others who share it may use all"
            }
        }
        let open = Set(plan.allowed.values.joined())
        plan.denied = all.filter { !open.contains($0) }
        return plan
    }
}
