package import BerthCore
package import BerthJSON
package import BerthModel

/// One resource type as `GET /v1/resources` shows it.
package struct ResourceReport: Sendable {
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
    package struct Unit: Sendable {
        package var name: String
        package var state: UnitState
        package var capacity: Quantity?
        package var held: Quantity
        package var capabilities: [String: JSONValue]
        package var failure: String?
        package var devices: [DeviceNode] = []
        /// Whether what it is a part of is held, and it with that.
        package var isHeldWithWhole = false
        /// Of a disk what it can do, as far as that is known, and what of it is held.
        package var rates: (whole: StorageRates, held: StorageRates)?

        /// What of it can still be granted; nil where its capacity is unknown.
        package var free: Quantity? {
            capacity.map { capacity in
                state == .failed || state == .maintenance || isHeldWithWhole ? .zero : max(capacity - held, .zero)
            }
        }
    }

    package var type: ResourceType
    /// Whether anything runs that holds some of it.
    package var isRunning = false
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
    /// So much of it is under maintenance that nobody holds, and has not failed.
    package var withheld: Quantity = .zero
    /// So much of it is of units that have failed, and nobody holds it.
    package var failed: Quantity = .zero

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
        capacity.map { max($0 - max(systemReserved, unmanaged ?? .zero) - held - withheld - failed, .zero) }
    }

    /// What can be done with the type as a whole: `failed` where all of its units have, `maintenance` where all of it is.
    package var state: UnitState {
        if !units.isEmpty, units.allSatisfy({ $0.state == .failed }) { return .failed }
        if let capacity, capacity > .zero, withheld >= capacity { return .maintenance }
        if units.contains(where: { $0.state == .inUse }) { return .inUse }
        guard held > .zero else { return .available }
        return isRunning ? .inUse : .reserved
    }

    /// The report's document.
    package var json: JSONValue {
        let measure = type.measure
        var object: JSONObject = [
            "type": .string(type.name), "state": .string(state.rawValue), "measure": .string(measure.rawValue),
        ]
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
        object["units"] = .array(units.map { $0.json(measure) })
        return .object(object)
    }
}

extension ResourceReport.Unit {
    fileprivate func json(_ measure: Measure) -> JSONValue {
        var object: JSONObject = ["name": .string(name), "state": .string(state.rawValue)]
        object["capacity"] = capacity.map(measure.json) ?? .null
        object["held"] = measure.json(held)
        // What runs is measured by reservation, and not by unit.
        object["used"] = .null
        object["free"] = free.map(measure.json) ?? .null
        if let rates {
            object["rates"] = .object(
                JSONObject(
                    StorageRates.all.map { rate in
                        let (whole, held) = (rates.whole[keyPath: rate.path], rates.held[keyPath: rate.path] ?? .zero)
                        let free = state == .maintenance ? .zero : whole.map { max($0 - held, .zero) }
                        return (
                            rate.name,
                            [
                                "capacity": whole.map(rate.measure.json) ?? .null, "held": rate.measure.json(held),
                                "free": free.map(rate.measure.json) ?? .null,
                            ]
                        )
                    }))
        }
        object["capabilities"] = .object(
            JSONObject(capabilities.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
        object["reason"] = failure.map { .string($0) }
        if !devices.isEmpty { object["devices"] = .array(devices.map { .string($0.description) }) }
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
        let disks = capacity.disks.map { disk in
            let held = held.storage[disk.name] ?? StorageRates()
            return Unit(
                name: disk.name, state: running.state(of: .storage, disk.name), capacity: disk.rates.bytes,
                held: (held.read ?? .zero) + (held.write ?? .zero), capabilities: disk.capabilities,
                rates: (disk.rates, held))
        }
        let interfaces = units(.network, capacity.interfaces, held.network, running)
        let reports = [
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
                type: .storage, capacity: sum(disks), systemReserved: .zero,
                held: disks.map(\.held).reduce(.zero, +), units: disks),
            ResourceReport(
                type: .network, capacity: network.isEmpty ? nil : network.reduce(.zero, +), systemReserved: .zero,
                held: held[.network], units: interfaces, failed: interfaces.lost),
            whole(.gpu, capacity, held, running),
        ]
        return
            (reports
            + capacity.provided.keys.filter(\.isProvided).sorted().map { whole($0, capacity, held, running) })
            .map { report in
                var report = report
                report.isRunning = running.types.contains(report.type)
                return report
            }
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
                    units[place].isHeldWithWhole = state != .available
                }
            }
        }
        return ResourceReport(
            type: type, capacity: Quantity(Int64(wholes.count) * type.whole.units), systemReserved: .zero,
            held: units.filter { wholes.contains($0.name) }.map(\.held).reduce(.zero, +), units: units,
            failed: units.filter { wholes.contains($0.name) }.lost)
    }

    /// What units have together; nil where nobody knows it of one of them, and where there are none.
    private static func sum(_ units: [Unit]) -> Quantity? {
        let known = units.compactMap(\.capacity)
        return known.isEmpty || known.count < units.count ? nil : known.reduce(.zero, +)
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

extension [ResourceReport.Unit] {
    /// What of them has failed and is held by nobody.
    fileprivate var lost: Quantity {
        filter { $0.failure != nil }.map { Swift.max(($0.capacity ?? .zero) - $0.held, .zero) }.reduce(.zero, +)
    }
}

extension StorageRates {
    /// Bytes that can be read and written in a second, one beside the other; nil where one of them is not known.
    fileprivate var bytes: Quantity? { read.flatMap { read in write.map { read + $0 } } }
}

/// Which units are held, and whether anything runs on them.
private struct Running {
    private var states: [ResourceType: [String: ResourceReport.UnitState]] = [:]
    /// The types of which somebody who runs holds some.
    private(set) var types: Set<ResourceType> = []

    init(_ state: State, _ quarantined: Set<ReservationID>) {
        for reservation in state.reservations.values {
            let unitState: ResourceReport.UnitState =
                quarantined.contains(reservation.id) ? .failed : reservation.attached.isEmpty ? .reserved : .inUse
            for hold in reservation.grant.holds {
                if unitState == .inUse { types.insert(hold.type) }
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
