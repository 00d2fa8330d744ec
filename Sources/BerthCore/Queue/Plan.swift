internal import BerthModel

/// Who of those who wait is granted now, and when the others can be, looked at one after the other: each is given the first
/// moment at which it delays nobody before it.
///
/// Conservative backfilling (Mu'alem and Feitelson, "Utilization, Predictability, Workloads, and User Runtime Estimates",
/// IEEE TPDS 2001): everybody has a reservation in time, so who comes later may pass only where the time that it declares
/// is over before it would be in anybody's way. What has no lease holds for ever; where somebody can be given no moment
/// for that, what it is short of is closed to all behind it, and of all else its part is kept.
struct Plan {
    /// When one that waits can be granted.
    enum Turn {
        case now(Grant)
        /// At this moment of CLOCK_BOOTTIME, if what is held ends when its lease does.
        case later(Int64)
        /// When something ends of which nobody knows when.
        case unknown
        /// Never on this host, or not while its user has what it has.
        case barred
    }

    private let capacity: Capacity
    private let cores: CoreChoice
    private let unmanaged: Quantity?
    private let now: Int64
    private(set) var timeline: Timeline
    /// What somebody waits for of whom nobody knows when it can be granted.
    private var closed: Set<ResourceType> = []
    /// What each user holds, with what is granted here.
    private var users: [UInt32: Holdings] = [:]

    /// So many of what ends soonest are taken into account.
    static let horizon = 64

    init(_ state: State, _ capacity: Capacity, _ cores: CoreChoice, now: Int64, horizon: Int = Plan.horizon) {
        self.capacity = capacity
        self.cores = cores
        unmanaged = state.unmanagedMemory
        self.now = now
        timeline = Timeline(from: now, held: state.holdings, ends: state.ends(after: now, most: horizon))
    }

    /// Gives one that waits its moment. Whoever is given now or later is before all who are looked at after it.
    mutating func turn(of reservation: Reservation, holding: Holdings) -> Turn {
        guard let waiting = reservation.waiting else { return .barred }
        let resources = waiting.request.resources
        let length = waiting.request.lease?.milliseconds
        if closed.isEmpty || !resources.types.contains(where: closed.contains) {
            let found = timeline.earliest(for: length, mayFit: { hasRoom(for: resources, beside: $0) }) { held in
                placement(held).fit(resources)
            }
            if let (at, grant) = found {
                let held = users[reservation.user] ?? holding
                guard State.isWithin(waiting.caps, grant, besides: held) else { return .barred }
                timeline.hold(grant, from: at, until: length.map { at + $0 })
                guard at <= now else { return .later(at) }
                users[reservation.user] = held
                users[reservation.user]?.add(grant)
                return .now(grant)
            }
        }
        guard placement(Holdings()).fit(resources) != nil else { return .barred }
        keep(resources)
        return .unknown
    }

    /// Keeps for one what it is not short of, from when that is free, and closes what it is short of.
    private mutating func keep(_ resources: Resources) {
        var rest = resources.without(closed)
        while !rest.isEmpty {
            let found = timeline.earliest(for: nil, mayFit: { _ in true }) { placement($0).fit(rest) }
            if let (at, grant) = found { return timeline.hold(grant, from: at, until: nil) }
            let short = placement(timeline.most).short(rest)
            // What fits at no moment and is short at none is short of everything together.
            closed.formUnion(short.isEmpty ? Set(rest.types) : short)
            rest = rest.without(closed)
        }
    }

    private func placement(_ held: Holdings) -> Placement {
        Placement(capacity: capacity, cores: cores, held: held, unmanaged: unmanaged)
    }

    /// Sums alone: what has no room by them has none.
    private func hasRoom(for resources: Resources, beside held: Holdings) -> Bool {
        resources.asks.allSatisfy { ask in
            switch ask.type {
            case .cpu: ask.amount <= capacity.cpu - capacity.reservedCPU - held.cpu
            case .memory:
                ask.amount <= capacity.memory - max(capacity.reservedMemory, unmanaged ?? .zero) - held.memory
            default: true
            }
        }
    }
}
