package import BerthModel

/// What the core makes of a command.
package struct Decision: Hashable, Sendable {
    /// What happens by it; to be applied and stored, in this order.
    package var changes: [Event.Change] = []
    /// What the kernel must now do, after the changes are stored.
    package var effects: [Effect] = []
    /// What the asker is told.
    package var answer: Answer
    /// Why not what the request would have liked better, the best first.
    package var passed: [Refusal] = []
    /// Why less is granted than was asked; nil where it is not.
    package var short: Refusal?

    package init(changes: [Event.Change] = [], effects: [Effect] = [], answer: Answer) {
        self.changes = changes
        self.effects = effects
        self.answer = answer
    }
}

/// What the kernel must do; it comes back as a command when it is done.
package enum Effect: Hashable, Sendable {
    /// Make the kernel hold what the reservation holds, then `noteEnforced`.
    case enforce(ReservationID)
    /// Bring the kernel from what the reservation held to what it now holds, then `noteResized`.
    case resize(ReservationID, from: Grant, to: Grant)
    /// Bring the kernel from holding it in one pool to holding it in another; where that fails, `noteUnmoved`.
    case move(ReservationID, from: PoolName, to: PoolName)
    /// Send this to all that runs in it.
    case signal(ReservationID, Signal)
    /// Bring the kernel to hold its ceiling on CPU time, which others of its gang have raised or it has lent; these in their
    /// order, then `noteEnforced`.
    case ceiling(ReservationID)
    /// End whatever runs in it, then `noteFreed`.
    case end(ReservationID)
}

/// What the asker is told.
package enum Answer: Hashable, Sendable {
    /// Done, for this reservation.
    case done(ReservationID)
    /// Nothing to do, or nobody asked.
    case nothing
    /// No, and why.
    case refused(Refusal)
}

/// Why not.
package enum Refusal: Error, Hashable, Sendable {
    /// It does not fit: every type that is short. `ever` is false where it could not fit on an empty host.
    case insufficient([Shortfall], ever: Bool)
    /// It would fit, but not where it must lie for what it says of other reservations: how short it is there, and of which.
    case unmet([Shortfall], [Violation])
    /// None of several choices can be granted: why not, the first of them first.
    case noneFits([Refusal])
    /// The request makes no sense on this host.
    case invalid([Violation])
    /// Validators do not admit it.
    case rejected([Violation])
    /// There is no live reservation of this id.
    case unknown(ReservationID)
    /// It belongs to another user.
    case notYours(ReservationID)
    /// It has ended, and only waits for its last processes.
    case ended(ReservationID)
    /// It waits, and holds nothing yet.
    case pending(ReservationID)
    /// It has to go for one of higher priority, and is not to be changed any more.
    case preempted(ReservationID)
    /// There is room for it, and it would be taken from those who wait: so many.
    case wouldDelay(Int)
    /// It was let past others, and held for so long it would delay those who wait before it: so many.
    case wouldKeepWaiting(Int)
    /// The pool is for others.
    case poolDenied(PoolName)
    /// There is no pool of this name.
    case unknownPool(PoolName)
    /// The pool cannot be changed so.
    case poolInvalid(PoolFault)
    /// The pool is said by the configuration, and changed there alone.
    case poolConfigured(PoolName)
    /// The pool holds so many reservations still, or so many wait for it.
    case poolInUse(PoolName, Int)
    /// It cannot be of its gang, or its gang is not whole.
    case gang(GangRefusal)
    /// There is room for it now, and it would still hold what is promised to another from then on.
    /// Whose it is tells nobody but its owner and administrators.
    case wouldRunInto(ReservationID?, Timestamp)
    /// There is room for it now, and it would still be held in a time of maintenance, which may be on.
    case maintenance(MaintenanceWindow, from: Timestamp, until: Timestamp)
    /// There is a window of this name already.
    case windowExists(String)
    /// The window is one of the configuration's.
    case windowConfigured(String)
    /// There is no window of this name.
    case windowUnknown(String)
    /// It does not fit at the start that it asks for: why not, and the first time after it at which it would.
    case notThen([Refusal], at: Timestamp, first: Timestamp?)
    /// The user has too much already.
    case overCap(Cap)
    /// A hard quota would be passed.
    case overQuota(Excess)
    /// The key was used for another request.
    case keyReused(String)
    /// The request insists on enforcement, and the host cannot.
    case unenforceable([Receipt])
    /// The kernel refused, or did something else than it was told; all is as it was before.
    case enforcement(String, [Receipt])
    /// A plugin could not prepare it: why, and what the person can do.
    case provider(ResourceType, reason: String, hint: String?)
    /// It would take away what is in use.
    case inUse(ResourceType, used: Quantity, asked: Quantity)
}

