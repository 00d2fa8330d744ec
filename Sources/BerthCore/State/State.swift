package import BerthModel

/// Everything the arbiter knows: what the host has, and what is held of it by whom.
///
/// A value without I/O, clocks or randomness. ``decide(_:_:)`` only reads it, ``apply(_:at:)`` is the only thing that
/// changes it, so replaying the stored events makes it anew.
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
    /// The sums of what they hold.
    package internal(set) var holdings = Holdings()
    /// What each user holds.
    var users: [UInt32: UserHoldings] = [:]
    /// Reservations by the user and key that made them, while they hold something.
    var retries: [UserKey: ReservationID] = [:]
    /// Which reservations end when, soonest first.
    var deadlines = Deadlines()
    /// Which shapes are granted.
    var learned = LearnedShapes()
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
    package var nextDeadline: Int64? { deadlines.soonest }

    /// The reservation that a request with this key made, while it holds something.
    package func reservation(of user: UInt32, retry key: String) -> Reservation? {
        retries[UserKey(user: user, key: key)].flatMap { reservations[$0] }
    }
}
