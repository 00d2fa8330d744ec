public import BerthJSON

/// What one fact of a unit must be, as a request writes it: `false`, `1`, `"H200"`, `">=40GiB"`, `"~*A100*"`, or a list of
/// such of which all must hold.
///
/// A text that begins with `>=`, `<=`, `>` or `<` compares a number with a fact that is one: exactly, and with what may
/// stand behind a quantity (`40GiB`, `25Gbit`, `1.5k`). `!=` is met by a text, number or boolean that is another one; `~`
/// by a text that is as a pattern with `*` and `?` says. Anything else is what the fact must be equal to; a text that begins
/// with one of these signs has `=` before it then. A unit that does not have the fact meets none.
public struct Constraint: Hashable, Sendable {
    /// So many may be asked of one fact.
    public static let most = 8

    /// As the request wrote it: this is kept and shown.
    public let json: JSONValue
    /// What it says, read once.
    private let conditions: [Condition]

    /// Reads what a request writes of a fact.
    /// - Throws: for what makes no sense, with its place in a list
    public init(_ value: JSONValue) throws(JSONFieldError) {
        json = value
        guard case .array(let elements) = value else {
            conditions = [try Condition(value)]
            return
        }
        guard 1...Constraint.most ~= elements.count else {
            throw .invalid(
                "must be 1 to \(Constraint.most) conditions, not \(elements.count)",
                expected: "a list of conditions that all must hold, such as [\">=40GiB\", \"<80GiB\"]")
        }
        conditions = try JSONReader<[Condition]>.array(of: .condition).read(value)
    }

    /// What is kept of a reservation. Where a former release took what makes no sense today, it is what the fact must be
    /// equal to, as it was then.
    init(stored value: JSONValue) {
        if let constraint = try? Constraint(value) {
            self = constraint
        } else {
            json = value
            conditions = [.equal(value)]
        }
    }

    /// The one that holds where both do; nil where that are more conditions than may be asked of one fact.
    public func and(_ other: Constraint) -> Constraint? {
        func elements(_ json: JSONValue) -> [JSONValue] {
            if case .array(let elements) = json { elements } else { [json] }
        }
        return try? Constraint(.array(elements(json) + elements(other.json)))
    }

    /// Whether a fact is as it must be; nil where there is no such fact.
    public func holds(of fact: JSONValue?) -> Bool {
        guard let fact else { return false }
        return conditions.allSatisfy { $0.holds(of: fact) }
    }

    /// As it may stand in a message.
    public var excerpt: String {
        guard case .array(let elements) = json else { return json.excerpt }
        return elements.prefix(Constraint.most).map(\.excerpt).joined(separator: " and ")
    }

    /// Whether they are written the same: then they say the same.
    public static func == (left: Constraint, right: Constraint) -> Bool { left.json == right.json }

    /// Hashes what is written.
    public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

extension Constraint: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// Equal to a boolean.
    public init(booleanLiteral value: Bool) { self.init(stored: .bool(value)) }
    /// Equal to a number.
    public init(integerLiteral value: Int64) { self.init(stored: JSONValue(value)) }
    /// What the text says.
    public init(stringLiteral value: String) { self.init(stored: .string(value)) }
}

extension Constraint {
    /// The same of the number of a NUMA node: a number, or a comparison with numbers.
    /// - Throws: for what no node's number can be
    func ofNode() throws(JSONFieldError) -> Constraint {
        guard case .array(let elements) = json else {
            guard let condition = conditions.first else { return self }
            return try Constraint(try condition.node(json))
        }
        var nodes: [JSONValue] = []
        for (index, (condition, value)) in zip(conditions, elements).enumerated() {
            do throws(JSONFieldError) {
                nodes.append(try condition.node(value))
            } catch {
                throw error.below(JSONPointer([String(index)]))
            }
        }
        return try Constraint(.array(nodes))
    }
}

extension [String: Constraint] {
    /// As the request wrote them.
    var json: JSONValue { .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) })) }
}

extension JSONReader where Value == [String: Constraint] {
    /// So many facts may be asked of a unit: no unit has as many.
    private static var mostConstraints: Int { 64 }

    /// Facts that units must have, each with what it must be.
    static var constraints: JSONReader {
        let expected = "an object of capabilities and what they must be, such as {\"numa\": 1, \"vram\": \">=40GiB\"}"
        return JSONReader(expecting: expected) { value throws(JSONFieldError) in
            guard case .object(let object) = value else { throw .wrongType(expected: expected, found: value) }
            guard object.count <= mostConstraints else {
                throw .invalid(
                    "must be at most \(mostConstraints) capabilities, not \(object.count)", expected: expected)
            }
            var constraints: [String: Constraint] = [:]
            for (name, value) in object {
                let place = JSONPointer([name])
                guard constraints[name] == nil else { throw .duplicate(at: place) }
                do throws(JSONFieldError) {
                    let constraint = try Constraint(value)
                    constraints[name] = name == "numa" ? try constraint.ofNode() : constraint
                } catch {
                    throw error.below(place)
                }
            }
            return constraints
        }
    }
}
