internal import BerthModel

/// When all of a gang are granted.
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
        var likely = likelyMoment { $0.turn(of: gang, excess: excess) }
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
            let isUnseen = zip(gang, choices).contains { self.isUnseen(at, $0.lease, $1.grant) }
            if at > now, isUnseen { return .barred }
            if at <= now, !isLikely {
                choices = best(for: gang, own, length, Set(closed.keys), instead: choices, excess)
            }
            for (member, choice) in zip(gang, choices) {
                hold(choice.grant, in: pool, from: kept(from: at), until: member.lease.map { at + $0.milliseconds })
            }
            guard at <= now else { return .later(at) }
            var held = own
            for choice in choices { held.add(choice.grant) }
            users[user] = held
            for (member, choice) in zip(gang, choices) { note(member, granted: choice.grant) }
            return .together(Array(zip(gang, choices)))
        }
        let (state, plan) = (state, self)
        func check(at moment: Int64) throws(Refusal) {
            _ = try state.choose(
                together: gang, having: own, beside: Holdings(),
                in: { state.rooms(for: pool, at: [(Holdings(), PoolHoldings())], beside: $0) }, by: .greedy,
                besides: plan.granted(until: moment), but: plan.isOver(by: moment), excess: excess)
        }
        do throws(Refusal) { try check(at: now) } catch { return .barred }
        likely = likely.flatMap { self.likely(from: $0, closed, for: requests.flatMap(\.choices)) }
        // Of whom they must lie near nobody may be left: nothing is kept for them.
        if requests.contains(where: \.needsOthers) {
            do throws(Refusal) { try check(at: .max) } catch { return .unknown(likely: likely) }
        }
        for request in requests {
            for resources in request.choices { keep(resources.least, request.same, in: pool, closed, likely) }
        }
        return .unknown(likely: likely)
    }

    /// What they are granted each by its own strategy, where all of them fit so too.
    private func best(
        for gang: [Reservation], _ own: Holdings, _ length: Int64?, _ closed: Set<ResourceType>,
        instead choices: [Choice],
        _ excess: @escaping ([Grant]) -> Excess?
    ) -> [Choice] {
        do throws(Refusal) {
            let (held, steps) = timeline.mostFromTheFirst(for: length)
            return try state.choose(
                together: gang, having: own, beside: held, in: rooms(of: gang, at: steps), without: closed,
                besides: granted, isThorough: false, excess: excess)
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
            of: typesAwaited(by: requests) ?? Set(requests.flatMap(\.choices).flatMap(\.types)).union([.storage]),
            mayFit: { rooms(of: gang, at: [$0])([])?.shortfalls(least).isEmpty ?? true }
        ) { held, steps -> [Choice]? in
            guard barred == nil else { return nil }
            do throws(Refusal) {
                // In between all ways are not tried: that costs much, and what is found now or at last is enough.
                let isThorough = steps.startIndex == 0 || steps.startIndex == timeline.steps.count - 1
                let moment = steps.first?.at ?? now
                return try state.choose(
                    together: gang, having: own, beside: held, in: rooms(of: gang, at: steps), without: closed,
                    by: .greedy, besides: granted(until: moment), but: isOver(by: moment), isThorough: isThorough,
                    excess: excess)
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
