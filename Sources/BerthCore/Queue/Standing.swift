package import BerthModel

/// Where one that waits stands in the queue, as its holder is shown it.
package struct Standing: Hashable, Sendable {
    /// How many are looked at before it, and one more; nil where that is more than are counted.
    package var position: Int?
    /// When it is expected to be granted, in milliseconds of CLOCK_BOOTTIME; nil where nobody knows.
    package var expected: Int64?
    /// Why it would not be granted now though nobody waited before it; nil where it would, so that it only waits for those, and
    /// where so many are told at once that it is not looked for.
    package var refusal: Refusal?
    /// How many of its gang have asked, where that are not all yet; nil where it waits for no others.
    package var members: Int?
    /// The quota that it waits for, which is hard, or for whose sake all others go first; nil for none.
    package var quota: Excess?
}

extension State {
    /// So many of all who wait are told when their turn is expected.
    private static let standingDepth = 1000

    /// So many go before one, at the most, that is told when its turn is expected: whoever queues is told at once, and nothing
    /// is decided meanwhile.
    private static let standingDepthOfOne = 256

    /// Where all who wait stand.
    /// - Parameter only: the one for which it is looked for why it is not granted; nil is the first thousand
    package func standings(_ now: Now, of only: ReservationID? = nil) -> [ReservationID: Standing] {
        guard capacity != nil, !waiters.isEmpty else { return [:] }
        var gangs: [GangKey: Refusal?] = [:]
        func why(_ reservation: Reservation, _ position: Int) -> Refusal? {
            guard only.map({ $0 == reservation.id }) ?? (position <= State.standingDepth) else { return nil }
            if let key = reservation.gangKey, let known = gangs[key] { return known }
            let found = obstacle(of: reservation, isAlone: only != nil, now)
            if let key = reservation.gangKey { gangs[key] = .some(found) }
            return found
        }
        var standings: [ReservationID: Standing] = [:]
        for (index, reservation) in booked.enumerated() {
            standings[reservation.id] = standing(of: reservation, promisedAfter: index, now)
        }
        stand(plannedTo: State.standingDepth, now) { reservation, position, expected in
            standings[reservation.id] = standing(of: reservation, position, expected, why(reservation, position), now)
            return true
        }
        // Those whose turn does not come while a hard quota is used up are behind all others.
        let rest = waiters.all.filter { standings[$0.id] == nil }
        for (index, reservation) in rest.sorted(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }).enumerated() {
            let position = waiters.unpromised - rest.count + index + 1
            standings[reservation.id] = standing(of: reservation, position, nil, why(reservation, position), now)
        }
        return standings
    }

    /// Where one that waits stands; nil where it does not wait.
    package func standing(of id: ReservationID, _ now: Now) -> Standing? {
        guard capacity != nil, let reservation = waiters[id] else { return nil }
        if reservation.waiting?.booking != nil, let index = waiters.bookings.ids.firstIndex(of: id) {
            return standing(of: reservation, promisedAfter: index, now)
        }
        var found: (position: Int?, expected: Int64?)
        found.position = policies.goesByAccounts ? nil : waiters.position(of: id)
        if found.position ?? 0 <= State.standingDepthOfOne {
            stand(plannedTo: State.standingDepthOfOne, now) { other, position, expected in
                if other.id == id { found = (position, expected) }
                return other.id != id && position < State.standingDepth
            }
        }
        // It is behind all others, or so far back that nobody counts.
        if found.position == nil, waiters.count <= State.standingDepth { return standings(now, of: id)[id] }
        return standing(
            of: reservation, found.position, found.expected, obstacle(of: reservation, isAlone: true, now), now)
    }

    /// Goes over those who wait in their order, the first of them with the moment at which they are expected to be granted.
    private func stand(plannedTo depth: Int, _ now: Now, _ see: (Reservation, Int, Int64?) -> Bool) {
        var plan = Plan(self, now, horizon: 4 * Plan.horizon)
        plan.seeLikely(horizon: 4 * Plan.horizon)
        var turns = turns(plan.accounts, now)
        var position = 0
        while let id = turns.next() {
            guard let reservation = waiters[id] else { continue }
            let gang = waiters.gang(of: reservation)
            let members = gang.isEmpty ? [reservation] : gang
            var expected: Int64?
            if position < depth {
                switch plan.turn(of: reservation, in: &turns) {
                case .now, .together: expected = now.uptime
                case .later(let at): expected = at
                case .unknown(let likely): expected = likely
                case .barred: break
                }
            }
            for member in members {
                position += 1
                guard see(member, position, expected) else { return }
            }
        }
    }

    private func standing(
        of reservation: Reservation, _ position: Int?, _ expected: Int64?, _ refusal: Refusal?, _ now: Now
    ) -> Standing {
        Standing(
            position: position, expected: expected, refusal: refusal, members: waiters.membersSoFar(of: reservation),
            quota: quotaExcess(of: reservation, now))
    }

    /// Why one could not be granted now; nil for those before it. Whoever lacks others of its gang waits for those first.
    /// - Parameter isAlone: whether it is looked for what is promised and for maintenance too, which costs a plan
    private func obstacle(of reservation: Reservation, isAlone: Bool, _ now: Now) -> Refusal? {
        guard waiters.membersSoFar(of: reservation) == nil else { return nil }
        var quick = reservation
        // Whether there is room, and not which units are the best.
        quick.waiting?.request.strategy = .greedy
        let refusal = refusal(of: quick, isAlone ? now : nil)
        if case .wouldDelay = refusal {
            if case .over(let excess) = standing(of: reservation, now) { return .overQuota(excess) }
            return nil
        }
        return refusal
    }

    /// One that was promised a start, which comes after so many others. Where the start has come and it waits on, nobody knows
    /// when what it was promised is there, unless it is maintenance that keeps it.
    private func standing(of reservation: Reservation, promisedAfter index: Int, _ now: Now) -> Standing {
        guard let booking = reservation.waiting?.booking else {
            return standing(of: reservation, index + 1, nil, obstacle(of: reservation, isAlone: false, now), now)
        }
        let isDue = booking.start <= now.wall
        if isDue, let refusal = obstacle(of: reservation, isAlone: false, now) {
            return standing(of: reservation, index + 1, nil, refusal, now)
        }
        let closing = closing(booking, now)
        guard isDue else {
            let expected = closing.map { $0.over.map(now.uptime(of:)) } ?? now.uptime(of: booking.start)
            return Standing(position: index + 1, expected: expected, refusal: closing?.refusal)
        }
        return standing(of: reservation, index + 1, closing?.over.map(now.uptime(of:)), closing?.refusal, now)
    }

    /// The maintenance that what was promised cannot begin in, which was added since, and when it and what follows it is over; nil
    /// there where nothing is left of its time by then.
    private func closing(_ booking: Booking, _ now: Now) -> (refusal: Refusal, over: Timestamp?)? {
        var moment = max(booking.start, now.wall)
        var refusal: Refusal?
        while moment < booking.end {
            let on = maintenance.compactMap { window in window.times(from: moment, most: 1).first.map { (window, $0) } }
                .first { $1.lowerBound <= moment && isWithheld(booking.grant, by: $0.covers) }
            guard let (window, time) = on else { break }
            refusal = refusal ?? .maintenance(window, from: time.lowerBound, until: time.upperBound)
            moment = time.upperBound
        }
        return refusal.map { ($0, moment < booking.end ? moment : nil) }
    }

    /// Whether something of a grant is in what is withheld.
    package func isWithheld(_ grant: Grant, by covers: Withheld) -> Bool {
        grant.holds.contains { hold in
            guard !covers.contains(hold.type) else { return true }
            let units = hold.type == .network ? capacity?.interfaces : capacity?.wholeUnits(hold.type)
            return hold.units.contains { share in
                units?.first { $0.name == share.name }.map { covers.covers($0, of: hold.type) }
                    ?? covers.contains(share.name, of: hold.type)
            }
        }
            || grant.storage.contains { ask in
                capacity?.disk(named: ask.device).map(covers.covers) ?? covers.contains(ask.device, of: .storage)
            }
    }

    private func quotaExcess(of reservation: Reservation, _ now: Now) -> Excess? {
        switch standing(of: reservation, now) {
        case .within: nil
        case .surplus(let excess), .over(let excess): excess
        }
    }
}
