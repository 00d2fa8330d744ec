package import BerthModel

/// Everything the arbiter knows: what the host has, and what is held of it by whom.
///
/// A value without I/O, clocks or randomness. ``decide(_:_:)`` only reads it, and ``apply(_:at:)`` is the only thing that
/// changes it but for two settings, which the configuration says anew at each start: so replaying the stored events makes it
/// anew.
package struct State: Sendable {
    /// What the host has; nil until discovery has said so.
    package internal(set) var capacity: Capacity? {
        didSet {
            if capacity?.topology != oldValue?.topology { cores = capacity.map { CoreChoice($0.topology) } }
        }
    }
    /// Chooses whole cores of that host; made once, for it sorts the topology.
    private(set) var cores: CoreChoice?
    /// The boot that deadlines belong to; nil until it is known.
    package internal(set) var boot: String?
    /// Memory that runs outside of every reservation, as last measured; nil where nothing measures it.
    package internal(set) var unmanagedMemory: Quantity?
    /// Reservations that hold something: live ones, and ended ones whose last processes are not gone.
    package internal(set) var reservations: [ReservationID: Reservation] = [:]
    /// Those that wait, and hold nothing.
    package internal(set) var waiters = Waiters()
    /// Those of the reservations that have ended.
    private(set) var endingIDs: Set<ReservationID> = []
    /// The sums of what they hold.
    package internal(set) var holdings = Holdings()
    /// The named shares of the host.
    package internal(set) var pools = Pools()
    /// Whether they say anything.
    var hasPools = false
    /// What the reservations of each pool hold, where pools say anything.
    package internal(set) var poolHoldings = PoolHoldings()
    /// What each user holds.
    var users: [UInt32: UserHoldings] = [:]
    /// Reservations by the user and key that made them, while they hold something.
    var retries: [UserKey: ReservationID] = [:]
    /// Who has what, and had.
    package internal(set) var accounts = Accounts()
    /// Who goes first of those who wait, as the pools say it.
    package internal(set) var policies = Policies()
    /// When what is under maintenance, as configured. A setting, like the policy.
    package var windows: [MaintenanceWindow] = []
    /// The same, as administrators have said.
    package internal(set) var added: [String: MaintenanceWindow] = [:]
    /// Which reservations end when, soonest first.
    var deadlines = Deadlines()
    /// When the leases of those end that hold something, and are not over, soonest first.
    var leases = Deadlines()
    /// Whose programs are to be told of their end when, soonest first.
    var warnings = Deadlines()
    /// Who has to go for whom, and who could.
    var preemptions = Preemptions()
    /// How those who have to go are treated. A setting: what follows from it is in the events.
    package var preemptionTerms = PreemptionTerms()
    /// Which shapes are granted.
    var learned = LearnedShapes()
    /// How long those of a name take.
    package internal(set) var durations = LearnedDurations()
    /// When those of known names have ended as far as is likely, by the wall clock, soonest first.
    var usualEnds = Deadlines()
    /// The gangs, with those of each that wait or hold something.
    var gangs: [GangKey: Set<ReservationID>] = [:]
    /// The barriers, with those who have arrived at each or had before it opened.
    var barriers: [GangKey: Set<ReservationID>] = [:]
    /// Which reservations have which labels.
    var labelled = Labelled()

    /// What one user holds, for caps.
    struct UserHoldings: Hashable, Sendable {
        var live = 0
        var holdings = Holdings()
    }

    /// A retry key belongs to one user.
    struct UserKey: Hashable, Sendable {
        var user: UInt32
        var key: String
    }

    package init() {}

    /// The soonest moment at which time alone changes something, in milliseconds of CLOCK_BOOTTIME; nil for never.
    package var nextDeadline: Int64? { [deadlines.soonest, warnings.soonest].compactMap { $0 }.min() }

    /// The reservation that a request with this key made, while it waits or holds something.
    package func reservation(of user: UInt32, retry key: String) -> Reservation? {
        retries[UserKey(user: user, key: key)].flatMap { self[$0] }
    }

    /// A reservation that holds something or waits.
    package subscript(id: ReservationID) -> Reservation? { reservations[id] ?? waiters[id] }

    /// Everything that is not over, and what is and still holds something.
    package var kept: [Reservation] { Array(reservations.values) + waiters.all }

    /// Takes up reservations as they were kept, and what accounts remembered; nil where that was not kept: then it is what
    /// these reservations have had since they were granted.
    package mutating func restore(
        _ kept: [Reservation], _ memory: Accounts.Memory?, pools: Pools? = nil, maintenance: [MaintenanceWindow] = [],
        durations: LearnedDurations = LearnedDurations()
    ) {
        self.durations = durations
        if let pools { setPools(pools) }
        // What is counted is known before anything is.
        if let memory { accounts.setAccounting(memory.accounting, at: 0) }
        for window in maintenance { added[window.id] = window }
        for reservation in kept.sorted(by: { ($0.heldSince, $0.id) < ($1.heldSince, $1.id) }) {
            let change: Event.Change = reservation.state == .pending ? .queued(reservation) : .granted(reservation)
            apply(change, at: reservation.heldSince)
        }
        if let memory { accounts.restore(memory) }
    }

    /// Whether a reservation holds something though it has ended.
    mutating func note(_ id: ReservationID, isEnding: Bool) {
        if isEnding { endingIDs.insert(id) } else { endingIDs.remove(id) }
    }
}

extension Reservation {
    /// When it began to hold something, or to wait.
    fileprivate var heldSince: Timestamp { grantedAt ?? createdAt }
}
