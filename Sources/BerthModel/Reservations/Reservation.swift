/// A claim on a part of the host, from its grant until its end.
public struct Reservation: Hashable, Sendable {
    /// Its name in the API and in the cgroup tree.
    public var id: ReservationID
    /// What the client calls it.
    public var name: String?
    /// The user it belongs to.
    public var user: UInt32
    /// Where it stands.
    public var state: State
    /// Why it ended; nil while it is live.
    public var reason: EndReason?
    /// What it holds.
    public var grant: Grant
    /// Which of the request's alternatives that is; nil where it is what the request asked for first.
    public var alternative: Int?
    /// What it wants to lie near.
    public var affinity: [Affinity]
    /// What it wants to lie apart from.
    public var antiAffinity: [Affinity]
    /// How long it holds without renewal; nil is for ever.
    public var lease: Duration?
    /// When it ends besides its release and its lease.
    public var end: ReservationRequest.End
    /// The client's own notes.
    public var labels: [String: String]
    /// Whether it may stand where the host cannot enforce it.
    public var enforce: ReservationRequest.Enforce
    /// How its units are chosen.
    public var strategy: Strategy
    /// How much it matters: one of higher priority may take its place.
    public var priority: Int
    /// What its programs are told before it ends; nil is nothing of their own.
    public var warning: Warning?
    /// Whether they have been told.
    public var isWarned = false
    /// For which other it has to go; nil while it need not.
    public var preemption: Preemption?
    /// What is asked again when it was preempted; nil where that is nothing, and while it waits.
    public var again: Waiting?
    /// The preempted one that it stands for; nil where it was asked for.
    public var requeueOf: ReservationID?
    /// The one that stands in the queue for it since it was preempted.
    public var requeuedAs: ReservationID?
    /// What everything it holds has in common; nil is nothing.
    public var same: Same?
    /// How its units were chosen when it was granted; nil where an older version did.
    public var choice: UnitChoice?
    /// The retry key of the request that made it, so that a retry finds it.
    public var retry: RetryKey?
    /// When it was asked for.
    public var createdAt: Timestamp
    /// When it was granted; nil while it waits.
    public var grantedAt: Timestamp?
    /// The start that it asked for, and was promised; nil for at once.
    public var start: Timestamp?
    /// When its lease is over, by the wall clock, or while it waits, its time to wait; nil without a lease.
    public var expiresAt: Timestamp?
    /// When it ends unless something is done, in milliseconds of CLOCK_BOOTTIME of the boot it was set in: the end of
    /// its lease, of the time to attach, or while it waits, of its time to wait; nil for neither.
    public var deadline: Int64?
    /// The processes that were attached and are not known to have ended.
    public var attached: [ProcessIdentity]
    /// Those of them that were last seen outside of its leaf.
    public var left: [ProcessIdentity]
    /// Whether any process was ever attached.
    public var wasAttached: Bool
    /// What the kernel holds in its leaf, by type; ``shownReceipts`` say what that is worth.
    public var receipts: [Receipt]
    /// What plugins want in the environment of its programs, by the type that each is for.
    public var provisions: [ResourceType: Provision]
    /// What validators have put into the request.
    public var amendments: [Amendment]
    /// The pool that it is in.
    public var pool: PoolName
    /// The configured group that it counts for: the first of them that its user is in; nil where it is in none.
    public var group: String?
    /// Those that it was granted together with, or is to be; nil for none.
    public var gang: Gang?
    /// Where it has arrived, or had before that opened; nil where it never has.
    public var arrival: Arrival?
    /// Where it had arrived last at other barriers, the latest of them at the end: by that a retry is known.
    public internal(set) var formerArrivals: [Arrival] = []
    /// By how much its ceiling on CPU time is raised by what others of its gang lend; below zero where it lends.
    public var borrowed = Quantity.zero
    /// Whether it was granted over a soft quota: from what nobody else wanted.
    public var isSurplus = false
    /// When it ended.
    public var endedAt: Timestamp?
    /// What it had used when nothing of it ran any more; nil before, and where nothing measured it.
    public var usage: Usage?

