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
        case now(Choice)
        /// At this moment of CLOCK_BOOTTIME, if what is held ends when its lease does.
        case later(Int64)
        /// When something ends of which nobody knows when.
        case unknown
        /// Not while its user has what it has, or never on this host: it holds up nobody.
        case barred
    }

    private let state: State
    private let now: Int64
    private(set) var timeline: Timeline
    /// What somebody waits for of whom nobody knows when it can be granted.
    private var closed: Set<ResourceType> = []
    /// What each user holds, with what is granted here.
    private var users: [UInt32: Holdings] = [:]

    /// So many of what ends soonest are taken into account.
    static let horizon = 64

    init(_ state: State, now: Int64, horizon: Int = Plan.horizon) {
        self.state = state
        self.now = now
        timeline = Timeline(from: now, held: state.holdings, ends: state.ends(after: now, most: horizon))
    }

    /// Gives one that waits its moment. Whoever is given now or later is before all who are looked at after it.
    mutating func turn(of reservation: Reservation) -> Turn {
        guard let waiting = reservation.waiting else { return .barred }
        let request = waiting.request
        let own = users[reservation.user] ?? state.users[reservation.user]?.holdings ?? Holdings()
        if closed.isEmpty || !request.resources.types.contains(where: closed.contains) {
            let length = request.lease?.milliseconds
            var isBarred = false
            let found = timeline.earliest(for: length, mayFit: { hasRoom(for: request.resources, beside: $0) }) {
                held in
                do throws(Refusal) {
                    return try state.choose(request, within: waiting.caps, having: own, beside: held)
                } catch {
                    if case .overCap = error { isBarred = true }
                    return nil
                }
            }
            if isBarred { return .barred }
            if let (at, choice) = found {
                timeline.hold(choice.grant, from: at, until: length.map { at + $0 })
                guard at <= now else { return .later(at) }
                var held = own
                held.add(choice.grant)
                users[reservation.user] = held
                return .now(choice)
            }
        }
        do throws(Refusal) {
            _ = try state.choose(request, within: waiting.caps, having: own, beside: Holdings())
        } catch {
            return .barred
        }
        keep(request.resources)
        return .unknown
    }

    /// Keeps for one what it is not short of, from when that is free, and closes what it is short of.
    private mutating func keep(_ resources: Resources) {
        var rest = resources.without(closed)
        while !rest.isEmpty {
            let found = timeline.earliest(for: nil, mayFit: { _ in true }) { state.fit(rest, beside: $0) }
            if let (at, grant) = found { return timeline.hold(grant, from: at, until: nil) }
            let short = Set(state.shortfalls(rest, beside: timeline.most).map(\.type))
            // What fits at no moment and is short at none is short of everything together.
            closed.formUnion(short.isEmpty ? Set(rest.types) : short)
            rest = rest.without(closed)
        }
    }

    /// Sums alone: what has no room by them has none.
    private func hasRoom(for resources: Resources, beside held: Holdings) -> Bool {
        guard let capacity = state.capacity else { return false }
        return resources.asks.allSatisfy { ask in
            switch ask.type {
            case .cpu: ask.amount <= capacity.cpu - capacity.reservedCPU - held.cpu
            case .memory:
                ask.amount
                    <= capacity.memory - max(capacity.reservedMemory, state.unmanagedMemory ?? .zero) - held.memory
            default: true
            }
        }
    }
}

extension State {
    /// What is granted for resources that make sense here, beside what is held; nil where something is short.
    func fit(_ resources: Resources, beside held: Holdings) -> Grant? {
        do throws(Refusal) { return try placement(beside: held, .standard).fit(resources) } catch { return nil }
    }

    /// Everything that is short for resources that make sense here, beside what is held.
    func shortfalls(_ resources: Resources, beside held: Holdings) -> [Shortfall] {
        do throws(Refusal) { return try placement(beside: held, .standard).shortfalls(resources) } catch { return [] }
    }
}
