internal import BerthJSON

/// Builds a JSON object in which what is unknown has no key: the host's document says `null` nowhere.
struct HostJSON {
    private(set) var object = JSONObject()

    /// The object as a value.
    var value: JSONValue { .object(object) }

    /// Adds a member unless it is unknown.
    mutating func add(_ key: String, _ value: JSONValue?) {
        if let value { object.append(value, for: key) }
    }

    /// Adds a whole number unless it is unknown.
    mutating func add(_ key: String, _ number: Int?) { add(key, number.map { JSONValue($0) }) }

    /// Adds a text unless it is unknown.
    mutating func add(_ key: String, _ text: String?) { add(key, text.map { JSONValue.string($0) }) }

    /// Adds a truth unless it is unknown.
    mutating func add(_ key: String, _ truth: Bool?) { add(key, truth.map { JSONValue.bool($0) }) }

    /// Adds a set as the kernel writes it (`0-3,8`; `""` for the empty set) unless it is unknown.
    mutating func add(_ key: String, _ set: CPUSet?) { add(key, set.map { JSONValue.string($0.description) }) }

    /// Adds a list unless it is unknown. The empty list is known to be empty.
    mutating func add(_ key: String, _ elements: [JSONValue]?) { add(key, elements.map { JSONValue.array($0) }) }

    /// Adds an object unless it has no member.
    mutating func addUnlessEmpty(_ key: String, _ part: HostJSON) {
        if !part.object.isEmpty { add(key, part.value) }
    }
}
