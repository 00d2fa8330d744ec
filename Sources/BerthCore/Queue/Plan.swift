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
        /// When something ends of which nobody knows when, though it may be likely.
        case unknown(likely: Int64?)
        /// Not while its user has what it has, or never on this host: it holds up nobody.
        case barred
    }

    let state: State
    let now: Int64
    let clock: Now
    var timeline: Timeline
    /// Those who are granted now what they were promised, before all who wait.
    var begun: [Begun] = []
    /// Those who are granted something now, as they then are, for whoever is to be near them or apart from them.
    private(set) var granted: [Reservation] = []
    /// What each has and had, with that.
    var accounts: Accounts
    /// What somebody waits for of whom nobody knows when it can be granted.
    private(set) var closures = Closures()
    /// How much there is of the types whose units are counted.
    private var wholes: [ResourceType: Quantity] = [:]
    /// How much there is of all others.
    private let whole: Room.Whole?
    /// What each user holds, with what is granted here.
    var users: [UInt32: Holdings] = [:]
    /// Before when there is no room for what asks the same: what is held only becomes more while a plan is made.
    private var notBefore: [Asked: Int64] = [:]

    /// What says when there is room for a request, whoever makes it.
    private struct Asked: Hashable {
        var resources: Resources
        var lease: Duration?
        var same: Same?
        var pool: PoolName

        /// Nil for what lies near others, or apart from them, and for what takes less where its user may have no more: that is
        /// not only a matter of what is held.
        init?(_ request: ReservationRequest) {
            guard request.affinity.isEmpty, request.antiAffinity.isEmpty, !request.takesLess else { return nil }
            (resources, lease, same, pool) = (request.resources, request.lease, request.same, request.pool)
        }
    }

    /// What windows that come again cover, and from when on nobody has looked whether they are on.
    private var unseen: [(covers: Withheld, from: Int64)] = []
    /// What is meant for those who were given a place, now or later.
    var planned: [(grant: Grant, pool: PoolName)] = []
    /// From when on its part is kept for each of whom nobody knows when it can be granted.
    private(set) var keptFrom: [Int64] = []
    /// What is known of when reservations end.
    private(set) var ends: [ReservationID: Int64] = [:]
    /// What ends already, or has had its notice, and when it is gone, at a guess.
    private(set) var going: [ReservationID: Int64] = [:]

    /// The same with what is likely to end; nothing where nothing is. It says from when on room may be there for one of whom
    /// leases do not tell it, and grants nothing.
    var likely: [Plan] = []
    /// Whether it is one with what is likely to end.
    let isLikely: Bool

    /// Whether several have ended that are not gone yet, so that some of that may be gone before the rest.
    private var isPartGoing = false
    /// What has ended so long ago, in milliseconds, and is not gone cannot be waited for like that: it may be stuck in the kernel.
    private static let longestGoing: Int64 = 60_000

    /// So many of what ends soonest are taken into account.
    static let horizon = 64

    /// The same where the future is promised to somebody.
    private static let promisedHorizon = 1024

    /// With what is promised in it already, before anybody is looked at.
    /// - Parameters:
    ///   - state: what is held and promised
    ///   - now: the first moment
    ///   - horizon: so many of what ends soonest are taken into account
    ///   - reservation: one whose end is taken into account in any case
    ///   - isGranting: whether what begins in it is granted
    ///   - isLikely: whether what has no lease ends when others of its name did
    init(
        _ state: State, _ now: Now, horizon: Int = Plan.horizon, ending reservation: Reservation? = nil,
        isGranting: Bool = false, isLikely: Bool = false
    ) {
        self.isLikely = isLikely
        self.state = state
        clock = now
        self.now = now.uptime
        accounts = state.accounts
        whole = Room.Whole(state)
        let isPromised = !state.waiters.bookings.isEmpty
        let ends = state.ends(
            after: now, most: isPromised ? max(horizon, Plan.promisedHorizon) : horizon, besides: reservation,
            isLikely: isLikely)
        timeline = Timeline(
            from: now.uptime, held: state.holdings, ends: ends.map { ($0.at, $0.grant, $0.pool) },
            of: state.hasPools ? (state.pools, state.poolHoldings) : nil)
        for end in ends {
            self.ends[end.id] = end.at
            if end.isCertain { going[end.id] = end.at }
        }
        isPartGoing = state.isGoing(atLeast: 2, since: now.wall.milliseconds - Plan.longestGoing)
        withhold(state.maintenanceTimes(now), now)
        unseen = state.unseenMaintenance(now).map { ($0.covers, now.uptime(of: $0.from)) }
        if isPromised { holdPromises(now, isGranting: isGranting) }
    }

    /// Takes these to be gone by their deadlines.
    mutating func expect(_ victims: [Victim]) {
        notBefore = [:]
        for index in likely.indices { likely[index].expect(victims) }
        for victim in victims {
            guard let reservation = state.reservations[victim.id] else { continue }
            // What is due now holds its units until it has ended all the same.
            let from = max(victim.deadline, now + 1)
            timeline.release(reservation.grant, in: reservation.pool, from: from, until: ends[victim.id])
            ends[victim.id] = victim.deadline
            going[victim.id] = victim.deadline
        }
    }

    /// What a user holds, with what is granted here.
    func held(by user: UInt32) -> Holdings { users[user] ?? state.users[user]?.holdings ?? Holdings() }

    /// Gives one that waits its moment. Whoever is given now or later is before all who are looked at after it.
    /// - Parameters:
    ///   - reservation: the one that waits
    ///   - excess: the hard quota that it would pass with a grant; where it has to, it holds up nobody
    mutating func turn(of reservation: Reservation, excess: @escaping (Grant) -> Excess?) -> Turn {
        guard let waiting = reservation.waiting else { return .barred }
        var likely = likelyMoment { $0.turn(of: reservation, excess: excess) }
        let takenBack = takenBack(by: reservation)
        let request = takenBack.map { waiting.request.keeping($0).least } ?? waiting.request
        know(request)
        let own = held(by: reservation.user)
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let closed = closures.types(for: reservation.pool, of: state.pools, own: ownTypes(of: [request]))
        let found: (at: Int64, found: Choice)?
        // Whether there is room is asked many times, and which units are the best once.
        var quick = request
        quick.strategy = .greedy
        let near: [Neighbours]
        do throws(Refusal) {
            near = try neighbours(request, caller, at: self.now)
            found = try moment(for: quick, caller, own, near, closed, excess)
        } catch {
            return .barred
        }
        if case (let at, var choice)? = found {
            // Nobody has looked whether a window that comes again is on then, and it never is granted beside that.
            if at > now, isUnseen(at, request.lease, choice.grant) { return .barred }
            if at > now, let asked = Asked(request) { notBefore[asked] = at }
            // In what is likely nothing is granted, so it is no matter which units are the best.
            if at <= now, !isLikely { choice = best(for: request, caller, own, near, instead: choice, excess) }
            hold(
                choice.grant, in: request.pool, from: kept(from: at), until: request.lease.map { at + $0.milliseconds })
            guard at <= now else { return .later(at) }
            if let takenBack { choice.say(takenBack, of: waiting.request) }
            var held = own
            held.add(choice.grant)
            users[reservation.user] = held
            note(reservation, granted: choice.grant)
            return .now(choice)
        }
        do throws(Refusal) {
            _ = try state.choose(
                request, caller, having: own, beside: Holdings(), in: state.wholeRooms(for: request.pool),
                excess: excess)
        } catch {
            return .barred
        }
        // Any of its choices may be the one whose time comes.
        likely = likely.flatMap { self.likely(from: $0, closed, for: request.choices) }
        if isForsaken(request, caller) { return .unknown(likely: likely) }
        for resources in request.choices { keep(resources.least, request.same, in: request.pool, closed, likely) }
        return .unknown(likely: likely)
    }

    /// From when on something is kept for one that can be granted from a moment on. Where all that it waits for has ended, and is
    /// only to be gone, nobody gets in before it any more: of several what is gone first may be enough for it.
    func kept(from at: Int64) -> Int64 { at <= now + 1 && isPartGoing ? now : at }

    /// Whether a moment lies behind all the times of a window that are looked ahead for, and it would be on.
    func isUnseen(_ at: Int64, _ lease: Duration?, _ grant: Grant) -> Bool {
        guard unseen.contains(where: { at >= $0.from && state.isWithheld(grant, by: $0.covers) }) else { return false }
        guard let lease else { return true }
        let start = clock.wall(of: at)
        return state.maintenanceTimes(from: start, until: start + lease).contains { time in
            state.isWithheld(grant, by: time.window.covers)
        }
    }

    /// The choices of one for whom others have gone so that its pool has back what is its own: it has no more for that, or two
    /// pools would take it from each other for ever. Nil for all others.
    private func takenBack(by reservation: Reservation) -> [Int]? {
        guard reservation.waiting?.nominatedAt != nil, state.takesBack(reservation) else { return nil }
        let choices = state.ownChoices(of: reservation, beside: heldAndPlanned)
        return choices.isEmpty ? nil : choices
    }

    /// The same for who is only to be told whether it is granted now, for so long: in it nothing ends.
    func ofNow(for lease: Duration?) -> Plan {
        var plan = self
        plan.timeline = timeline.ofTheFirst(for: lease?.milliseconds)
        plan.notBefore = [:]
        plan.likely = []
        return plan
    }

    /// Knows how much there is of what a request asks for.
    mutating func know(_ request: ReservationRequest) {
        for type in request.choices.flatMap(\.types) { know(type) }
    }

    private mutating func know(_ type: ResourceType) {
        guard type != .cpu, type != .memory, wholes[type] == nil else { return }
        wholes[type] = state.capacity?.whole(of: type)
    }

    /// Takes a grant to be held from one moment to another; nil is for ever.
    mutating func hold(_ grant: Grant, in pool: PoolName, from start: Int64, until end: Int64?) {
        planned.append((grant, pool))
        timeline.hold(grant, in: pool, from: start, until: end)
    }

    /// Takes one to be granted something now.
    mutating func note(_ reservation: Reservation, granted grant: Grant) {
        guard !isLikely else { return }
        var reservation = reservation
        reservation.grant = grant
        reservation.state = Reservation.State(holding: grant)
        granted.append(reservation)
    }

    /// What a request is granted now by its own strategy, of the same of its choices.
    private func best(
        for request: ReservationRequest, _ caller: Caller, _ own: Holdings, _ near: [Neighbours],
        instead choice: Choice, _ excess: @escaping (Grant) -> Excess?
    ) -> Choice {
        let (held, steps) = timeline.mostFromTheFirst(for: request.lease?.milliseconds)
        let only = request.only(choice.alternative.map { $0 + 1 } ?? 0)
        do throws(Refusal) {
            var best = try state.choose(
                only, caller, having: own, beside: held, in: rooms(for: request.pool, at: steps), near: near,
                excess: excess)
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
        _ closed: [ResourceType: Int64], _ excess: @escaping (Grant) -> Excess?
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
            for: length, notBefore: Asked(request).flatMap { notBefore[$0] }, within: open.map { room(for: $0.least) },
            of: typesAwaited(by: [request]), mayFit: mayFit(open.map(\.least), in: request.pool)
        ) { held, steps -> Choice? in
            guard barred == nil else { return nil }
            do throws(Refusal) {
                var near = near
                if request.speaksOfOthers, let step = steps.first, step.at > now {
                    near = try neighbours(request, caller, at: step.at)
                }
                return try state.choose(
                    request, caller, having: own, beside: held, in: rooms(for: request.pool, at: steps),
                    without: closed, near: near, excess: excess)
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
    /// - Parameters:
    ///   - same: what everything of it must be of
    ///   - likely: when its turn is likely to come; what is over by then is in nobody's way
    mutating func keep(
        _ resources: Resources, _ same: Same?, in pool: PoolName, _ closed: [ResourceType: Int64], _ likely: Int64?
    ) {
        var rest = resources.without(Set(closed.keys))
        if let likely {
            // Of what is closed already it may be sooner the turn of this one.
            for type in resources.types where closed[type] ?? likely > likely {
                closures.close(type, from: likely, for: pool, within: nil)
            }
        }
        while !rest.isEmpty {
            let within = [room(for: rest)]
            let found = timeline.earliest(for: nil, within: within, mayFit: mayFit([rest], in: pool)) {
                fit(rest, same, in: pool, beside: $0, at: $1)
            }
            if let (at, grant) = found {
                keptFrom.append(at)
                return hold(grant, in: pool, from: at, until: nil)
            }
            let rooms = rooms(for: pool, at: timeline.steps[...])
            let lacking = rooms?.shortfalls(Amounts(rest)) ?? []
            let short = Set((state.shortfalls(rest, same, beside: timeline.most) + lacking).map(\.type))
            // What fits at no moment and is short at none is short of everything together.
            let types = short.isEmpty ? Set(rest.types) : short
            let steps = timeline.steps
            let last = steps.indices.last {
                timeline.hasRoom($0, within: within)
                    && fit(rest, same, in: pool, beside: steps[$0].held, at: steps[$0...$0]) != nil
            }
            let from = max(last.map { $0 + 1 < steps.count ? steps[$0 + 1].at : now } ?? now, likely ?? now)
            for type in types {
                let asked = Int128(rest[type]?.amount.units ?? 0)
                closures.close(type, from: from, for: pool, within: rooms?.bound(on: asked, of: type))
            }
            rest = rest.without(types)
        }
    }

    /// What a pool may take at some steps; nil where it may take all that is free.
    func rooms(for pool: PoolName, at steps: ArraySlice<Timeline.Step>) -> PoolRooms? {
        state.hasPools ? state.rooms(for: pool, at: steps.map { ($0.held, $0.pools) }) : nil
    }

    /// Whether a pool has room for any of some resources at a step, by sums; nil where it may take all that is free.
    func mayFit(_ choices: [Resources], in pool: PoolName) -> ((Timeline.Step) -> Bool)? {
        guard state.hasPools else { return nil }
        return { step in
            let rooms = rooms(for: pool, at: [step])
            return choices.contains { rooms?.shortfalls(Amounts($0)).isEmpty ?? true }
        }
    }

    /// The types of which all that one that asks, or all of a gang, may be granted is what its pool is guaranteed and does not
    /// hold, now and later.
    func ownTypes(of requests: [ReservationRequest]) -> Set<ResourceType> {
        guard let pool = requests.first?.pool, let rooms = rooms(for: pool, at: timeline.steps[...]) else { return [] }
        return Set(requests.flatMap(\.choices).flatMap(\.types)).filter { type in
            let most = requests.map { $0.choices.compactMap { $0[type]?.amount.units }.max() ?? 0 }
            return rooms.isOwn(most.reduce(Int128(0)) { $0 + Int128($1) }, of: type)
        }
    }

    func closed(to request: ReservationRequest) -> [ResourceType: Int64] {
        closures.types(for: request.pool, of: state.pools, own: ownTypes(of: [request]))
    }

    private func fit(
        _ resources: Resources, _ same: Same?, in pool: PoolName, beside held: Holdings,
        at steps: ArraySlice<Timeline.Step>
    ) -> Grant? {
        guard let grant = state.fit(resources, same, beside: held) else { return nil }
        return rooms(for: pool, at: steps)?.shortfalls(Amounts(grant)).isEmpty == false ? nil : grant
    }

    /// What must have room for one that waits.
    mutating func room(for demand: Amounts) -> Room {
        for part in demand.parts { know(part.type) }
        return Room(for: demand, of: whole, wholes)
    }

    func room(for resources: Resources) -> Room { Room(for: Amounts(resources), of: whole, wholes) }
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
    var isShort: Bool {
        switch self {
        case .insufficient, .unmet: true
        case .noneFits(let refusals): refusals.contains(where: \.isShort)
        default: false
        }
    }
}

extension ReservationRequest {
    /// The same with some of its choices alone.
    fileprivate func keeping(_ choices: [Int]) -> ReservationRequest {
        var request = self
        let kept = choices.map { self.choices[$0] }
        if let first = kept.first { (request.resources, request.alternatives) = (first, Array(kept.dropFirst())) }
        return request
    }
}

extension Choice {
    /// Says which of a request's choices it is, and what was asked.
    /// - Parameter choices: those of them that were left to it
    fileprivate mutating func say(_ choices: [Int], of request: ReservationRequest) {
        let index = choices[alternative.map { $0 + 1 } ?? 0]
        alternative = index == 0 ? nil : index - 1
        grant.note(request.choices[index])
    }
}
