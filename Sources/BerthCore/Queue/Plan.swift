internal import BerthModel

/// Who of those who wait is granted now, and when the others can be, looked at one after the other: each is given the first
/// moment at which it delays nobody before it.
///
/// Conservative backfilling (Mu'alem and Feitelson, "Utilization, Predictability, Workloads, and User Runtime Estimates",
/// IEEE TPDS 2001): everybody has a reservation in time, so who comes later may pass only where the time that it declares
/// is over before it would be in anybody's way. What has no lease holds for ever; where somebody can be given no moment
/// for that, what it is short of is closed to all behind it, and of all else its part is kept.
///
/// Units are chosen anew at each look, so where a request wants several of a few units its moment may move.
struct Plan {
    /// When one that waits can be granted.
    enum Turn {
        case now(Choice)
        /// So can all of its gang, of which it is the first.
        case together([(Reservation, Choice)])
        /// At this moment of CLOCK_BOOTTIME, if what is held ends when its lease does.
        case later(Int64)
        /// When something ends of which nobody knows when.
        case unknown
        /// Not while its user has what it has, or never on this host: it holds up nobody.
        case barred
    }

    let state: State
    let now: Int64
    private(set) var timeline: Timeline
    /// What somebody waits for of whom nobody knows when it can be granted, and from when on it may come to that.
    private(set) var closed: [ResourceType: Int64] = [:]
    /// How much there is of the types whose units are counted.
    private var wholes: [ResourceType: Quantity] = [:]
    /// What each user holds, with what is granted here.
    var users: [UInt32: Holdings] = [:]
    /// Before when there is no room for what asks the same: what is held only becomes more while a plan is made.
    private var notBefore: [Asked: Int64] = [:]

    /// What says when there is room for a request, whoever makes it.
    private struct Asked: Hashable {
        var resources: Resources
        var lease: Duration?
        var same: Same?

        /// Nil for what lies near others, or apart from them, and for what takes less where its user may have no more: that is
        /// not only a matter of what is held.
        init?(_ request: ReservationRequest) {
            guard request.affinity.isEmpty, request.antiAffinity.isEmpty, !request.takesLess else { return nil }
            (resources, lease, same) = (request.resources, request.lease, request.same)
        }
    }

    /// So many of what ends soonest are taken into account.
    static let horizon = 64

    init(_ state: State, now: Int64, horizon: Int = Plan.horizon) {
        self.state = state
        self.now = now
        timeline = Timeline(from: now, held: state.holdings, ends: state.ends(after: now, most: horizon))
    }

    /// Gives one that waits its moment. Whoever is given now or later is before all who are looked at after it.
    /// - Parameters:
    ///   - reservation: the one that waits
    ///   - excess: the hard quota that it would pass with a grant; where it has to, it holds up nobody
    mutating func turn(of reservation: Reservation, excess: @escaping (Grant) -> Excess?) -> Turn {
        guard let waiting = reservation.waiting else { return .barred }
        let request = waiting.request
        know(request)
        let own = users[reservation.user] ?? state.users[reservation.user]?.holdings ?? Holdings()
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let found: (at: Int64, found: Choice)?
        // Whether there is room is asked many times, and which units are the best once.
        var quick = request
        quick.strategy = .greedy
        do throws(Refusal) {
            let near = try state.neighbours(request, caller)
            found = try moment(for: quick, caller, own, near, excess)
        } catch {
            return .barred
        }
        if case (let at, var choice)? = found {
            if at > now, let asked = Asked(request) { notBefore[asked] = at }
            if at <= now { choice = best(for: request, caller, own, instead: choice, excess) }
            timeline.hold(choice.grant, from: at, until: request.lease.map { at + $0.milliseconds })
            guard at <= now else { return .later(at) }
            var held = own
            held.add(choice.grant)
            users[reservation.user] = held
            return .now(choice)
        }
        do throws(Refusal) {
            _ = try state.choose(request, caller, having: own, beside: Holdings(), excess: excess)
        } catch {
            return .barred
        }
        // Any of its choices may be the one whose time comes.
        for resources in request.choices { keep(resources.least) }
        return .unknown
    }

    /// Knows how much there is of what a request asks for.
    mutating func know(_ request: ReservationRequest) {
        for type in request.choices.flatMap(\.types) where wholes[type] == nil {
            wholes[type] = state.capacity?.whole(of: type)
        }
    }

    /// Takes a grant to be held from one moment to another; nil is for ever.
    mutating func hold(_ grant: Grant, from start: Int64, until end: Int64?) {
        timeline.hold(grant, from: start, until: end)
    }

