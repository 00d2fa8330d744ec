package import BerthModel

/// Who asks: a user as the kernel knows it, and what the configuration lets it do.
package struct Caller: Hashable, Sendable {
    /// The effective user id of the peer of the socket.
    package var user: UInt32
    /// Whether it may act on everybody's reservations.
    package var isAdmin: Bool
    /// What it may have.
    package var caps: Caps
    /// The group it counts for: the first of the configured ones that it is in; nil where it is in none.
    package var group: String?

    package init(user: UInt32, isAdmin: Bool, caps: Caps, group: String? = nil) {
        self.user = user
        self.isAdmin = isAdmin
        self.caps = caps
        self.group = group
    }
}

/// Something that is wanted, or that happened outside and the core must hear of.
package enum Command: Hashable, Sendable {
    /// Take the host's capacity to be this.
    case setCapacity(Capacity)
    /// Take a type to have these units, as a plugin says; nil where no plugin provides it any more.
    case setUnits(ResourceType, [Capacity.Unit]?)
    /// Take the host to be in this boot.
    case noteBoot(String)
    /// Grant a reservation. The id is random and made outside, for the core has no randomness.
    case reserve(ReservationID, ReservationRequest, Caller, RetryKey?)
    /// Change what a reservation holds.
    case resize(ReservationID, ResourceChange, Caller)
    /// Set its lease anew.
    case renew(ReservationID, Duration, Caller)
    /// Put it into another pool.
    case move(ReservationID, to: PoolName, Caller)
    /// Give it back.
    case release(ReservationID, Caller)
    /// Look whether the caller may attach a process to it.
    case attach(ReservationID, Caller)
    /// It has arrived at a barrier: how many do, where it is no gang's, and which time is meant, where that is said.
    case arrive(ReservationID, at: String, size: Int?, generation: Int?, Caller)
    /// A process is attached.
    case noteAttached(ReservationID, ProcessIdentity)
    /// An attached process ended.
    case noteExited(ReservationID, ProcessIdentity)
    /// Of its attached processes these, and no others, live outside of its leaf.
    case noteOutside(ReservationID, Set<ProcessIdentity>)
    /// The caller that a grant was to attach could not be attached.
    case noteAttachFailed(ReservationID)
    /// Plugins have prepared what it was granted, and want this in the environment of its programs.
    case noteProvided(ReservationID, [ResourceType: Provision])
    /// A plugin could not prepare what it was granted.
    case noteUnprovided(ReservationID, ResourceType, reason: String, hint: String?)
    /// The kernel holds this for it.
    case noteEnforced(ReservationID, [Receipt])
    /// The kernel could not be brought to hold what was granted, and holds nothing for it now.
    case noteUnenforced(ReservationID, [Receipt], reason: String)
    /// The kernel holds this grant for it now: what a resize led to, or what was there before one that failed.
    case noteResized(ReservationID, Grant, [Receipt])
    /// Validators have put this into a change of it that has come true.
    case noteAmended(ReservationID, [Amendment])
    /// Nothing runs in it, and none of its attached processes lives; the kernel may have killed them for their memory.
    case noteEmptied(ReservationID, outOfMemory: Bool)
    /// The kernel holds it though the ledger knows nothing of it: it goes on.
    case adopt(Reservation)
    /// Nothing of an ended reservation runs any more; what it had used.
    case noteFreed(ReservationID, Usage?)
    /// The kernel could not be brought to hold it in the pool that it was put into: it is in this one still.
    case noteUnmoved(ReservationID, PoolName)
    /// Take the pools of the configuration to be these.
    case configurePools([Pool])
    /// Make a pool, or take one to be this.
    case setPool(Pool)
    /// Remove a pool; where it holds something, with `drain` when it does no more.
    case removePool(PoolName, drain: Bool)
    /// Put a window into the calendar.
    case addWindow(MaintenanceWindow)
    /// Take one out again.
    case removeWindow(String)
    /// What runs outside of every reservation uses so much memory.
    case noteUnmanaged(Quantity)
    /// Grant what can be granted of what waits, looking at so many of those who wait.
    case admit(depth: Int)
    /// Let time pass: end what is over.
    case tick
}