extension Decision {
    /// What both lead to; the asker is told what the first says.
    static func + (first: Decision, second: Decision) -> Decision {
        var both = first
        both.changes += second.changes
        both.effects += second.effects
        return both
    }

    /// Whether it is less than what was asked for first, or nothing, or others have to go for it, for there is too little now.
    package var isShort: Bool {
        if changes.contains(where: { if case .preempted = $0 { true } else { false } }) { return true }
        if case .refused(let refusal) = answer { return refusal.isInsufficient }
        return short?.isInsufficient == true || passed.contains(where: \.isInsufficient)
    }
}

extension Refusal {
    /// Whether it says that there is too little now: another time there may be enough.
    package var isInsufficient: Bool {
        switch self {
        case .insufficient, .unmet: true
        case .overQuota(let excess): excess.passes
        case .noneFits(let refusals), .notThen(let refusals, _, _): refusals.contains(where: \.isInsufficient)
        default: false
        }
    }

    /// Whether it may be otherwise when others give back what they hold.
    func mayPass(for caps: Caps) -> Bool {
        switch self {
        case .insufficient(_, let ever): ever
        case .unmet: true
        case .noneFits(let refusals): refusals.contains { $0.mayPass(for: caps) }
        case .overCap(.quantity(_, let cap, _, let asked)): asked <= cap
        case .overQuota(let excess): excess.passes
        default: false
        }
    }
}

/// A cap that a request would pass.
package enum Cap: Hashable, Sendable {
    /// So many live reservations.
    case reservations(Int)
    /// So many requests that wait at a time.
    case waits(Int)
    /// So long a lease.
    case lease(Duration)
    /// So high a priority.
    case priority(Int)
    /// So much of a type, of which so much is held already.
    case quantity(ResourceType, cap: Quantity, held: Quantity, asked: Quantity)
}

/// How far a type is short.
package struct Shortfall: Hashable, Sendable {
    /// The type.
    package var type: ResourceType
    /// The disk and its rate, for storage.
    package var disk: DiskRate?
    /// What was asked.
    package var asked: Quantity
    /// The least that would have done, where that is not what was asked.
    package var minimum: Quantity?
    /// What could be had now, of the kind that was asked: whole cores for exclusive CPUs, of one node where one is asked.
    package var free: Quantity
    /// What the host has of it in all.
    package var capacity: Quantity
    /// What the quantities count.
    package var measure: Measure
    /// The pool that may take no more, where the host has more; nil where it is the host that is short.
    package var pool: PoolName?
    /// Whether they are of one NUMA node, the least short one.
    package var isOfOneNode = false
    /// Whether it is one of a gang that is short of it beside the others.
    package var isBesideGang = false

    package init(
        _ type: ResourceType, disk: DiskRate? = nil, asked: Quantity, free: Quantity, capacity: Quantity,
        measure: Measure? = nil
    ) {
        self.type = type
        self.disk = disk
        self.asked = asked
        self.free = max(free, .zero)
        self.capacity = capacity
        self.measure = measure ?? type.measure
    }
}

/// One broken rule.
package struct Violation: Hashable, Sendable {
    /// A stable word for programs.
    package var code: String
    /// Where in the request, as a JSON pointer.
    package var pointer: String
    /// What is wrong.
    package var message: String
    /// What would satisfy it.
    package var hint: String?
    /// The validator whose rule it is; nil for Berth's own.
    package var validator: String?

    package init(code: String, pointer: String, message: String, hint: String? = nil, validator: String? = nil) {
        self.code = code
        self.pointer = pointer
        self.message = message
        self.hint = hint
        self.validator = validator
    }
}

extension Violation {
    /// The same where the resources are those of an alternative.
    package func ofAlternative(_ index: Int) -> Violation {
        guard pointer.hasPrefix("/resources/") else { return self }
        var violation = self
        violation.pointer = "/alternatives/\(index)" + pointer.dropFirst("/resources".count)
        return violation
    }
}
