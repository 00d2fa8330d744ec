public import BerthJSON

/// What one reservation holds of one resource type.
public struct Hold: Hashable, Sendable {
    /// The type.
    public var type: ResourceType
    /// How much is counted against the host and protected.
    public var amount: Quantity
    /// The ceiling; nil for exclusive CPUs, which have none but themselves.
    public var limit: Quantity?
    /// What was asked, where the amount was rounded up to whole cores or there was less; else nil.
    public var asked: Quantity?
    /// The least of what was asked that will do; nil is all of it.
    public var minimum: Quantity?
    /// The exclusive CPUs; nil where CPU time is shared and for other types.
    public var cpus: CPUSet?
    /// The NUMA nodes it is bound to; nil where it is bound to none.
    public var nodes: CPUSet?
    /// The units it holds, with how much of each.
    public var units: [UnitShare]
    /// The facts that were asked of the units.
    public var constraints: [String: Constraint]
    /// The facts that the units should have.
    public var preferences: [String: Constraint]
    /// What is held of memory besides how much. Only for ``ResourceType/memory``.
    public var terms: MemoryTerms
    /// What was said in words of the type's own. Only for types that plugins provide.
    public var parameters: JSONObject

    /// How much of one unit is held.
    public struct UnitShare: Hashable, Sendable {
        /// The unit.
        public var name: String
        /// How much of it, in the measure of its type.
        public var quantity: Quantity

        /// - Parameters:
        ///   - name: the unit
        ///   - quantity: how much of it
        public init(name: String, quantity: Quantity) {
            self.name = name
            self.quantity = quantity
        }
    }

    /// - Parameters:
    ///   - type: the type
    ///   - amount: what is counted
    ///   - limit: the ceiling
    ///   - asked: what was asked, where it is not the amount
    ///   - minimum: the least that will do
    ///   - cpus: the exclusive CPUs
    ///   - nodes: the NUMA nodes it is bound to
    ///   - units: the units it holds
    ///   - constraints: what was asked of the units
    ///   - preferences: what the units should be
    ///   - terms: what is held of memory besides how much
    ///   - parameters: what was said in words of the type's own
    public init(
        _ type: ResourceType, amount: Quantity, limit: Quantity?, asked: Quantity? = nil, minimum: Quantity? = nil,
        cpus: CPUSet? = nil, nodes: CPUSet? = nil, units: [UnitShare] = [], constraints: [String: Constraint] = [:],
        preferences: [String: Constraint] = [:], terms: MemoryTerms = MemoryTerms(), parameters: JSONObject = [:]
    ) {
        self.type = type
        self.amount = amount
        self.limit = limit
        self.asked = asked
        self.minimum = minimum
        self.cpus = cpus
        self.nodes = nodes
        self.units = units
        self.constraints = constraints
        self.preferences = preferences
        self.terms = terms
        self.parameters = parameters
    }

    /// The ask that this hold answers, for a resize that leaves this type as it is.
    public var ask: Ask {
        Ask(
            type, amount: asked ?? amount, minimum: minimum, limit: limit == amount ? nil : limit,
            exclusive: cpus != nil, constraints: constraints, preferences: preferences, terms: terms,
            parameters: parameters)
    }

    /// Whether it is less than was asked.
    public var isPartial: Bool { asked.map { amount < $0 } ?? false }
}

/// What one reservation holds, of all types.
public struct Grant: Hashable, Sendable {
    /// At most one hold a type, in the order of the types; not storage.
    public var holds: [Hold]
    /// Ceilings on devices, by name.
    public var storage: [StorageAsk]

    /// - Parameters:
    ///   - holds: at most one a type
    ///   - storage: ceilings on devices
    public init(_ holds: [Hold] = [], storage: [StorageAsk] = []) {
        self.holds = holds.sorted { $0.type < $1.type }
        self.storage = storage
    }

    /// The hold of one type.
    public subscript(type: ResourceType) -> Hold? { holds.first { $0.type == type } }

    /// Whether it is less than was asked of any type.
    public var isPartial: Bool { holds.contains(where: \.isPartial) }

    /// The resources that this grant answers.
    public var resources: Resources { Resources(holds.map(\.ask), storage: storage) }
}
