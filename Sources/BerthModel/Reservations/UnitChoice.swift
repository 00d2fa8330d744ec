public import BerthJSON

/// How the units of a reservation were chosen when it was granted, and how good the choice is.
public struct UnitChoice: Hashable, Sendable {
    /// By what it was chosen.
    public var strategy: Strategy
    /// Whether nothing is better by what the strategy goes by. False where the search for something better was given up.
    public var isExact: Bool
    /// How many NUMA nodes it lies on; 0 where nothing of it lies on a known node.
    public var nodes: Int

    /// - Parameters:
    ///   - strategy: by what it was chosen
    ///   - isExact: whether nothing is better
    ///   - nodes: how many NUMA nodes it lies on
    public init(strategy: Strategy, isExact: Bool, nodes: Int) {
        self.strategy = strategy
        self.isExact = isExact
        self.nodes = nodes
    }

    /// As answers show it and the ledger keeps it.
    public var json: JSONValue {
        ["strategy": .string(strategy.rawValue), "exact": .bool(isExact), "nodes": JSONValue(nodes)]
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<UnitChoice> {
        .fields { fields throws(JSONFieldError) in
            UnitChoice(
                strategy: try fields.required("strategy", .oneOf(Strategy.self)),
                isExact: try fields.required("exact", .bool), nodes: Int(try fields.required("nodes", .int64)))
        }
    }
}
