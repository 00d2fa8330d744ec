internal import BerthModel

/// What is promised is held in every plan from its start on. When that has come it is granted, before all who wait.
extension Plan {
    /// One that is granted what it was promised, or the same elsewhere.
    typealias Begun = (reservation: Reservation, choice: Choice, isSurplus: Bool)

    /// Takes what is promised to be held from its start on. Those whose start has come are granted it, as far as it is there;
    /// where it is still to be given back, it is kept for them. Who can have it no more is given as much at the first moment
    /// at which that is, beside all others. What a quota or a cap does not let somebody have now is kept for them as well, for
    /// nobody knows when it does, and others are promised the rest; what a quota never lets them have is kept from nobody.
    /// - Parameter isGranting: whether what begins here is granted, so that one may begin on other units than it was promised
    mutating func holdPromises(_ now: Now, isGranting: Bool) {
        let booked = state.booked.filter { $0.waiting?.booking.map { $0.end > now.wall } ?? false }
        let isDue = { (waiter: Reservation) in waiter.waiting?.booking.map { $0.start <= now.wall } ?? false }
        timeline.hold(
            booked.filter { !isDue($0) }.compactMap { waiter in
                guard let booking = waiter.waiting?.booking else { return nil }
                return (booking.grant, waiter.pool, now.uptime(of: booking.start), now.uptime(of: booking.end))
            })
        let due = booked.filter(isDue)
        guard !due.isEmpty else { return }
        var (kept, lost): ([Reservation], [Reservation]) = ([], [])
        for reservation in due {
            guard let booking = reservation.waiting?.booking else { continue }
            let end = now.uptime(of: booking.end)
            let standing = state.standing(of: reservation, holding: booking.grant, accounts, now)
            if case .over(let excess) = standing, !excess.passes { continue }
            let isAllowed = !standing.isOver && isWithinCaps(reservation)
            if isAllowed, hasRoom(for: booking, in: reservation.pool, from: now.uptime, until: end) {
                hold(booking.grant, in: reservation.pool, from: now.uptime, until: end)
                begin(reservation, Choice(booking), now)
            } else if hasRoom(for: booking, in: reservation.pool, from: now.uptime + 1, until: end) {
                hold(booking.grant, in: reservation.pool, from: now.uptime + 1, until: end)
                if isAllowed { kept.append(reservation) }
            } else if isAllowed {
                lost.append(reservation)
            }
        }
        if isGranting { for reservation in kept { beginElsewhere(reservation, now) } }
        for reservation in lost { place(reservation, now) }
    }

    /// Whether its caps let somebody have what it was promised.
    private func isWithinCaps(_ reservation: Reservation) -> Bool {
        guard let waiting = reservation.waiting, let booking = waiting.booking else { return false }
        return waiting.caps.allow(booking.grant, beside: held(by: reservation.user))
    }

    /// Whether just what was promised is there from one moment to another. What was never let until now may be promised to others
    /// by then.
    private func hasRoom(for booking: Booking, in pool: PoolName, from start: Int64, until end: Int64) -> Bool {
        guard start < end else { return false }
        let (held, steps) = timeline.mostPromised(from: start, until: end)
        return state.hasRoom(for: booking.grant, beside: held) && !isFull(pool, for: booking.grant, at: steps)
    }

    /// Grants one for whom its units are kept as much on others, where that is there.
    private mutating func beginElsewhere(_ reservation: Reservation, _ now: Now) {
        guard let waiting = reservation.waiting, let booking = waiting.booking else { return }
        let (kept, end) = (self, now.uptime(of: booking.end))
        timeline.release(booking.grant, in: reservation.pool, from: now.uptime + 1, until: end)
        let place = planned.firstIndex { $0.grant == booking.grant && $0.pool == reservation.pool }
        if let place { planned.remove(at: place) }
        let exact = waiting.request.promised(booking)
        if !begins(reservation, exact, isExact: true, from: now.uptime, until: end, now) { self = kept }
    }

    /// Whether a pool, or one it is within, is up to its most only because of what has ended in it and is not gone yet. What was
    /// promised before its most was made smaller is granted all the same.
    private func isFull(_ pool: PoolName, for grant: Grant, at steps: ArraySlice<Timeline.Step>) -> Bool {
        // What has ended is taken to be gone a millisecond later.
        guard state.hasPools, let first = steps.first, let next = steps.dropFirst().first, next.at <= first.at + 1
        else { return false }
        func isOver(_ step: Timeline.Step) -> Bool {
            state.pools.path(of: pool).contains { pool in
                Amounts(grant).parts.contains { part in
                    pool.most(of: part.type).map { step.pools[pool.name][part.type] + part.units > Int128($0.units) }
                        ?? false
                }
            }
        }
        return isOver(first) && !isOver(next)
    }

    private mutating func begin(_ reservation: Reservation, _ choice: Choice, _ now: Now) {
        let isSurplus = state.standing(of: reservation, holding: choice.grant, accounts, now).isSurplus
        accounts = accounts.without(reservation, in: state, now)
        users[reservation.user] = held(by: reservation.user).adding(choice.grant)
        accounts.add(
            Amounts(choice.grant), live: 1, sign: 1, until: reservation.waiting?.booking?.end.milliseconds,
            for: state.subjects(of: reservation), at: now.wall.milliseconds)
        begun.append((reservation, choice, isSurplus))
        note(reservation, granted: choice.grant)
    }

