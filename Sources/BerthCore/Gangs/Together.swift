internal import BerthModel

/// What all of a gang are granted, one beside the other.
extension State {
    /// What each of a gang is granted, beside what others hold and those of it before. Where that is too much for those after
    /// them, all are granted the least that will do, and then one after the other what is left.
    /// - Parameters:
    ///   - members: all of it, in the order in which they choose
    ///   - own: what their user has
    ///   - held: what all hold
    ///   - rooms: what their pool may take beside what those of them before are granted
    ///   - closed: types of which nothing is to be had
    ///   - strategy: how units are chosen; nil is as each of them says
    ///   - excess: the hard quota that what all are granted would pass
    func choose(
        together members: [Reservation], having own: Holdings, beside held: Holdings,
        in rooms: @escaping ([Grant]) -> PoolRooms?, without closed: Set<ResourceType> = [],
        by strategy: Strategy? = nil, excess: @escaping ([Grant]) -> Excess? = { _ in nil }
    ) throws(Refusal) -> [Choice] {
        var table = Table(
            state: self, own: own, held: held, rooms: rooms, closed: closed, strategy: strategy, excess: excess)
        do throws(Refusal) {
            for member in members { try table.place(member) }
            return table.choices
        } catch {
            guard members.contains(where: { $0.waiting?.request.takesLess == true }) else { throw error }
        }
        table.clear()
        for member in members { try table.place(member, atLeast: true) }
        for (index, member) in members.enumerated() where member.waiting?.request.takesLess == true {
            table.replace(at: index, with: member)
        }
        return table.choices
    }
}

/// Those of a gang who have been given their place, one beside the other.
private struct Table {
    let state: State
    let own: Holdings
    let held: Holdings
    let rooms: ([Grant]) -> PoolRooms?
    let closed: Set<ResourceType>
    let strategy: Strategy?
    let excess: ([Grant]) -> Excess?
    private var places: [(member: Reservation, choice: Choice)] = []

    init(
        state: State, own: Holdings, held: Holdings, rooms: @escaping ([Grant]) -> PoolRooms?,
        closed: Set<ResourceType>, strategy: Strategy?, excess: @escaping ([Grant]) -> Excess?
    ) {
        (self.state, self.own, self.held, self.rooms) = (state, own, held, rooms)
        (self.closed, self.strategy, self.excess) = (closed, strategy, excess)
    }

    var choices: [Choice] { places.map(\.choice) }

    mutating func clear() { places = [] }

    mutating func place(_ member: Reservation, atLeast: Bool = false) throws(Refusal) {
        places.append((member, try choice(for: member, beside: places, atLeast)))
    }

    /// Gives one what it would like best, as far as the others leave it; where they leave no more, it keeps its place.
    mutating func replace(at index: Int, with member: Reservation) {
        var others = places
        others.remove(at: index)
        do throws(Refusal) { places[index].choice = try choice(for: member, beside: others, false) } catch { return }
    }

    private func choice(
        for member: Reservation, beside others: [(member: Reservation, choice: Choice)], _ isLeast: Bool
    ) throws(Refusal) -> Choice {
        guard let waiting = member.waiting else { throw .pending(member.id) }
        var request = isLeast ? waiting.request.least : waiting.request
        request.strategy = strategy ?? request.strategy
        var (own, held) = (own, held)
        for other in others {
            own.add(other.choice.grant)
            held.add(other.choice.grant)
        }
        let grants = others.map(\.choice.grant)
        let caller = Caller(user: member.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let placed = others.map { other in
            var placed = other.member
            placed.grant = other.choice.grant
            placed.state = Reservation.State(holding: placed.grant)
            return placed
        }
        do throws(Refusal) {
            return try state.choose(
                request, caller, having: own, beside: held, in: rooms(grants), without: closed,
                near: try state.neighbours(request, caller, among: placed), excess: { excess(grants + [$0]) })
        } catch {
            throw others.isEmpty ? error : error.besideGang
        }
    }
}

extension ReservationRequest {
    /// The same with the least that will do of each of its choices.
    var least: ReservationRequest {
        var request = self
        request.resources = resources.least
        request.alternatives = alternatives.map(\.least)
        return request
    }
}

extension State {
    /// What a pool may take at some moments beside what others of it are granted; nil where it may take all that is free.
    func rooms(
        for pool: PoolName, at moments: [(held: Holdings, pools: PoolHoldings)], beside grants: [Grant]
    ) -> PoolRooms? {
        guard hasPools else { return nil }
        let moments = moments.map { moment in
            var moment = moment
            for grant in grants {
                moment.held.add(grant)
                moment.pools.add(grant, to: pool, of: pools)
            }
            return moment
        }
        return rooms(for: pool, at: moments)
    }
}

extension Plan {
    /// Gives a gang its moment: the first at which all of it can be granted, each beside those before it, so that they delay
    /// nobody before them. Nothing is held for some of them while others wait, so gangs never wait for each other.
    /// - Parameters:
    ///   - gang: all of it, the first of it first
    ///   - excess: the hard quota that what all are granted would pass
    mutating func turn(of gang: [Reservation], excess: @escaping ([Grant]) -> Excess?) -> Turn {
        guard let first = gang.first else { return .barred }
        let (user, pool) = (first.user, first.pool)
        let requests = gang.compactMap(\.waiting?.request)
        for request in requests { know(request) }
        let own = users[user] ?? state.users[user]?.holdings ?? Holdings()
        let length = gang.contains { $0.lease == nil } ? nil : gang.compactMap(\.lease?.milliseconds).max()
        let closed = closures.types(for: pool, of: state.pools, own: ownTypes(of: requests))
        let found: (at: Int64, found: [Choice])?
        do throws(Refusal) {
            let least = Amounts(leastOf: requests)
            found = try moment(for: gang, requests, least, room(for: least), own, length, closed, excess)
        } catch {
            return .barred
        }
        if case (let at, var choices)? = found {
            if at <= now { choices = best(for: gang, own, length, instead: choices, excess) }
            for (member, choice) in zip(gang, choices) {
                hold(choice.grant, in: pool, from: at, until: member.lease.map { at + $0.milliseconds })
            }
            guard at <= now else { return .later(at) }
            var held = own
            for choice in choices { held.add(choice.grant) }
            users[user] = held
            return .together(Array(zip(gang, choices)))
        }
        do throws(Refusal) {
            let state = state
            _ = try state.choose(
                together: gang, having: own, beside: Holdings(),
                in: { state.rooms(for: pool, at: [(Holdings(), PoolHoldings())], beside: $0) }, by: .greedy,
                excess: excess)
        } catch {
            return .barred
        }
        for resources in requests.flatMap(\.choices) { keep(resources.least, in: pool, closed) }
        return .unknown
    }

