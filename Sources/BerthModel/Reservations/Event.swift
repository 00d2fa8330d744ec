/// One thing that happened, as it is stored and streamed.
public struct Event: Hashable, Sendable {
    /// Its number in the log: one more than that of the event before.
    public var id: Int64
    /// When it happened.
    public var at: Timestamp
    /// The user whose reservation it is about; nil for what is about the host.
    public var user: UInt32?
    /// What happened.
    public var change: Change

    /// What happened. Past words; each says everything that changed.
    ///
    /// Indirect: events are kept by the thousand and handed from one to another, and whole reservations and capacities
    /// are among them, which would make every event as large.
    public indirect enum Change: Hashable, Sendable {
        /// What the host has was read, and is not what it was.
        case capacityChanged(Capacity)
        /// Of the units of a type these are new or changed, and those are there no more; a plugin provides the type, or none
        /// does any more.
        case unitsChanged(ResourceType, [Capacity.Unit], gone: [String], isProvided: Bool)
        /// The agent found itself in another boot of the host than before.
        case booted(boot: String)
        /// A reservation was asked for and waits, or its time to wait was set anew.
        case queued(Reservation)
        /// A reservation was granted, at once or after it had waited.
        case granted(Reservation)
        /// What the reservation holds became this.
        case resized(ReservationID, Grant)
        /// Validators have put this into a change of it.
        case amended(ReservationID, [Amendment])
        /// Its lease was set anew.
        case renewed(ReservationID, lease: Duration, expiresAt: Timestamp, deadline: Int64)
        /// It has to go for one of higher priority, at this moment of CLOCK_BOOTTIME in milliseconds at the latest.
        case preempted(ReservationID, Preemption, deadline: Int64)
        /// Its programs were sent what they wanted to be told before it ends.
        case warned(ReservationID, Signal)
        /// A process was attached.
        case attached(ReservationID, ProcessIdentity)
        /// An attached process ended.
        case exited(ReservationID, ProcessIdentity)
        /// An attached process was found alive outside of the reservation's leaf.
        case left(ReservationID, ProcessIdentity)
        /// A process that had left was found in the leaf again.
        case returned(ReservationID, ProcessIdentity)
        /// What the kernel holds for it was set and read back.
        case enforced(ReservationID, [Receipt])
        /// Plugins have prepared what it was granted, and want this in the environment of its programs.
        case provided(ReservationID, [ResourceType: Provision])
        /// It has arrived at a barrier.
        case arrived(ReservationID, Arrival)
        /// By so much its ceiling on CPU time is raised by what others of its gang lend, below zero where it lends.
        case lent(ReservationID, Quantity)
        /// The barrier at which it has arrived has opened.
        case barrierOpened(ReservationID)
        /// It ended; its units are still held until it is freed.
        case ended(ReservationID, Reservation.State, Reservation.EndReason)
        /// Nothing of it runs any more, and its units are free; what it had used, where that was measured.
        case freed(ReservationID, Usage?)
        /// What runs outside of every reservation was measured to use so much memory.
        case unmanagedChanged(Quantity)
        /// The pools of the host are these from now on.
        case poolsChanged(Pools)
        /// A reservation was put into another pool.
        case moved(ReservationID, PoolName)
        /// An administrator put a maintenance window into the calendar.
        case maintenanceAdded(MaintenanceWindow)
        /// An administrator took one out again.
        case maintenanceRemoved(String)
        /// Accounts remember this from now on.
        case accountingChanged(Accounting)
    }

    /// - Parameters:
    ///   - id: its number in the log
    ///   - at: when it happened
    ///   - user: whose reservation it is about
    ///   - change: what happened
    public init(id: Int64, at: Timestamp, user: UInt32? = nil, change: Change) {
        self.id = id
        self.at = at
        self.user = user
        self.change = change
    }

    /// The reservation it is about; nil for what is about the host.
    public var reservation: ReservationID? {
        switch change {
        case .capacityChanged, .unitsChanged, .booted, .unmanagedChanged, .accountingChanged, .poolsChanged,
            .maintenanceAdded, .maintenanceRemoved:
            nil
        case .queued(let reservation), .granted(let reservation): reservation.id
        case .resized(let id, _), .amended(let id, _), .renewed(let id, _, _, _), .preempted(let id, _, _),
            .warned(let id, _),
            .attached(let id, _), .exited(let id, _),
            .left(let id, _), .returned(let id, _), .enforced(let id, _), .provided(let id, _), .ended(let id, _, _),
            .freed(let id, _), .moved(let id, _), .arrived(let id, _), .lent(let id, _), .barrierOpened(let id):
            id
        }
    }

    /// The word for what happened, as streams show it.
    public var name: String {
        switch change {
        case .capacityChanged: "capacity_changed"
        case .unitsChanged: "units_changed"
        case .booted: "booted"
        case .queued: "queued"
        case .granted: "granted"
        case .resized: "resized"
        case .amended: "amended"
        case .renewed: "renewed"
        case .preempted: "preempted"
        case .warned: "warned"
        case .attached: "attached"
        case .exited: "exited"
        case .left: "left"
        case .returned: "returned"
        case .enforced: "enforced"
        case .provided: "provided"
        case .arrived: "arrived"
        case .lent: "lent"
        case .barrierOpened: "barrier_opened"
        case .ended: "ended"
        case .freed: "freed"
        case .unmanagedChanged: "unmanaged_changed"
        case .poolsChanged: "pools_changed"
        case .moved: "moved"
        case .maintenanceAdded: "maintenance_added"
        case .maintenanceRemoved: "maintenance_removed"
        case .accountingChanged: "accounting_changed"
        }
    }
}