    /// Gives one whose start has come, and what it was promised is not there, the first moment before its end at which as
    /// much is, on whatever units; less, or what else would do, only where that is never. Where that is never either, as far
    /// as is known, what of it is there is kept for it.
    private mutating func place(_ reservation: Reservation, _ now: Now) {
        guard let waiting = reservation.waiting, let booking = waiting.booking else { return }
        let end = now.uptime(of: booking.end)
        for (request, isExact) in [(waiting.request.promised(booking), true), (waiting.request, false)] {
            know(request)
            let rooms = request.choices.map { room(for: $0.least) }
            for index in timeline.starts(before: end, within: rooms)
            where begins(
                reservation, request, isExact: isExact, from: timeline.steps[index].at, until: end, now)
            { return }
        }
        let start = now.uptime + 1
        guard start < end else { return }
        let (held, _) = timeline.mostPromised(from: start, until: end)
        let there = booking.grant.holds.filter { state.hasRoom(for: Grant([$0]), beside: held) }
        if !there.isEmpty { hold(Grant(there), in: reservation.pool, from: start, until: end) }
    }

    /// Gives one whose start has come something from a moment on; false where it is not there.
    /// - Parameter isExact: whether the request is for just as much as was promised
    private mutating func begins(
        _ reservation: Reservation, _ request: ReservationRequest, isExact: Bool, from start: Int64, until end: Int64,
        _ now: Now
    ) -> Bool {
        guard let waiting = reservation.waiting, let booking = waiting.booking else { return false }
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let (state, accounts, own) = (state, accounts, held(by: reservation.user))
        let excess = { (grant: Grant) -> Excess? in
            if case .over(let excess) = state.standing(of: reservation, holding: grant, accounts, now) {
                excess
            } else {
                nil
            }
        }
        let choice: Choice
        do throws(Refusal) {
            if isExact {
                choice = try self.choice(promised: booking, request, caller, own, from: start, until: end, excess)
            } else {
                var rest = request
                rest.lease = .milliseconds(end - start)
                choice = try self.choice(for: rest, caller, own, from: start, excess)
            }
        } catch {
            return false
        }
        hold(choice.grant, in: reservation.pool, from: start, until: end)
        if start <= now.uptime { begin(reservation, choice, now) }
        return true
    }

    /// What was promised from a moment on, or as much on other units. What others have borrowed since of the room of its pool
    /// is no matter.
    private func choice(
        promised booking: Booking, _ request: ReservationRequest, _ caller: Caller, _ own: Holdings, from start: Int64,
        until end: Int64, _ excess: @escaping (Grant) -> Excess?
    ) throws(Refusal) -> Choice {
        let (held, steps) = timeline.most(from: start, until: end)
        var choice = Choice(booking)
        if !state.hasRoom(for: booking.grant, beside: timeline.mostPromised(from: start, until: end).held) {
            choice = try state.choose(
                request, caller, having: own, beside: held, in: nil, near: try neighbours(request, caller, at: start),
                excess: excess)
            choice.say(booking)
        }
        guard !isFull(request.pool, for: choice.grant, at: steps) else { throw .wouldDelay(0) }
        return choice
    }
}

extension State {
    /// Where one stands with the quotas by what it would hold.
    fileprivate func standing(
        of waiter: Reservation, holding grant: Grant, _ accounts: Accounts, _ now: Now
    ) -> QuotaStanding {
        guard policies.hasQuotas else { return .within }
        var claimant = claimant(waiter)
        claimant.demand = Amounts(grant)
        // It ends when it was promised to, whenever it begins.
        claimant.duration = waiter.waiting?.booking.map { max(0, $0.end.milliseconds - now.wall.milliseconds) }
        return policies.standing(of: claimant, accounts.without(waiter, in: self, now), at: now.wall.milliseconds)
    }
}

extension Holdings {
    fileprivate func adding(_ grant: Grant) -> Holdings {
        var sum = self
        sum.add(grant)
        return sum
    }
}

extension Caps {
    /// Whether a user may hold this beside what it holds.
    fileprivate func allow(_ grant: Grant, beside held: Holdings) -> Bool {
        guard !quantities.isEmpty else { return true }
        let asked = Holdings().adding(grant)
        return quantities.allSatisfy { type, cap in asked[type] == .zero || held[type] + asked[type] <= cap }
    }
}

extension ReservationRequest {
    /// The same for just as much as was promised.
    fileprivate func promised(_ booking: Booking) -> ReservationRequest {
        var request = only(booking.alternative.map { $0 + 1 } ?? 0)
        for index in request.resources.asks.indices {
            let hold = booking.grant[request.resources.asks[index].type]
            if let hold { request.resources.asks[index].amount = hold.amount }
            request.resources.asks[index].minimum = nil
        }
        return request
    }
}

extension Choice {
    /// What was promised.
    fileprivate init(_ booking: Booking) {
        grant = booking.grant
        units = booking.choice
        alternative = booking.alternative
    }

    /// Says of as much as was promised what was said of that.
    fileprivate mutating func say(_ booking: Booking) {
        alternative = booking.alternative
        for index in grant.holds.indices {
            guard let promised = booking.grant[grant.holds[index].type] else { continue }
            grant.holds[index].asked = promised.asked
            grant.holds[index].minimum = promised.minimum
        }
    }
}

extension Reservation {
    /// The same with its promised start come: it ends when it was promised to, whenever it begins.
    func begun(_ choice: Choice, _ now: Now, isSurplus: Bool) -> Reservation {
        var reservation = granted(choice, now, isSurplus: isSurplus)
        if let end = waiting?.booking?.end {
            reservation.expiresAt = end
            reservation.deadline = now.uptime(of: end)
        }
        return reservation
    }
}
