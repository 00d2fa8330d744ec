public import BerthJSON

extension Capacity {
    /// The whole capacity, as the log keeps and streams it. CPUs are rows of cpu, core, l3, die, package and node.
    public var json: JSONValue {
        var object: JSONObject = [:]
        object["cpu"] = Measure.cpus.json(cpu)
        object["cpus"] = .string(cpus.description)
        object["memory"] = Measure.bytes.json(memory)
        object["pids"] = pids.map(Measure.count.json)
        object["system_reserved"] = [
            "cpu": Measure.cpus.json(reservedCPU), "memory": Measure.bytes.json(reservedMemory),
        ]
        object["topology"] = .array(
            topology.places.map { place in
                let row = [place.cpu, place.core, place.l3, place.die, place.package, place.node]
                return .array((row + (place.cluster.map { [$0] } ?? [])).map { JSONValue($0) })
            })
        if let distances = topology.distances {
            object["distances"] = .array(distances.map { .array($0.map { JSONValue($0) }) })
        }
        object["numa_memory"] = .object(
            JSONObject(nodeMemory.sorted { $0.key < $1.key }.map { ("\($0.key)", Measure.bytes.json($0.value)) }))
        object["gpu"] = .array(gpus.map { $0.json(.gpus) })
        object["network"] = .array(interfaces.map { $0.json(.bitsPerSecond) })
        object["storage"] = .array(disks.map(\.json))
        object["shapes"] = shapes.map { .array($0.map(\.json)) }
        if !provided.isEmpty {
            object["provided"] = .object(
                JSONObject(
                    provided.sorted { $0.key < $1.key }.map { type, units in
                        (type.name, .array(units.map { $0.json(type.measure) }))
                    }))
        }
        return .object(object)
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Capacity> {
        .fields { fields throws(JSONFieldError) in
            let rows = try fields.required("topology", .array(of: .array(of: .int64)))
            let distances = try fields.optional("distances", .array(of: .array(of: .int64)))
            let places = try rows.map { row throws(JSONFieldError) in
                let row = row.map { Int($0) }
                guard 6...7 ~= row.count else {
                    throw fields.invalid("topology", "must have rows of six or seven numbers")
                }
                return CPUTopology.Place(
                    cpu: row[0], core: row[1], l3: row[2], die: row[3], package: row[4], node: row[5],
                    cluster: row.count > 6 ? row[6] : nil)
            }
            let topology: CPUTopology
            do throws(CPUTopology.Refusal) {
                topology = try CPUTopology(places, distances: distances?.map { $0.map { Int($0) } })
            } catch {
                throw fields.invalid("topology", "must have each CPU once")
            }
            let reserved = try fields.required("system_reserved", .systemReserved)
            var provided: [ResourceType: [Capacity.Unit]] = [:]
            for (name, units) in try fields.optional("provided", .object) ?? [:] {
                guard let type = ResourceType(name) else { continue }
                provided[type] = try JSONReader<[Capacity.Unit]>.array(of: .unit(type.measure))
                    .read(units, at: JSONPointer(["provided", name]))
            }
            let nodes = try fields.required("numa_memory", .dictionary(of: .stored(.bytes)))
            var capacity = Capacity(
                topology: topology, cpus: try fields.required("cpus", .cpuSet),
                cpu: try fields.required("cpu", .stored(.cpus)),
                memory: try fields.required("memory", .stored(.bytes)),
                nodeMemory: [Int: Quantity](
                    nodes.compactMap { key, value in Int(key).map { ($0, value) } },
                    uniquingKeysWith: { first, _ in first }),
                pids: try fields.optional("pids", .stored(.count)), reservedCPU: reserved.cpu,
                reservedMemory: reserved.memory, gpus: try fields.required("gpu", .array(of: .unit(.gpus))),
                interfaces: try fields.required("network", .array(of: .unit(.bitsPerSecond))),
                disks: try fields.required("storage", .array(of: .disk)), provided: provided)
            capacity.shapes = try fields.optional("shapes", .array(of: Shape.reader))
            return capacity
        }
    }
}

extension Capacity.Unit {
    func json(_ measure: Measure) -> JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["capacity"] = capacity.map(measure.json)
        object["node"] = node.map { JSONValue($0) }
        object["capabilities"] = .object(sortedObject(capabilities))
        object["failure"] = failure.map { .string($0) }
        object["parent"] = parent.map { .string($0) }
        object["withdrawn"] = withdrawn.map { .string($0.rawValue) }
        if !devices.isEmpty { object["devices"] = .array(devices.map { .string($0.description) }) }
        return .object(object)
    }
}

extension Capacity.Disk {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "partitions": .array(partitions.map { .string($0) }), "rates": .object(rates.json),
            "capabilities": .object(sortedObject(capabilities)),
        ]
    }
}

/// An object in the order of its names, so that equal capacities print the same.
private func sortedObject(_ members: [String: JSONValue]) -> JSONObject {
    JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
}

extension JSONReader where Value == (cpu: Quantity, memory: Quantity) {
    fileprivate static var systemReserved: JSONReader {
        .fields { fields throws(JSONFieldError) in
            (try fields.required("cpu", .stored(.cpus)), try fields.required("memory", .stored(.bytes)))
        }
    }
}

extension JSONReader where Value == Capacity.Unit {
    static func unit(_ measure: Measure) -> JSONReader {
        .fields { fields throws(JSONFieldError) in
            var unit = Capacity.Unit(
                name: try fields.required("name", .string), capacity: try fields.optional("capacity", .stored(measure)),
                node: Capacity.Unit.node(try fields.optional("node", .int64)),
                capabilities: try fields.required("capabilities", .dictionary(of: .value)),
                failure: try fields.optional("failure", .string), parent: try fields.optional("parent", .string),
                devices: try fields.optional("devices", .array(of: .device)) ?? [])
            unit.withdrawn = try fields.optional("withdrawn", .oneOf(Capacity.Unit.Withdrawal.self))
            return unit
        }
    }
}

extension JSONReader where Value == Capacity.Disk {
    fileprivate static var disk: JSONReader {
        .fields { fields throws(JSONFieldError) in
            Capacity.Disk(
                name: try fields.required("name", .string),
                partitions: try fields.required("partitions", .array(of: .string)),
                rates: try fields.required("rates", .rates),
                capabilities: try fields.required("capabilities", .dictionary(of: .value)))
        }
    }
}

extension JSONReader where Value == StorageRates {
    fileprivate static var rates: JSONReader {
        .fields { fields throws(JSONFieldError) in
            var rates = StorageRates()
            for rate in StorageRates.all {
                rates[keyPath: rate.path] = try fields.optional(rate.name, .stored(rate.measure))
            }
            return rates
        }
    }
}
