package import BerthCore
package import BerthModel

/// The one owner of the truth: takes requests, lets the core decide, stores what happened, has the kernel follow, and
/// answers.
///
/// Between a decision and its application there is no `await`, so no two decisions are ever made on the same state.
/// Nothing is answered before it is stored.
package actor Agent {
    /// What the agent needs of the world.
    package struct Ports: Sendable {
        package var ledger: any Ledger
        package var enforcer: any Enforcer
        package var providers: any Providers
        package var validators: any Validators
        package var processes: any Processes
        package var clock: any Clock
        package var ids: any IDSource

        package init(
            ledger: any Ledger, enforcer: any Enforcer, providers: any Providers = NoProviders(),
            validators: any Validators = NoValidators(),
            processes: any Processes, clock: any Clock, ids: any IDSource
        ) {
            self.ledger = ledger
            self.enforcer = enforcer
            self.providers = providers
            self.validators = validators
            self.processes = processes
            self.clock = clock
            self.ids = ids
        }
    }

    /// Where the agent is in its life.
    package enum Phase: String, Hashable, Sendable, CaseIterable {
        /// It reads its ledger.
        case starting
        /// It takes requests.
        case serving
        /// What was decided could not be stored: the state is being read back from the ledger.
        case reloading
        /// It stops, and changes nothing any more.
        case draining
    }

    let ports: Ports
    /// What the agent tells the time by.
    package nonisolated var clock: any Clock { ports.clock }
    var roles: Roles
    package internal(set) var phase = Phase.starting
    /// What keeps the agent from its ledger while it is ``Phase/reloading``; nil otherwise.
    package internal(set) var ledgerFailure: LedgerError?
    let whenLedgerFails: @Sendable (LedgerError) -> Void
    let whenLedgerIsLost: @Sendable (String) -> Void
    var state = State()
    /// The number of the ledger, for clients that resume a stream.
    package internal(set) var epoch = ""
    /// The id that the next event gets.
    var nextEvent: Int64 = 1
    /// How many reservations were freed since the start.
    var freedCount = 0
    /// Events since the last snapshot.
    var unsnapshotted = 0
    /// What has happened and is not durable yet, in order.
    var unstored: [Event] = []
    /// The latest of what is stored in the background, while that is under way.
    var unawaited: Storing?
    /// The latest durable events, for streams that keep up.
    var recent = RecentEvents()
    /// Streams that wait for something new.
    var listeners: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextListener = 0
    /// Requests that wait until another request is done with a reservation.
    var waiting: [ReservationID: [CheckedContinuation<Void, Never>]] = [:]
    /// The processes to attach to reservations that wait, when their turn comes.
    var callers: [ReservationID: any ProcessHandle] = [:]
    /// Requests that wait for a reservation's turn, by numbers of their own, and how many each user has.
    var turns: [ReservationID: [Int: CheckedContinuation<AgentError?, Never>]] = [:]
    var nextTurn = 0
    var listening: [UInt32: Int] = [:]
    /// Those that were granted after they had waited, until the kernel holds that.
    var taking: Set<ReservationID> = []
    /// The latest of what moves ceilings for each user: one decision after the other, so that nothing is given out that is not
    /// yet back. What belongs to different users never meets at a barrier.
    var lending: [UInt32: Task<Void, Never>] = [:]
    /// Those whose barrier has opened, until all that was lent there is given back.
    var opening: Set<ReservationID> = []
    /// Those that waited when their clients went away while the ledger was read back.
    var unheard: Set<ReservationID> = []
    /// Whether ledger and kernel are brought together: nobody who waits is granted anything before.
    var hasStarted = false
    /// Whether the queue is being looked at now and then.
    var isAttending = false
    /// Which reservation holds a live process.
    var holders: [ProcessIdentity: ReservationID] = [:]
    /// The attached processes themselves.
    var handles: [ProcessIdentity: any ProcessHandle] = [:]
    /// Whether devices of units have changed, and not every reservation is kept from them yet.
    var mustKeepDevices = false
    /// Whether that is being seen to.
    var isKeepingDevices = false
    /// Ended reservations with processes that cannot be killed; they keep their units.
    var quarantined: [ReservationID: Quarantine] = [:]
    /// When use outside of reservations was last measured, in milliseconds of CLOCK_BOOTTIME.
    var measuredAt: Int64?
    /// Processes that ended before it was noted that they were attached.
    var exitedEarly: Set<ProcessIdentity> = []
    /// When the clock will next wake the agent.
    var alarm: Int64?
    /// The latest of what brings pools that have changed to the kernel.
    var bringing: Task<Void, Never>?
    /// The pools of the configuration, as they were last taken; nil before.
    var configured: [Pool]?
    /// Whether one has others who are admitted wait until it is decided.
    var isOneDeciding = false
    var waitingToDecide: [CheckedContinuation<Void, Never>] = []
    /// How long decisions have taken since the start.
    package var decisionTimes = DecisionTimes()

    /// - Parameters:
    ///   - whenLedgerFails: called with each new reason why the ledger can neither be written nor read
    ///   - whenLedgerIsLost: called where it was damaged after the start, and what it had was set aside: nothing is decided any
    ///     more, and only a new start brings together what runs and what is known of it
    package init(
        ports: Ports, roles: Roles, preemption: PreemptionTerms = PreemptionTerms(),
        maintenance: [MaintenanceWindow] = [], whenLedgerIsLost: @escaping @Sendable (String) -> Void = { _ in },
        whenLedgerFails: @escaping @Sendable (LedgerError) -> Void = { _ in }
    ) {
        self.ports = ports
        self.whenLedgerFails = whenLedgerFails
        self.whenLedgerIsLost = whenLedgerIsLost
        self.roles = roles
        state.preemptionTerms = preemption
        state.windows = maintenance
    }

    /// The peer as the core sees it.
    func caller(_ peer: Peer) -> Caller { roles.caller(peer, of: state.pools.groups) }

    /// Who may do what from now on.
    package func setRoles(_ roles: Roles) { self.roles = roles }

    /// How those who have to go for others are treated from now on.
    package func setPreemption(_ terms: PreemptionTerms) { state.preemptionTerms = terms }

    /// Refuses what changes something from now on, so that the agent can stop, and tells those who wait for their turn or at
    /// a barrier. Who has been granted what it waited for is told that as soon as the kernel holds it.
    package func drain() {
        guard phase != .draining else { return }
        phase = .draining
        for id in turns.keys where !isOnItsWay(id) { tell(id, .stopping) }
    }

    /// Whether what one waits for was decided, and only the kernel has to follow.
    func isOnItsWay(_ id: ReservationID) -> Bool { taking.contains(id) || opening.contains(id) }

    /// Throws where the peer's role is too low, for what others do in the agent's name.
    package func need(_ role: Role, of peer: Peer) throws(AgentError) { try need(role, peer) }

    /// Throws where the peer's role is too low.
    func need(_ role: Role, _ peer: Peer) throws(AgentError) {
        guard let own = roles.role(of: peer), own >= role else { throw .roleNeeded(role) }
    }

    /// Throws where nothing may be changed now.
    func needServing() throws(AgentError) {
        switch phase {
        case .serving: return
        case .starting: throw .unavailable("the agent is starting")
        case .reloading:
            let reason = ledgerFailure.map { ": \($0)" } ?? ""
            throw .unavailable("the ledger could not be written, and the agent is reading it back\(reason)")
        case .draining: throw .stopping
        }
    }

    /// Has a failure of the ledger told, once where it goes on.
    func tellOfLedger(_ failure: LedgerError) {
        guard failure != ledgerFailure else { return }
        ledgerFailure = failure
        whenLedgerFails(failure)
    }
}
