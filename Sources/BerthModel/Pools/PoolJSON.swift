public import BerthJSON

extension Pool {
    /// The pool as answers and streams show it, every quantity in the unit that people count in.
    public var json: JSONObject {
        var object: JSONObject = ["name": .string(name.text), "kind": .string(kind.rawValue)]
        object["parent"] = parent.map { .string($0.text) }
        object["guaranteed"] = Pool.json(guaranteed)
        if kind != .static { object["max"] = Pool.json(most) }
        object["weight"] = JSONValue(weight)
        object["ceiling"] = .bool(hasCeiling)
        if kind == .elastic { object["give_back"] = .string(giveBack.rawValue) }
        object["strategy"] = strategy.map { .string($0.rawValue) }
        if !users.isEmpty { object["users"] = .array(users.sorted().map { JSONValue(Int64($0)) }) }
        if !groups.isEmpty { object["groups"] = .array(groups.sorted().map { JSONValue(Int64($0)) }) }
        object["configured"] = .bool(isConfigured)
        if isDraining { object["draining"] = true }
        return object
    }

    private static func json(_ amounts: [ResourceType: Quantity]) -> JSONValue {
        .object(JSONObject(amounts.sorted { $0.key < $1.key }.map { ($0.key.name, $0.key.measure.json($0.value)) }))
    }

    /// Reads what is said of a pool: the body of `PUT /v1/pools/{name}`, or its part of the configuration.
    /// - Parameters:
    ///   - name: its name
    ///   - user: reads who may use it
    ///   - group: reads which groups may
    public static func reader(
        _ name: PoolName, user: JSONReader<UInt32> = .accountNumber, group: JSONReader<UInt32> = .accountNumber
    ) -> JSONReader<Pool> {
        .fields { fields throws(JSONFieldError) in
            try Pool.read(&fields, name, user: user, group: group)
        }
    }

    /// Reads the same of an object that says more.
    public static func read(
        _ fields: inout JSONFields, _ name: PoolName, user: JSONReader<UInt32>, group: JSONReader<UInt32>
    ) throws(JSONFieldError) -> Pool {
        var pool = Pool(name, try fields.optional("kind", .oneOf(Kind.self)) ?? .dynamic)
        pool.parent = try fields.optional("parent", .poolName)
        pool.guaranteed = try fields.optional("guaranteed", .poolAmounts) ?? [:]
        let most = try fields.optional("max", .poolAmounts)
        let giveBack = try fields.optional("give_back", .oneOf(GiveBack.self))
        if most != nil, pool.kind == .static {
            throw fields.invalid("max", "makes no sense with the kind \"static\"", expected: "guaranteed alone")
        }
        if giveBack != nil, pool.kind != .elastic {
            throw fields.invalid(
                "give_back", "makes no sense with the kind \"\(pool.kind.rawValue)\"", expected: "the kind \"elastic\"")
        }
        pool.most = most ?? [:]
        pool.giveBack = giveBack ?? .end
        if let weight = try fields.optional("weight", .int(in: Pool.weights)) { pool.weight = weight }
        if let ceiling = try fields.optional("ceiling", .bool) { pool.hasCeiling = ceiling }
        pool.strategy = try fields.optional("strategy", .oneOf(Strategy.self))
        pool.users = Set(try fields.optional("users", .array(of: user)) ?? [])
        pool.groups = Set(try fields.optional("groups", .array(of: group)) ?? [])
        return pool
    }
}

extension Pools {
    /// The pools as streams show them.
    var json: JSONValue { .array(all.map { .object($0.json) }) }

    /// The pools as the ledger keeps them.
    public var stored: JSONValue { json }

    /// Reads what ``stored`` prints.
    public static var storedReader: JSONReader<Pools> {
        let each = JSONReader<Pool>.fields { fields throws(JSONFieldError) in
            let name = try fields.required("name", .poolName)
            var pool = try Pool.read(&fields, name, user: .accountNumber, group: .accountNumber)
            pool.isConfigured = try fields.optional("configured", .bool) ?? false
            pool.isDraining = try fields.optional("draining", .bool) ?? false
            return pool
        }
        return JSONReader(expecting: "pools") { value throws(JSONFieldError) in
            let pools = try JSONReader<[Pool]>.array(of: each).read(value)
            do throws(PoolError) { return try Pools(pools) } catch { throw .invalid(error.description) }
        }
    }
}

extension JSONReader where Value == UInt32 {
    /// The number of a user or group.
    public static var accountNumber: JSONReader {
        JSONReader(expecting: "the number of a user or group") { value throws(JSONFieldError) in
            guard let number = UInt32(exactly: try JSONReader<Int64>.int64.read(value)) else {
                throw .invalid("is no number of a user or group")
            }
            return number
        }
    }
}

extension JSONReader where Value == [ResourceType: Quantity] {
    /// How much of some types: of what is counted as a whole, so no rates of disks or interfaces. Units are whole ones.
    fileprivate static var poolAmounts: JSONReader {
        let expected = "quantities by type, such as {\"cpu\": 4, \"memory\": \"8GiB\"}"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            let object = try JSONReader<JSONObject>.object.read(value)
            var amounts: [ResourceType: Quantity] = [:]
            for (name, value) in object {
                let place = JSONPointer([name])
                guard let type = ResourceType(name), type != .storage, type != .network else {
                    throw .invalid(
                        at: place, "cannot be given to pools", expected: "cpu, memory, pids, gpu or a plugin's type")
                }
                let amount: Quantity
                do throws(ParseError) { amount = try type.measure.quantity(value) } catch {
                    throw .invalid(at: place, "is \(value.excerpt), not \(error.expected)", expected: error.expected)
                }
                guard amount.units % (type == .gpu ? type.whole.units : 1) == 0 else {
                    throw .invalid(at: place, "must be whole GPUs, not \(type.measure.text(amount))")
                }
                amounts[type] = amount
            }
            return amounts
        }
    }
}
