public import BerthJSON

extension Hold {
    /// The hold as an answer shows it: quantities in the unit that people count in, CPUs and nodes as lists.
    public var json: JSONValue {
        var object: JSONObject = ["amount": type.measure.json(amount)]
        object["limit"] = limit.map(type.measure.json)
        object["asked"] = asked.map(type.measure.json)
        object["minimum"] = minimum.map(type.measure.json)
        if let cpus {
            object["exclusive"] = true
            object["cpus"] = .string(cpus.description)
        }
        object["numa_nodes"] = nodes.map { .string($0.description) }
        if !units.isEmpty {
            object["units"] = .object(JSONObject(units.map { ($0.name, type.measure.json($0.quantity)) }))
        }
        if !constraints.isEmpty {
            object["where"] = constraints.json
        }
        if !preferences.isEmpty { object["prefer"] = preferences.json }
        terms.write(to: &object)
        if !parameters.isEmpty { object["parameters"] = .object(parameters) }
        return .object(object)
    }

    /// Reads what ``json`` prints.
    static func reader(_ type: ResourceType) -> JSONReader<Hold> {
        .fields { fields throws(JSONFieldError) in
            let quantity = JSONReader<Quantity>.stored(type.measure)
            _ = try fields.optional("exclusive", .bool)
            return Hold(
                type, amount: try fields.required("amount", quantity), limit: try fields.optional("limit", quantity),
                asked: try fields.optional("asked", quantity), minimum: try fields.optional("minimum", quantity),
                cpus: try fields.optional("cpus", .cpuSet), nodes: try fields.optional("numa_nodes", .cpuSet),
                units: try fields.optional("units", .shares(type.measure)) ?? [],
                constraints: try fields.optional("where", .storedConstraints) ?? [:],
                preferences: try fields.optional("prefer", .storedConstraints) ?? [:],
                terms: try MemoryTermsChange.read(&fields).resolved(over: MemoryTerms()),
                parameters: try fields.optional("parameters", .object) ?? [:])
        }
    }
}

extension Grant {
    /// The holds by type, and storage as a list: the `resources` of a reservation.
    public var json: JSONValue {
        var object = JSONObject(holds.map { ($0.type.name, $0.json) })
        if !storage.isEmpty { object["storage"] = .array(storage.map(\.json)) }
        return .object(object)
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Grant> {
        .fields { fields throws(JSONFieldError) in
            var grant = Grant()
            for type in ResourceType.builtIn where type != .storage {
                if let hold = try fields.optional(type.name, Hold.reader(type)) { grant.holds.append(hold) }
            }
            grant.storage = try fields.optional("storage", .storage) ?? []
            for name in fields.others {
                guard let type = ResourceType(provided: name) else { continue }
                if let hold = try fields.optional(name, Hold.reader(type)) { grant.holds.append(hold) }
            }
            grant.holds.sort { $0.type < $1.type }
            return grant
        }
    }
}

extension JSONReader where Value == Quantity {
    /// A quantity that Berth itself printed: zero is one too.
    static func stored(_ measure: Measure) -> JSONReader {
        JSONReader(expecting: measure.example) { value throws(JSONFieldError) in
            do throws(ParseError) { return try measure.quantity(value) } catch { throw .invalid("is no quantity") }
        }
    }
}

extension JSONReader where Value == [String: Constraint] {
    /// Facts as Berth itself printed them.
    fileprivate static var storedConstraints: JSONReader {
        JSONReader(expecting: "an object of capabilities") { value throws(JSONFieldError) in
            try JSONReader<[String: JSONValue]>.dictionary(of: .value).read(value).mapValues { Constraint(stored: $0) }
        }
    }
}

extension JSONReader where Value == CPUSet {
    /// A list of CPUs or nodes, as the kernel writes it.
    static var cpuSet: JSONReader {
        JSONReader(expecting: "a list such as \"0-3,8\"") { value throws(JSONFieldError) in
            let text = try JSONReader<String>.string.read(value)
            do throws(ParseError) { return try CPUSet(parsing: text) } catch { throw .invalid("is \(error)") }
        }
    }
}

extension JSONReader where Value == [Hold.UnitShare] {
    /// How much of each unit, by name.
    fileprivate static func shares(_ measure: Measure) -> JSONReader {
        JSONReader(expecting: "an object of units") { value throws(JSONFieldError) in
            try JSONReader<[String: Quantity]>.dictionary(of: .stored(measure)).read(value)
                .sorted { $0.key < $1.key }.map { Hold.UnitShare(name: $0.key, quantity: $0.value) }
        }
    }
}
