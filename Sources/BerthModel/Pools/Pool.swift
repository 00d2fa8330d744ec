/// A named share of the host, with its own part of the cgroup tree.
public struct Pool: Hashable, Sendable {
    /// Its name.
    public var name: PoolName
    /// How it shares with the pools beside it.
    public var kind: Kind
    /// The pool that it is a part of; nil is the host itself.
    public var parent: PoolName?
    /// What it gets of contended CPU time next to the pools beside it: the kernel's `cpu.weight`.
    public var weight = Pool.standardWeight
    /// What is kept for it, by type, with what the pools within it are guaranteed.
    public var guaranteed: [ResourceType: Quantity] = [:]
    /// The most it may hold, by type, with the pools within it; of what is absent there is no bound. A static pool's is
    /// what it is guaranteed.
    public var most: [ResourceType: Quantity] = [:]
    /// Whether the kernel holds all of it together to ``most`` too.
    public var hasCeiling = true
    /// How an elastic pool gets back what it has lent.
    public var giveBack = GiveBack.end
    /// How units are chosen for requests that do not say it; nil is as the pool around it says.
    public var strategy: Strategy?
    /// Who goes first of those who wait in it and in what is within it, by what is had there alone, and quotas on that; nil is as
    /// the pool around it says. Of ``PoolName/standard`` it holds on the whole host.
    package var policy: Policy?
    /// The users that may use it; nobody and no group named is everybody.
    public var users: Set<UInt32> = []
    /// The groups that may use it.
    public var groups: Set<UInt32> = []
    /// Whether the configuration says it: then it is changed there alone.
    public var isConfigured = false
    /// Whether it takes nobody any more and goes with the last that it holds.
    public var isDraining = false

    /// How a pool shares with the pools beside it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A fixed share that others never use, and no more than that.
        case `static`
        /// What it is guaranteed is kept for it; beyond that it takes what is free, up to its most.
        case dynamic
        /// As dynamic; beside that elastic pools lend each other what they are guaranteed and do not use.
        case elastic
    }

    /// How an elastic pool gets back what it has lent.
    public enum GiveBack: String, Hashable, Sendable, CaseIterable {
        /// As what is held of it ends: whoever waits within the guarantee goes first.
        case end
        /// At once: reservations beyond the guarantees of other pools have to go for whoever waits within the guarantee.
        case preempt
    }

    /// What a weight is where nothing is said.
    public static let standardWeight = 100
    /// What a weight may be, as the kernel has it.
    public static let weights = 1...10_000

    /// A pool that is guaranteed nothing and has no bound.
    public init(_ name: PoolName, _ kind: Kind = .dynamic, parent: PoolName? = nil) {
        self.name = name
        self.kind = kind
        self.parent = parent
    }

    /// The most it may hold of a type; nil for no bound.
    public func most(of type: ResourceType) -> Quantity? { kind == .static ? guaranteed[type] : most[type] }
}
