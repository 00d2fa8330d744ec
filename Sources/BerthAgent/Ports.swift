package import BerthCore
package import BerthModel

/// Where events are kept. Calls come from the agent alone, and what is stored keeps their order. Questions about ended
/// reservations see batches that were handed over before and are not stored yet.
package protocol Ledger: Sendable {
    /// Reads what is kept, to begin with it.
    func load() async throws(LedgerError) -> LedgerContents
    /// Stores a batch; `whenStored` is called from any thread once it is durable, or has failed. After a failure every
    /// later batch fails too, until ``load()`` has been called again: they were decided on what was not stored.
    func store(_ batch: LedgerBatch, whenStored: @escaping @Sendable (Result<Void, LedgerError>) -> Void)
    /// The events after an id, oldest first.
    func events(after id: Int64, limit: Int) async throws(LedgerError) -> [Event]
    /// The oldest id that ``events(after:limit:)`` may be asked to begin after.
    func oldest() async throws(LedgerError) -> Int64
    /// A reservation that has ended and holds nothing, as it last was; nil when none is kept.
    func ended(_ id: ReservationID) async throws(LedgerError) -> Reservation?
    /// Reservations that have ended, newest first.
    func ended(
        state: Reservation.State?, user: UInt32?, limit: Int
    ) async throws(LedgerError) -> [Reservation]
    /// The ended reservation that a request with this key made, while keys are kept.
    func ended(user: UInt32, retry key: String) async throws(LedgerError) -> Reservation?
}

/// What a ledger holds at the start.
package struct LedgerContents: Sendable {
    /// Another number for another ledger: event ids of an older one mean nothing in it.
    package var epoch: String
    /// Reservations at the last snapshot, with the capacity and the boot of then.
    package var snapshot: Snapshot
    /// Everything that happened since.
    package var events: [Event]
    /// What went wrong with an earlier file that was set aside; nil when all was well.
    package var setAside: String?

    package init(epoch: String, snapshot: Snapshot, events: [Event], setAside: String?) {
        self.epoch = epoch
        self.snapshot = snapshot
        self.events = events
        self.setAside = setAside
    }
}

/// The state at one event, so that start need not read the whole log.
package struct Snapshot: Sendable {
    /// The last event that is in it; 0 before the first.
    package var event: Int64
    /// What the host had.
    package var capacity: Capacity?
    /// The boot.
    package var boot: String?
    /// What was held.
    package var reservations: [Reservation]
    /// What accounts remembered; nil where an older version kept the snapshot.
    package var memory: Accounts.Memory?
    /// The pools; nil where an older version kept the snapshot.
    package var pools: Pools?
    /// The maintenance windows that administrators have added.
    package var maintenance: [MaintenanceWindow]
    /// How long those of a name took.
    package var durations: LearnedDurations

    package init(
        event: Int64 = 0, capacity: Capacity? = nil, boot: String? = nil, reservations: [Reservation] = [],
        memory: Accounts.Memory? = nil, pools: Pools? = nil, maintenance: [MaintenanceWindow] = [],
        durations: LearnedDurations = LearnedDurations()
    ) {
        self.event = event
        self.capacity = capacity
        self.boot = boot
        self.reservations = reservations
        self.memory = memory
        self.pools = pools
        self.maintenance = maintenance
        self.durations = durations
    }
}

/// What is stored together: all of it or nothing.
package struct LedgerBatch: Sendable {
    /// What happened, in order.
    package var events: [Event]
    /// Reservations that hold nothing any more, as they last were.
    package var ended: [Reservation]
    /// The state after these events, when one is due.
    package var snapshot: Snapshot?

    package init(events: [Event], ended: [Reservation] = [], snapshot: Snapshot? = nil) {
        self.events = events
        self.ended = ended
        self.snapshot = snapshot
    }
}

/// What went wrong with the ledger: what was tried and what the file or database answered.
package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, on what, and what was answered.
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// One process that the agent knows for good, by a descriptor of it.
package protocol ProcessHandle: Sendable {
    /// Its number, start and boot.
    var identity: ProcessIdentity { get }
    /// Its real, effective and saved user.
    var users: ProcessUsers { get }
    /// Whether it still lives; one that waits to be reaped does not.
    var isAlive: Bool { get }
}

/// The three user ids of a process, as `Uid:` of `/proc/PID/status` names them.
package struct ProcessUsers: Hashable, Sendable {
    package var real: UInt32
    package var effective: UInt32
    package var saved: UInt32

    package init(real: UInt32, effective: UInt32, saved: UInt32) {
        self.real = real
        self.effective = effective
        self.saved = saved
    }

    /// Whether all three are this user.
    func areAll(_ user: UInt32) -> Bool { real == user && effective == user && saved == user }
}

/// Finds processes.
package protocol Processes: Sendable {
    /// The live process of this number.
    func process(_ pid: Int32) throws(AttachError) -> any ProcessHandle
    /// The process that was attached earlier, if it is still the same one and alive; nil where it is over.
    /// - Throws: where that cannot be told
    func process(_ identity: ProcessIdentity) throws(AttachError) -> (any ProcessHandle)?
}

/// Why a process could not be attached.
package enum AttachError: Error, Hashable, Sendable {
    /// There is no live process of this number.
    case gone(pid: Int32)
    /// Nobody may attach it, whoever asks: what it is, such as `a thread of the kernel`.
    case untouchable(pid: Int32, String)
    /// It is not the caller's in all three of its user ids.
    case notYours(pid: Int32)
    /// It already is in another live reservation.
    case heldElsewhere(pid: Int32, ReservationID)
    /// With it the kernel would not hold what must be held; what it would.
    case unenforceable([Receipt])
    /// The kernel refused; what was tried, on what, and what it answered.
    case kernel(String)
}

/// Time.
package protocol Clock: Sendable {
    /// Both clocks now.
    func now() -> Now
    /// Calls `body` once, from any thread, at or soon after a moment of CLOCK_BOOTTIME; a later call takes the place of
    /// an earlier one. Nil calls nothing.
    func wake(at uptime: Int64?, _ body: @escaping @Sendable () -> Void)
}

/// Sixty random bits for a reservation's id.
package protocol IDSource: Sendable {
    func next() -> ReservationID
}