    /// What a request is granted now by its own strategy, of the same of its choices.
    private func best(
        for request: ReservationRequest, _ caller: Caller, _ own: Holdings, instead choice: Choice,
        _ excess: @escaping (Grant) -> Excess?
    ) -> Choice {
        let held = timeline.mostFromTheFirst(for: request.lease?.milliseconds)
        var only = request
        only.resources = request.choices[choice.alternative.map { $0 + 1 } ?? 0]
        only.alternatives = []
        do throws(Refusal) {
            var best = try state.choose(only, caller, having: own, beside: held, excess: excess)
            best.alternative = choice.alternative
            best.passed = choice.passed
            return best
        } catch {
            return choice
        }
    }

    /// The first moment at which a request can be granted: of choices that are closed to it, only where it is over before
    /// they may come to those before it.
    private func moment(
        for request: ReservationRequest, _ caller: Caller, _ own: Holdings, _ near: [Neighbours],
        _ excess: @escaping (Grant) -> Excess?
    ) throws(Refusal) -> (at: Int64, found: Choice)? {
        let length = request.lease?.milliseconds
        let open = try moment(for: request, caller, own, near, length, without: Set(closed.keys), excess)
        guard open == nil, !closed.isEmpty, let length else { return open }
        let until = request.choices.flatMap(\.types).compactMap { closed[$0] }.min() ?? now
        return try moment(for: request, caller, own, near, length, without: [], excess).flatMap {
            $0.at + length <= until ? $0 : nil
        }
    }

    private func moment(
        for request: ReservationRequest, _ caller: Caller, _ own: Holdings, _ near: [Neighbours], _ length: Int64?,
        without closed: Set<ResourceType>, _ excess: @escaping (Grant) -> Excess?
    ) throws(Refusal) -> (at: Int64, found: Choice)? {
        let open = request.choices.filter { closed.isDisjoint(with: $0.types) }
        guard !open.isEmpty else { return nil }
        var barred: Refusal?
        let found = timeline.earliest(
            for: length, notBefore: Asked(request).flatMap { notBefore[$0] }, within: open.map { room(for: $0.least) }
        ) { held -> Choice? in
            guard barred == nil else { return nil }
            do throws(Refusal) {
                return try state.choose(
                    request, caller, having: own, beside: held, without: closed, near: near, excess: excess)
            } catch {
                // What is over a cap or a quota at one moment is so at every other.
                if !error.isShort { barred = error }
                return nil
            }
        }
        if let barred { throw barred }
        return found
    }

    /// Keeps for one what it is not short of, from when that is free, and closes what it is short of.
    mutating func keep(_ resources: Resources) {
        var rest = resources.without(Set(closed.keys))
        while !rest.isEmpty {
            let rooms = [room(for: rest)]
            let found = timeline.earliest(for: nil, within: rooms) { state.fit(rest, beside: $0) }
            if let (at, grant) = found { return timeline.hold(grant, from: at, until: nil) }
            let short = Set(state.shortfalls(rest, beside: timeline.most).map(\.type))
            // What fits at no moment and is short at none is short of everything together.
            let types = short.isEmpty ? Set(rest.types) : short
            let steps = timeline.steps
            let last = steps.indices.last {
                timeline.hasRoom($0, within: rooms) && state.fit(rest, beside: steps[$0].held) != nil
            }
            let from = last.map { $0 + 1 < steps.count ? steps[$0 + 1].at : now } ?? now
            for type in types { closed[type] = min(closed[type] ?? from, from) }
            rest = rest.without(types)
        }
    }

    /// What must have room for one that waits.
    mutating func room(for demand: Amounts) -> Room {
        for part in demand.parts where wholes[part.type] == nil {
            wholes[part.type] = state.capacity?.whole(of: part.type)
        }
        return Room(for: demand, in: state, wholes)
    }

    private func room(for resources: Resources) -> Room { Room(for: Amounts(resources), in: state, wholes) }
}

extension Capacity {
    /// How much there is of a type whose units are counted; nil for any other.
    fileprivate func whole(of type: ResourceType) -> Quantity? {
        switch type {
        case .cpu, .memory, .network, .storage: nil
        case .pids: pids
        default: Quantity(Int64(wholeUnits(type).count) * type.whole.units)
        }
    }
}

extension Refusal {
    /// Whether there may be enough at another moment.
    fileprivate var isShort: Bool {
        switch self {
        case .insufficient, .unmet: true
        case .noneFits(let refusals): refusals.contains(where: \.isShort)
        default: false
        }
    }
}

extension State {
    /// What is granted for resources that make sense here, beside what is held; nil where something is short.
    func fit(_ resources: Resources, beside held: Holdings) -> Grant? {
        do throws(Refusal) { return try placement(beside: held, .greedy, nil).fit(resources) } catch { return nil }
    }

    /// Everything that is short for resources that make sense here, beside what is held.
    func shortfalls(_ resources: Resources, beside held: Holdings) -> [Shortfall] {
        do throws(Refusal) {
            return try placement(beside: held, .greedy, nil).shortfalls(resources)
        } catch {
            return []
        }
    }
}
