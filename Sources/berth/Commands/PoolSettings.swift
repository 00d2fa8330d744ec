internal import BerthJSON

/// What `berth pools --set` says of a pool, and what becomes of the pool by it.
struct PoolSettings {
    private var said: JSONObject = [:]
    private var amounts: [(member: String, said: JSONObject)] = []

    /// The word that takes something away: a bound, a guarantee, all users or groups.
    static let none = "none"
    /// As a parent it is the host itself, for no pool has that name.
    static let host = "/"
    /// What `PUT /v1/pools/{name}` takes.
    private static let members = [
        "kind", "parent", "guaranteed", "max", "weight", "ceiling", "give_back", "strategy", "policy", "users",
        "groups",
    ]

    /// Says a member as a whole; nil says nothing.
    mutating func set(_ member: String, _ value: JSONValue?) {
        if let value { said[member] = value }
    }

    /// Says amounts of some types: `cpu=4,memory=8GiB`, or `cpu=none`. Nil says nothing.
    mutating func set(_ member: String, amounts text: String?) throws(CommandFailure) {
        guard let text else { return }
        var said: JSONObject = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let (type, amount) = try Assignment.split(
                part, "--\(member)", expected: "a type and an amount: cpu=4,memory=8GiB")
            guard said[type] == nil else {
                throw CommandFailure(
                    "--\(member) \(text.printable) says more than once how much \(type.printable)", status: 2)
            }
            said[type] = .string(amount)
        }
        amounts.append((member, said))
    }

    /// Says users or groups, by name or number: `ann,1001`, or `none`. Nil says nothing.
    mutating func set(_ member: String, accounts text: String?) throws(CommandFailure) {
        guard let text else { return }
        guard text != PoolSettings.none else { return said[member] = [] }
        var accounts: [JSONValue] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty, !part.contains(where: \.isWhitespace) else {
                throw CommandFailure(
                    "--\(member) \(text.printable) is not names or numbers of \(member): ann,1001", status: 2)
            }
            accounts.append(UInt32(part).map { JSONValue(Int64($0)) } ?? .string(String(part)))
        }
        said[member] = .array(accounts)
    }

    /// Says who goes first: a word, an object as the configuration has it, or `none`. Nil says nothing.
    mutating func set(policy text: String?) throws(CommandFailure) {
        guard let text else { return }
        guard text.first == "{" else {
            return said["policy"] = text == PoolSettings.none ? .null : ["kind": .string(text)]
        }
        do { said["policy"] = try JSONValue(parsing: text) } catch {
            throw CommandFailure("--policy is no JSON: \(error)", status: 2)
        }
    }

    /// What to ask for.
    /// - Parameter pool: how the pool is now; nil where there is none of its name
    func body(over pool: JSONValue?) -> JSONValue {
        var body: JSONObject = [:]
        for member in PoolSettings.members { body[member] = pool?[member] }
        for (member, value) in said { body[member] = value }
        if said["parent"]?.text == PoolSettings.host { body["parent"] = nil }
        if said["strategy"]?.text == PoolSettings.none { body["strategy"] = nil }
        if said["policy"] == .null { body["policy"] = nil }
        // What the pool had as another kind is not this kind's; what is said now is, and is the agent's to refuse.
        if body["kind"]?.text == "static" { body["max"] = nil }
        if body["kind"]?.text != "elastic" { body["give_back"] = said["give_back"] }
        for (member, said) in amounts {
            var merged = body[member]?.members ?? [:]
            for (type, amount) in said {
                if amount.text == PoolSettings.none { merged[type] = nil } else { merged[type] = amount }
            }
            body[member] = .object(merged)
        }
        return .object(body)
    }
}
