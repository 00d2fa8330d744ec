package import BerthCore
package import BerthJSON
package import BerthModel

/// One resource type as `GET /v1/resources` shows it.
package struct ResourceReport: Hashable, Sendable {
    /// What can be done with a unit now.
    package enum UnitState: String, Hashable, Sendable, CaseIterable {
        /// Nobody holds it, or not all of it.
        case available
        /// It is held, and nothing runs.
        case reserved
        /// It is held, and processes run.
        case inUse = "in-use"
        /// It is under maintenance, and granted to nobody; what held it before goes on.
        case maintenance
        /// It cannot be held.
        case failed
    }

    /// One unit.
    package struct Unit: Hashable, Sendable {
        package var name: String
        package var state: UnitState
        package var capacity: Quantity?
        package var held: Quantity
        package var capabilities: [String: JSONValue]
        package var failure: String?
        package var devices: [DeviceNode] = []
    }

    package var type: ResourceType
    package var capacity: Quantity?
    package var systemReserved: Quantity
    package var held: Quantity
    package var units: [Unit]
    /// What runs in all reservations uses so much; nil where nothing measures it.
    package var used: Quantity?
    /// What runs outside of them uses so much; nil where nothing measures it.
    package var unmanaged: Quantity?
    /// The maintenance of it that is on, or the next; nil where there is none.
    package var maintenance: Maintenance?
    /// So much of it is under maintenance that nobody holds.
    package var withheld: Quantity = .zero

    /// A time of maintenance.
    package struct Maintenance: Hashable, Sendable {
        package var window: String
        package var start: Timestamp
        package var end: Timestamp
        package var reason: String?
        package var isOn: Bool
    }

    /// What can still be granted; nil where the capacity is unknown.
    package var free: Quantity? {
        capacity.map { max($0 - max(systemReserved, unmanaged ?? .zero) - held - withheld, .zero) }
    }

    /// The report's document.
    package var json: JSONValue {
        let measure = type.measure
        var object: JSONObject = ["type": .string(type.name), "measure": .string(measure.rawValue)]
        object["capacity"] = capacity.map(measure.json) ?? .null
        object["system_reserved"] = measure.json(systemReserved)
        object["unmanaged"] = unmanaged.map(measure.json) ?? .null
        object["held"] = measure.json(held)
        object["used"] = used.map(measure.json) ?? .null
        object["free"] = free.map(measure.json) ?? .null
        object["maintenance"] = maintenance.map { maintenance in
            var object: JSONObject = [
                "id": .string(maintenance.window), "start": .string(maintenance.start.description),
                "end": .string(maintenance.end.description), "on": .bool(maintenance.isOn),
            ]
            object["reason"] = maintenance.reason.map { .string($0) }
            return .object(object)
        }
        object["units"] = .array(
            units.map { unit in
                var object: JSONObject = ["name": .string(unit.name), "state": .string(unit.state.rawValue)]
                object["capacity"] = unit.capacity.map(measure.json) ?? .null
                object["held"] = measure.json(unit.held)
                object["capabilities"] = .object(
                    JSONObject(unit.capabilities.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
                object["reason"] = unit.failure.map { .string($0) }
                if !unit.devices.isEmpty { object["devices"] = .array(unit.devices.map { .string($0.description) }) }
                return .object(object)
            })
        return .object(object)
    }
}

extension ResourceReport {
    /// Every type of the host, in the order in which types are shown.
    package static func all(
        _ state: State, use: HostUse? = nil, quarantined: Set<ReservationID> = [], at now: Now
    ) -> [ResourceReport] {
        let reports = all(of: state, use, quarantined)
        let times = state.maintenanceTimes(now)
        guard let capacity = state.capacity, !times.isEmpty else { return reports }
        return reports.map { $0.maintained(in: times, of: capacity, now) }
    }

    private static func all(of state: State, _ use: HostUse?, _ quarantined: Set<ReservationID>) -> [ResourceReport] {
        guard let capacity = state.capacity else { return [] }
        let running = Running(state, quarantined)
        let held = state.holdings
        let network = capacity.interfaces.compactMap(\.capacity)
        return [
            ResourceReport(
                type: .cpu, capacity: capacity.cpu, systemReserved: capacity.reservedCPU, held: held.cpu,
                units: cores(capacity, running), used: use?.cpu),
            ResourceReport(
                type: .memory, capacity: capacity.memory, systemReserved: capacity.reservedMemory, held: held.memory,
                units: [], used: use?.memory, unmanaged: state.unmanagedMemory),
            ResourceReport(
                type: .pids, capacity: capacity.pids, systemReserved: .zero, held: held.pids, units: [],
                used: use?.pids),
            ResourceReport(
                type: .storage, capacity: nil, systemReserved: .zero, held: .zero,
                units: capacity.disks.map { disk in
                    Unit(
                        name: disk.name, state: running.state(of: .storage, disk.name), capacity: disk.rates.read,
                        held: held.storage[disk.name]?.read ?? .zero, capabilities: disk.capabilities)
                }),
            ResourceReport(
                type: .network, capacity: network.isEmpty ? nil : network.reduce(.zero, +), systemReserved: .zero,
                held: held[.network], units: units(.network, capacity.interfaces, held.network, running)),
            whole(.gpu, capacity, held, running),
        ] + capacity.provided.keys.filter(\.isProvided).sorted().map { whole($0, capacity, held, running) }
    }

    /// A type whose units are held whole. What is counted are wholes: one of which a part is held is held.
    private static func whole(
        _ type: ResourceType, _ capacity: Capacity, _ held: Holdings, _ running: Running
    ) -> ResourceReport {
        let heldUnits = held.units[type] ?? [:]
        // What a plugin has under other names is shown only while it is held.
        let known = capacity.wholeUnits(type).filter { !$0.isCovered || heldUnits[$0.name] != nil }
        let wholes = Set(known.filter { $0.parent == nil }.map(\.name))
        var units = units(type, known, heldUnits, running)
        let parents = Dictionary(
            known.compactMap { unit in unit.parent.map { (unit.name, $0) } }, uniquingKeysWith: { first, _ in first })
        if !parents.isEmpty {
            let states = Dictionary(
                units.filter { $0.failure == nil }.map { ($0.name, $0.state) }, uniquingKeysWith: { first, _ in first })
            let broken = Dictionary(
                units.filter { $0.held > .zero }.compactMap { unit in parents[unit.name].map { ($0, unit.state) } },
                uniquingKeysWith: { first, second in first == .inUse ? first : second })
            for place in units.indices where units[place].state == .available {
                let name = units[place].name
                if let state = broken[name] {
                    (units[place].state, units[place].held) = (state, type.whole)
                } else if let parent = parents[name], let state = states[parent] {
                    units[place].state = state
                }
            }
        }
        return ResourceReport(
            type: type, capacity: Quantity(Int64(wholes.count) * type.whole.units), systemReserved: .zero,
            held: units.filter { wholes.contains($0.name) }.map(\.held).reduce(.zero, +), units: units)
    }

    /// A unit is one core: exclusive CPUs are held by whole cores.
    private static func cores(_ capacity: Capacity, _ running: Running) -> [Unit] {
        capacity.topology.groups(.core).compactMap { core in
            let cpus = core.cpus.intersection(capacity.cpus)
            guard let first = cpus.first, let place = capacity.topology.place(of: first) else { return nil }
            let state = cpus.map { running.state(of: .cpu, "cpu\($0)") }.first { $0 != .available } ?? .available
            let whole = Quantity(Int64(cpus.count) * 1000)
            return Unit(
                name: "core\(first)", state: state, capacity: whole, held: state == .available ? .zero : whole,
                capabilities: [
                    "cpus": .string(cpus.description), "numa": JSONValue(place.node),
                    "package": JSONValue(place.package),
                    "l3": JSONValue(place.l3),
                ])
        }
    }

    private static func units(
        _ type: ResourceType, _ units: [Capacity.Unit], _ held: [String: Quantity], _ running: Running
    ) -> [Unit] {
        units.map { unit in
            var capabilities = unit.capabilities
            capabilities["numa"] = unit.node.map { JSONValue($0) }
            return Unit(
                name: unit.name, state: unit.failure == nil ? running.state(of: type, unit.name) : .failed,
                capacity: unit.capacity, held: held[unit.name] ?? .zero, capabilities: capabilities,
                failure: unit.failure, devices: unit.devices)
        }
    }
}

/// Which units are held, and whether anything runs on them.
private struct Running {
    private var states: [ResourceType: [String: ResourceReport.UnitState]] = [:]

    init(_ state: State, _ quarantined: Set<ReservationID>) {
        for reservation in state.reservations.values {
            let unitState: ResourceReport.UnitState =
                quarantined.contains(reservation.id) ? .failed : reservation.attached.isEmpty ? .reserved : .inUse
            for hold in reservation.grant.holds {
                let names = hold.units.map(\.name) + (hold.cpus?.map { "cpu\($0)" } ?? [])
                for name in names { note(hold.type, name, unitState) }
            }
            for ask in reservation.grant.storage { note(.storage, ask.device, unitState) }
        }
    }

    private mutating func note(_ type: ResourceType, _ name: String, _ state: ResourceReport.UnitState) {
        if states[type]?[name] != .inUse { states[type, default: [:]][name] = state }
    }

    func state(of type: ResourceType, _ name: String) -> ResourceReport.UnitState { states[type]?[name] ?? .available }
}