    /// Whether it was granted before somebody who had come before it, for it would be over in time.
    public var hasPassed = false
    /// How long those of its user and name took, as was known when it was granted, the shortest first; none where too few were
    /// seen, or it has a lease.
    public var usual: [Duration] = []
    /// What took longer counts as this: a year.
    public static let longestUsual = Duration.seconds(366 * 86_400)
    /// What it waits for; nil unless it is pending.
    public var waiting: Waiting?

    /// When it ends at the latest, if it takes no longer than others of its user and name did; nil where too few were seen.
    public var usualEnd: Timestamp? {
        lease == nil ? usual.last.flatMap { longest in grantedAt.map { $0 + longest } } : nil
    }

    /// The first moment after another at which it is as old as one of them was at its end; nil where it is older than all.
    public func usualEnd(after now: Timestamp) -> Timestamp? {
        guard let grantedAt else { return nil }
        return usual.lazy.map { grantedAt + $0 }.first { $0 > now }
    }

    /// Where a reservation stands.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It waits for what it asked for, and holds nothing.
        case pending
        /// It holds what it asked for.
        case confirmed
        /// It holds less than it asked for, and no less than the minimum.
        case partial
        /// It could not be kept up.
        case failed
        /// It was given back.
        case released
        /// Its lease is over, or was cut short for one of higher priority.
        case expired
    }

    /// Why a reservation ended.
    public enum EndReason: String, Hashable, Sendable, CaseIterable {
        /// A client gave it back.
        case released
        /// Its last process ended.
        case lastProcess = "last_process"
        /// No process came in time.
        case neverAttached = "never_attached"
        /// Its lease is over.
        case lease
        /// The kernel killed it at its memory limit.
        case outOfMemory = "out_of_memory"
        /// The host was started anew.
        case rebooted
        /// What it holds could not be set or kept up.
        case enforcement
        /// A plugin could not prepare what it was granted.
        case provider
        /// Another was to have what it held: one of higher priority, or one whose pool had lent it.
        case preempted
        /// Its time to wait was over before its turn came.
        case wait
        /// Its gang was never complete in time, or another of it could not be brought to hold what it was granted.
        case gang
    }

    /// The workflow that it says it is a part of: its label `workflow`.
    public var workflow: String? { labels["workflow"] }

    /// Whether it still is what its holder asked for; an ended one may hold its units until its leaf is empty.
    public var isLive: Bool { state.isLive }

    /// A reservation at its grant.
    public init(
        id: ReservationID, user: UInt32, request: ReservationRequest, grant: Grant, alternative: Int? = nil,
        retry: RetryKey?, createdAt: Timestamp, expiresAt: Timestamp?, deadline: Int64?
    ) {
        self.id = id
        self.name = request.name
        self.user = user
        self.state = State(holding: grant)
        self.grant = grant
        self.alternative = alternative
        self.affinity = request.affinity
        self.antiAffinity = request.antiAffinity
        self.lease = request.lease
        self.end = request.end
        self.labels = request.labels
        self.enforce = request.enforce
        self.strategy = request.strategy ?? .standard
        self.priority = request.priority
        self.warning = request.warning
        self.same = request.same
        self.retry = retry
        self.createdAt = createdAt
        self.start = request.start
        self.grantedAt = createdAt
        self.expiresAt = expiresAt
        self.deadline = deadline
        self.attached = []
        self.left = []
        self.wasAttached = false
        self.receipts = []
        self.provisions = [:]
        self.amendments = request.amendments
        self.pool = request.pool
        self.gang = request.gang
    }

    /// A reservation that waits.
    public init(
        id: ReservationID, user: UInt32, waiting: Waiting, retry: RetryKey?, createdAt: Timestamp,
        expiresAt: Timestamp, deadline: Int64
    ) {
        self.init(
            id: id, user: user, request: waiting.request, grant: Grant(), retry: retry, createdAt: createdAt,
            expiresAt: expiresAt, deadline: deadline)
        state = .pending
        grantedAt = nil
        self.waiting = waiting
    }
}

extension Reservation.State {
    /// Whether one that is in it still is what its holder asked for, or a part of that.
    public var isLive: Bool { self == .confirmed || self == .partial }

    /// The state of a live one that holds this.
    public init(holding grant: Grant) { self = grant.isPartial ? .partial : .confirmed }
}
