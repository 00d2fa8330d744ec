/// A request for a reservation, read and valid in itself; whether it fits is the core's to say.
public struct ReservationRequest: Hashable, Sendable {
    /// What the client calls it: at most 128 printable characters.
    public var name: String?
    /// What it wants.
    public var resources: Resources
    /// How long it holds without renewal; nil is until it is released or empty.
    public var lease: Duration?
    /// When it ends besides its release and its lease.
    public var end: End
    /// The client's own notes, by key.
    public var labels: [String: String]
    /// Whether it is refused where the host cannot enforce it.
    public var enforce: Enforce
    /// Whether the calling process is attached with the grant.
    public var attachesCaller: Bool
    /// How long it waits for what is not free now; nil is not at all.
    public var wait: Duration?
    /// When it is to begin; nil is now.
    public var start: Timestamp?
    /// Who goes first among those who wait: the higher the sooner.
    public var priority: Int
    /// Whether it goes on waiting though nobody listens: it was asked so, or a retry can come back to it. Nothing a client
    /// writes into it.
    public var isDetached = false
    /// How its units are chosen; nil is as the host has it.
    public var strategy: Strategy?
    /// What everything it gets must have in common; nil is nothing.
    public var same: Same?
    /// What will do instead where the resources do not fit, the best first.
    public var alternatives: [Resources] = []
    /// What it wants to lie near.
    public var affinity: [Affinity] = []
    /// What it wants to lie apart from.
    public var antiAffinity: [Affinity] = []
    /// The pool that it is for.
    public var pool = PoolName.standard
    /// What its programs are told before its lease ends, or a preemption ends it; nil is nothing of their own.
    public var warning: Warning?
    /// Whether it is queued again when it was preempted.
    public var isRequeued = false
    /// Those that it is granted together with; nil for none.
    public var gang: Gang?
    /// What validators have put into it; nothing a client can write.
    public var amendments: [Amendment] = []

    /// So many alternatives may be given.
    public static let mostAlternatives = 8

    /// Everything that will do, the best first.
    public var choices: [Resources] { [resources] + alternatives }

    /// Whether it may be granted less than it would like best.
    public var takesLess: Bool {
        !alternatives.isEmpty || resources.asks.contains { $0.minimum != nil }
    }
    /// What a priority may be.
    public static let priorities = -1000...1000

    /// When a reservation ends besides its release and its lease.
    public enum End: String, Hashable, Sendable, CaseIterable {
        /// When its leaf is empty after a first attach.
        case empty
        /// Never by itself: it serves one process after another.
        case released
    }

    /// What happens where the host cannot enforce what is granted.
    public enum Enforce: String, Hashable, Sendable, CaseIterable {
        /// It is granted and the receipts say what is not enforced.
        case preferred
        /// It is refused.
        case required
    }

    /// - Parameters:
    ///   - name: what the client calls it
    ///   - resources: what it wants
    ///   - lease: how long it holds
    ///   - end: nil is ``End/empty`` with `attachesCaller` or without a lease, else ``End/released``
    ///   - labels: the client's own notes
    ///   - enforce: whether it must be enforced
    ///   - attachesCaller: whether the calling process is attached
    ///   - strategy: how its units are chosen
    ///   - same: what everything it gets must have in common
    ///   - wait: how long it waits
    ///   - priority: who goes first
    public init(
        name: String? = nil, resources: Resources, lease: Duration? = nil, end: End? = nil,
        labels: [String: String] = [:], enforce: Enforce = .preferred, attachesCaller: Bool = false,
        strategy: Strategy? = nil, same: Same? = nil, wait: Duration? = nil, priority: Int = 0
    ) {
        self.name = name
        self.resources = resources
        self.lease = lease
        self.end = end ?? (attachesCaller || lease == nil ? .empty : .released)
        self.labels = labels
        self.enforce = enforce
        self.attachesCaller = attachesCaller
        self.wait = wait
        self.priority = priority
        self.strategy = strategy
        self.same = same
    }
}
