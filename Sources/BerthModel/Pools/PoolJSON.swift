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
        object["policy"] = policy?.json
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
    ///   - names: the users and groups that there are
    package static func reader(_ name: PoolName, _ names: AccountNames) -> JSONReader<Pool> {
        .fields { fields throws(JSONFieldError) in
            try Pool.read(&fields, name, names)
        }
    }

    /// Reads the same of an object that says more.
    fileprivate static func read(
        _ fields: inout JSONFields, _ name: PoolName, _ names: AccountNames
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
        pool.policy = try fields.optional("policy", Policy.reader(names))
        pool.users = Set(try fields.optional("users", .array(of: names.user)) ?? [])
        pool.groups = Set(try fields.optional("groups", .array(of: names.group)) ?? [])
        return pool
    }
}

extension Pools {
    /// The pools as streams show them.
    var json: JSONValue { .array(all.map { .object($0.json) }) }

    /// The pools as the ledger keeps them: with the numbers of the groups that their policies name.
    public var stored: JSONValue {
        .array(
            all.map { pool in
                var object = pool.json
                let groups = pool.policy?.groups ?? []
                if !groups.isEmpty {
                    object["group_numbers"] = .object(
                        JSONObject(groups.map { ($0.name, JSONValue(Int64($0.number))) }))
                }
                return .object(object)
            })
    }

    /// Reads what ``stored`` prints.
    public static var storedReader: JSONReader<Pools> {
        let each = JSONReader<Pool>.fields { fields throws(JSONFieldError) in
            let name = try fields.required("name", .poolName)
            let numbers = try fields.optional("group_numbers", .dictionary(of: .int64)) ?? [:]
            let names = AccountNames(user: { UInt32($0) }) { group in
                UInt32(group) ?? numbers[group].flatMap { UInt32(exactly: $0) }
            }
            var pool = try Pool.read(&fields, name, names)
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