    /// What they are granted each by its own strategy, where all of them fit so too.
    private func best(
        for gang: [Reservation], _ own: Holdings, _ length: Int64?, instead choices: [Choice],
        _ excess: @escaping ([Grant]) -> Excess?
    ) -> [Choice] {
        do throws(Refusal) {
            let (held, steps) = timeline.mostFromTheFirst(for: length)
            return try state.choose(
                together: gang, having: own, beside: held, in: rooms(of: gang, at: steps), excess: excess)
        } catch {
            return choices
        }
    }

    private func moment(
        for gang: [Reservation], _ requests: [ReservationRequest], _ least: Amounts, _ room: Room, _ own: Holdings,
        _ length: Int64?, _ closed: [ResourceType: Int64], _ excess: @escaping ([Grant]) -> Excess?
    ) throws(Refusal) -> (at: Int64, found: [Choice])? {
        let open = try moment(for: gang, requests, least, room, own, length, without: Set(closed.keys), excess)
        guard open == nil, !closed.isEmpty, let length else { return open }
        let types = requests.flatMap(\.choices).flatMap(\.types)
        let until = types.compactMap { closed[$0] }.min() ?? now
        return try moment(for: gang, requests, least, room, own, length, without: [], excess).flatMap {
            $0.at + length <= until ? $0 : nil
        }
    }

    private func moment(
        for gang: [Reservation], _ requests: [ReservationRequest], _ least: Amounts, _ room: Room, _ own: Holdings,
        _ length: Int64?, without closed: Set<ResourceType>, _ excess: @escaping ([Grant]) -> Excess?
    ) throws(Refusal) -> (at: Int64, found: [Choice])? {
        guard requests.allSatisfy({ $0.choices.contains { closed.isDisjoint(with: $0.types) } }) else { return nil }
        var barred: Refusal?
        let found = timeline.earliest(
            for: length, within: [room],
            mayFit: { rooms(of: gang, at: [$0])([])?.shortfalls(least).isEmpty ?? true }
        ) { held, steps -> [Choice]? in
            guard barred == nil else { return nil }
            do throws(Refusal) {
                return try state.choose(
                    together: gang, having: own, beside: held, in: rooms(of: gang, at: steps), without: closed,
                    by: .greedy, excess: excess)
            } catch {
                // What is over a cap or a quota at one moment is so at every other.
                if !error.isShort { barred = error }
                return nil
            }
        }
        if let barred { throw barred }
        return found
    }
}

extension Plan {
    private func rooms(of gang: [Reservation], at steps: ArraySlice<Timeline.Step>) -> ([Grant]) -> PoolRooms? {
        guard state.hasPools, let pool = gang.first?.pool else { return { _ in nil } }
        return { state.rooms(for: pool, at: steps.map { ($0.held, $0.pools) }, beside: $0) }
    }
}

extension Amounts {
    /// The sums of the least that some requests will do with.
    fileprivate init(leastOf requests: [ReservationRequest]) {
        self.init()
        for part in requests.flatMap({ Amounts(leastOf: $0).parts }) { add(part.units, of: part.type) }
    }
}
