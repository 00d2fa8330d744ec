public import BerthJSON

/// The `resources` of a request or of a change, as the client wrote them: what is not written stays as it is.
public struct ResourceChange: Hashable, Sendable {
    /// What is written of one type.
    public struct Part: Hashable, Sendable {
        /// The type.
        public var type: ResourceType
        /// Counted and protected.
        public var amount: Quantity?
        /// The least that will do.
        public var minimum: Quantity?
        /// The ceiling.
        public var limit: Quantity?
        /// Whole cores.
        public var exclusive: Bool?
        /// Facts that the units must have.
        public var constraints: [String: Constraint]?
        /// Facts that the units should have.
        public var preferences: [String: Constraint]?
        /// What is written of memory besides how much. Only for ``ResourceType/memory``.
        public var terms: MemoryTermsChange
        /// What is said in words of the type's own. Only for types that plugins provide.
        public var parameters: JSONObject?

        /// - Parameters:
        ///   - type: the type
        ///   - amount: counted and protected
        ///   - minimum: the least that will do
        ///   - limit: the ceiling
        ///   - exclusive: whole cores
        ///   - constraints: facts that the units must have
        ///   - preferences: facts that the units should have
        ///   - terms: what is written of memory besides how much
        ///   - parameters: what is said in words of the type's own
        public init(
            type: ResourceType, amount: Quantity? = nil, minimum: Quantity? = nil, limit: Quantity? = nil,
            exclusive: Bool? = nil, constraints: [String: Constraint]? = nil,
            preferences: [String: Constraint]? = nil, terms: MemoryTermsChange = MemoryTermsChange(),
            parameters: JSONObject? = nil
        ) {
            self.type = type
            self.amount = amount
            self.minimum = minimum
            self.limit = limit
            self.exclusive = exclusive
            self.constraints = constraints
            self.preferences = preferences
            self.terms = terms
            self.parameters = parameters
        }
    }

    /// What is written, type by type.
    public var parts: [Part]
    /// What is written of storage; each entry takes the place of the device's former rates and weight.
    public var storage: [StorageAsk]
    /// What is written of any disks. Only in requests: a disk that is held has a name.
    public var disks: [DiskAsk]
    /// What validators have put into it.
    public var amendments: [Amendment] = []

    /// - Parameters:
    ///   - parts: what is written, at most once a type
    ///   - storage: what is written of storage
    ///   - disks: what is written of any disks
    public init(parts: [Part], storage: [StorageAsk], disks: [DiskAsk] = []) {
        self.parts = parts
        self.storage = storage
        self.disks = disks
    }

    /// The resources that result from this change of `current`.
    /// - Throws: where the two make no sense together, with the pointer below `place`
    public func resolved(
        over current: Resources = Resources(), at place: JSONPointer = JSONPointer(["resources"])
    ) throws(JSONFieldError) -> Resources {
        var asks: [Ask] = []
        for part in parts {
            asks.append(try part.resolved(over: current[part.type], at: place.appending(part.type.name)))
        }
        return current.merging(Resources(asks, storage: storage, disks: disks))
    }
}

extension ResourceChange.Part {
    fileprivate func resolved(over current: Ask?, at place: JSONPointer) throws(JSONFieldError) -> Ask {
        guard let amount = amount ?? current?.amount else {
            throw .missing(at: place.appending("amount"), expected: type.measure.example)
        }
        let exclusive = exclusive ?? current?.exclusive ?? false
        if current?.exclusive == true, !exclusive {
            throw .invalid(
                at: place.appending("exclusive"), "cannot go from true to false; release it and reserve shared CPUs")
        }
        let minimum = minimum ?? current?.minimum
        if let minimum, minimum > amount {
            throw .invalid(
                at: place.appending("minimum"),
                "\(type.measure.text(minimum)) is above the amount of \(type.measure.text(amount))")
        }
        if type == .gpu, let minimum, minimum < type.whole, amount > type.whole {
            throw .invalid(
                at: place.appending("minimum"),
                "\(type.measure.text(minimum)) is a share of one GPU, and the amount is \(type.measure.text(amount))",
                expected: "a whole number of at least 1")
        }
        let limit = limit ?? current?.limit
        if let limit, exclusive {
            throw .invalid(
                at: place.appending("limit"),
                "\(type.measure.text(limit)) makes no sense with exclusive CPUs, whose ceiling is the CPUs themselves")
        }
        if let limit, limit < amount {
            throw .invalid(
                at: place.appending("limit"),
                "\(type.measure.text(limit)) is below the amount of \(type.measure.text(amount))")
        }
        return Ask(
            type, amount: amount, minimum: minimum, limit: limit, exclusive: exclusive,
            constraints: constraints ?? current?.constraints ?? [:],
            preferences: preferences ?? current?.preferences ?? [:],
            terms: terms.resolved(over: current?.terms ?? MemoryTerms()),
            parameters: parameters ?? current?.parameters ?? [:])
    }
}
