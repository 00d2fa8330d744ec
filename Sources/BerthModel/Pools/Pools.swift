public import BerthJSON

/// All pools of a host: a tree of which every name is there once, and ``PoolName/standard`` always.
public struct Pools: Hashable, Sendable {
    private var pools: [PoolName: Pool]
    /// The pools within each, by name; of nil, those of the host itself.
    private var within: [PoolName?: [PoolName]] = [:]

    /// The types that they say anything of.
    public private(set) var types: Set<ResourceType> = []
    /// The groups that policies count by, in the order in which one is looked for that a user is in: those of the host first.
    package private(set) var groups: [NamedGroup] = []

    /// So deep may pools lie in one another.
    public static let deepest = 4
    /// So many pools there may be.
    public static let most = 256

    /// The default pool alone, which has the whole host.
    public init() { self.init(valid: [:]) }

    private init(valid pools: [PoolName: Pool]) {
        self.pools = pools
        if self.pools[.standard] == nil { self.pools[.standard] = Pool(.standard) }
        for pool in self.pools.values.sorted(by: { $0.name < $1.name }) {
            within[pool.parent, default: []].append(pool.name)
            types.formUnion(pool.guaranteed.keys)
            types.formUnion(pool.most.keys)
        }
        let policies = [self.pools[.standard]?.policy] + all.filter { $0.name != .standard }.map(\.policy)
        for group in policies.flatMap({ $0?.groups ?? [] }) where !groups.contains(where: { $0.name == group.name }) {
            groups.append(group)
        }
    }

    /// - Parameter pools: all of them; the default one may be left out
    /// - Throws: the first thing that is wrong with them
    public init(_ pools: [Pool]) throws(PoolError) {
        var named: [PoolName: Pool] = [:]
        guard pools.count <= Pools.most else { throw .tooMany }
        for pool in pools {
            guard named.updateValue(pool, forKey: pool.name) == nil else { throw .twice(pool.name) }
        }
        self.init(valid: named)
        for pool in all { try check(pool) }
    }

    /// All of them, by name.
    public var all: [Pool] { pools.values.sorted { $0.name < $1.name } }

    /// One of them.
    public subscript(name: PoolName) -> Pool? { pools[name] }

    /// The pools within one, by name; of nil, those of the host itself.
    public func within(_ name: PoolName?) -> [PoolName] { within[name] ?? [] }

    /// A pool and those that it is a part of, the outermost last; of what is no pool, the default one.
    public func path(of name: PoolName) -> [Pool] {
        var path: [Pool] = []
        var next: PoolName? = pools[name] == nil ? .standard : name
        while let name = next, let pool = pools[name], path.count <= Pools.deepest {
            path.append(pool)
            next = pool.parent
        }
        return path
    }

    /// How units are chosen for a request: as it says, or else the nearest pool that says it; nil where none does. Nobody goes
    /// for a gang or for a start to come, and for who waits in a pool that takes back what it has lent those who borrowed it, so
    /// that ``Strategy/priority`` of a pool is ``Strategy/optimized`` for them.
    public func strategy(for request: ReservationRequest) -> Strategy? {
        if let own = request.strategy { return own }
        let common = path(of: request.pool).lazy.compactMap(\.strategy).first
        guard common == .priority else { return common }
        let takesBack = pools[request.pool]?.giveBack == .preempt && request.wait != nil
        return takesBack || request.gang != nil || request.start != nil ? .optimized : common
    }

    /// Of a pool and those that it is within the one that is for others than this user; nil where it may use them all.
    public func barring(user: UInt32, groups: some Sequence<UInt32>, from name: PoolName) -> Pool? {
        path(of: name).first { pool in
            !(pool.users.isEmpty && pool.groups.isEmpty || pool.users.contains(user)
                || groups.contains(where: pool.groups.contains))
        }
    }

    /// Whether they say nothing: there is the default pool alone, and it has the whole host.
    public var isTrivial: Bool { pools.count == 1 && types.isEmpty }

    /// The same with one more, or with another in the place of the one of its name.
    public func setting(_ pool: Pool) throws(PoolError) -> Pools {
        try Pools(all.filter { $0.name != pool.name } + [pool])
    }

    /// The same without one that no other lies within; the default one becomes as if nothing was said of it.
    public func removing(_ name: PoolName) throws(PoolError) -> Pools { try Pools(all.filter { $0.name != name }) }

