public import BerthJSON

/// What a request wants of one resource type.
public struct Ask: Hashable, Sendable {
    /// The type.
    public var type: ResourceType
    /// How much is counted against the host and protected.
    public var amount: Quantity
    /// The least that will do where there is not as much; nil is the amount.
    public var minimum: Quantity?
    /// The ceiling; nil is the amount.
    public var limit: Quantity?
    /// Whole CPU cores for this reservation alone. Only for ``ResourceType/cpu``.
    public var exclusive: Bool
    /// What facts of the units must be, by name: `"numa": 1`.
    public var constraints: [String: Constraint]
    /// What facts of the units should be: those that meet more of it are taken first.
    public var preferences: [String: Constraint]
    /// What is asked of memory besides how much. Only for ``ResourceType/memory``.
    public var terms: MemoryTerms
    /// What is said in words of the type's own. Only for types that plugins provide.
    public var parameters: JSONObject

    /// - Parameters:
    ///   - type: the type
    ///   - amount: what is counted and protected
    ///   - minimum: the least that will do; nil is the amount
    ///   - limit: the ceiling; nil is the amount
    ///   - exclusive: whole cores
    ///   - constraints: facts that the units must have
    ///   - preferences: facts that the units should have
    ///   - terms: what is asked of memory besides how much
    ///   - parameters: what is said in words of the type's own
    public init(
        _ type: ResourceType, amount: Quantity, minimum: Quantity? = nil, limit: Quantity? = nil,
        exclusive: Bool = false, constraints: [String: Constraint] = [:], preferences: [String: Constraint] = [:],
        terms: MemoryTerms = MemoryTerms(), parameters: JSONObject = [:]
    ) {
        self.type = type
        self.amount = amount
        self.minimum = minimum == amount ? nil : minimum
        self.limit = limit
        self.exclusive = exclusive
        self.constraints = constraints
        self.preferences = preferences
        self.terms = terms
        self.parameters = parameters
    }

    /// Those of the NUMA nodes that will do; nil where nothing is said of nodes.
    public func nodes(among known: some Sequence<Int>) -> CPUSet? {
        constraints["numa"].map { constraint in CPUSet(known.filter { constraint.holds(of: JSONValue($0)) }) }
    }
}

/// Ceilings on the rates of one block device, and a weight among those who use it.
public struct StorageAsk: Hashable, Sendable {
    /// What a weight may be, as `io.weight` has it.
    public static let weights = 1...10_000

    /// The disk's name as discovery gives it, without `/dev/`: `nvme0n1`.
    public var device: String
    /// The rates; none is given only where there is a weight.
    public var rates: StorageRates
    /// The share of the device among siblings while they want more than it has; nil is the kernel's own, 100. It is
    /// counted against nothing.
    public var weight: Int?

    /// - Parameters:
    ///   - device: the disk's name without `/dev/`
    ///   - rates: the rates
    ///   - weight: the share among siblings
    public init(device: String, rates: StorageRates = StorageRates(), weight: Int? = nil) {
        self.device = device
        self.rates = rates
        self.weight = weight
    }

    /// The device, its rates and its weight.
    public var json: JSONValue {
        var object: JSONObject = ["device": .string(device)]
        for (name, value) in rates.json { object[name] = value }
        object["weight"] = weight.map { JSONValue($0) }
        return .object(object)
    }
}

/// Everything a request wants, of all types.
public struct Resources: Hashable, Sendable {
    /// At most one ask a type, in the order of the types; not storage.
    public var asks: [Ask]
    /// At most one ask a device, by name.
    public var storage: [StorageAsk]
    /// Storage of which it is left open on what disks it lies: each on one of its own.
    public var disks: [DiskAsk]

    /// - Parameters:
    ///   - asks: at most one a type
    ///   - storage: at most one a device
    ///   - disks: what is asked of any disks
    public init(_ asks: [Ask] = [], storage: [StorageAsk] = [], disks: [DiskAsk] = []) {
        self.asks = asks.sorted { $0.type < $1.type }
        self.storage = storage.sorted { $0.device < $1.device }
        self.disks = disks
    }

    /// The ask for one type.
    public subscript(type: ResourceType) -> Ask? { asks.first { $0.type == type } }

    /// These resources with those of a change in their place, type by type and device by device.
    public func merging(_ change: Resources) -> Resources {
        let kept = asks.filter { change[$0.type] == nil }
        let changed = Set(change.storage.map(\.device))
        let keptStorage = storage.filter { !changed.contains($0.device) }
        return Resources(kept + change.asks, storage: keptStorage + change.storage, disks: disks + change.disks)
    }

    /// The types that are asked for.
    public var types: [ResourceType] { asks.map(\.type) + (storage.isEmpty && disks.isEmpty ? [] : [.storage]) }

    /// The same without some of the types.
    public func without(_ types: Set<ResourceType>) -> Resources {
        let isStorageLeft = !types.contains(.storage)
        return Resources(
            asks.filter { !types.contains($0.type) }, storage: isStorageLeft ? storage : [],
            disks: isStorageLeft ? disks : [])
    }

    /// Whether nothing is asked.
    public var isEmpty: Bool { asks.isEmpty && storage.isEmpty && disks.isEmpty }
}