    private func check(_ pool: Pool) throws(PoolError) {
        guard pool.name != .standard || pool.parent == nil else { throw .nestedStandard }
        if let parent = pool.parent {
            guard pools[parent] != nil else { throw .unknownParent(pool.name, parent) }
            guard parent != .standard else { throw .withinStandard(pool.name) }
        }
        let path = path(of: pool.name)
        guard path.last?.parent == nil, path.count <= Pools.deepest else { throw .tooDeep(pool.name) }
        guard Pool.weights.contains(pool.weight) else { throw .weight(pool.name) }
        for (type, guaranteed) in pool.guaranteed {
            guard guaranteed.units >= 0 else { throw .negative(pool.name, type) }
            if let most = pool.most(of: type), most < guaranteed { throw .lessThanGuaranteed(pool.name, type) }
        }
        guard !within(pool.name).isEmpty else { return }
        for type in Set(within(pool.name).flatMap { pools[$0]?.guaranteed.keys.map { $0 } ?? [] }) {
            let sum = within(pool.name).reduce(Quantity.zero) { $0 + (pools[$1]?.guaranteed[type] ?? .zero) }
            guard sum <= pool.guaranteed[type] ?? .zero else {
                throw .moreThanParent(pool.name, type, sum: sum, has: pool.guaranteed[type] ?? .zero)
            }
        }
    }
}

/// What is wrong with a set of pools.
public enum PoolError: Error, Hashable, Sendable {
    case tooMany
    case twice(PoolName)
    case unknownParent(PoolName, PoolName)
    case withinStandard(PoolName)
    case nestedStandard
    case tooDeep(PoolName)
    case weight(PoolName)
    case negative(PoolName, ResourceType)
    case lessThanGuaranteed(PoolName, ResourceType)
    case moreThanParent(PoolName, ResourceType, sum: Quantity, has: Quantity)

    /// The pool it is said of; nil for all of them.
    public var pool: PoolName? {
        switch self {
        case .tooMany: nil
        case .nestedStandard: .standard
        case .twice(let name), .unknownParent(let name, _), .withinStandard(let name), .tooDeep(let name),
            .weight(let name), .negative(let name, _), .lessThanGuaranteed(let name, _),
            .moreThanParent(let name, _, _, _):
            name
        }
    }
}

extension PoolError {
    /// Where it is wrong, in what is said of the pool; nil where that is no one thing.
    public var pointer: JSONPointer? {
        switch self {
        case .tooMany, .twice: nil
        case .unknownParent, .withinStandard, .nestedStandard, .tooDeep: JSONPointer(["parent"])
        case .weight: JSONPointer(["weight"])
        case .negative(_, let type), .moreThanParent(_, let type, _, _): JSONPointer(["guaranteed", type.name])
        case .lessThanGuaranteed(_, let type): JSONPointer(["max", type.name])
        }
    }

    /// What would be right.
    public var hint: String {
        switch self {
        case .tooMany: "remove one that is not needed any more"
        case .twice: "say all of it in one place"
        case .unknownParent(_, let parent): "make the pool \(parent) first; see `berth pools`"
        case .withinStandard, .nestedStandard: "leave out \"parent\": the pool then lies in the host itself"
        case .tooDeep: "put it into a pool that lies less deep, and not within it"
        case .weight: "\(Pool.standardWeight) is what a pool has of which nothing is said"
        case .negative: "leave it out, or say 0"
        case .lessThanGuaranteed(_, let type): "say as much as is guaranteed of \(type), or more"
        case .moreThanParent(let name, let type, let sum, _):
            "guarantee \(name) \(type.measure.text(sum)) \(type), or those within it less"
        }
    }
}

extension PoolError: CustomStringConvertible {
    /// What is wrong, and what would be right.
    public var description: String {
        switch self {
        case .tooMany: "there are more than \(Pools.most) pools"
        case .twice(let name): "the pool \(name) is there twice"
        case .unknownParent(let name, let parent): "the pool \(name) is within \(parent), which is no pool"
        case .withinStandard(let name): "the pool \(name) cannot be within the default pool, which has what is left"
        case .nestedStandard: "the default pool cannot be within another"
        case .tooDeep(let name): "the pool \(name) lies within itself, or more than \(Pools.deepest) deep"
        case .weight(let name):
            "the weight of the pool \(name) must be \(Pool.weights.lowerBound) to \(Pool.weights.upperBound)"
        case .negative(let name, let type): "the pool \(name) is guaranteed less than no \(type)"
        case .lessThanGuaranteed(let name, let type): "the most \(type) of the pool \(name) is less than its guarantee"
        case .moreThanParent(let name, let type, let sum, let has):
            "the pools within \(name) are guaranteed \(type.measure.text(sum)) \(type) together, "
                + "and \(name) itself \(type.measure.text(has))"
        }
    }
}
