internal import BerthModel

/// Keeping what is promised: nobody is granted what would be in its way.
extension State {
    /// Whether anything is promised or under maintenance at some time.
    var hasCalendar: Bool { !waiters.bookings.isEmpty || hasMaintenance }

    /// What is promised with a start after one moment and before another, at each of the times at which that changes; nil is
    /// any.
    func promised(after now: Now, before end: Timestamp?) -> Timeline {
        var timeline = Timeline(
            from: now.uptime, held: Holdings(), ends: [], of: hasPools ? (pools, PoolHoldings()) : nil)
        timeline.hold(
            booked.compactMap { reservation in
                guard let booking = reservation.waiting?.booking, booking.start > now.wall else { return nil }
                if let end, booking.start >= end { return nil }
                return (booking.grant, reservation.pool, now.uptime(of: booking.start), now.uptime(of: booking.end))
            })
        return timeline
    }

    /// What is under maintenance at some time before a moment; nil is any.
    func withheld(before: Timestamp?, _ now: Now) -> Withheld {
        maintenanceTimes(now).reduce(into: Withheld()) { all, time in
            if before.map({ time.start < $0 }) ?? true { all.formUnion(time.window.covers) }
        }
    }

    /// The first of what is promised, or under maintenance, that something would run into; nil where it would be in nobody's way.
    /// - Parameters:
    ///   - plan: what is held and promised, with nobody else in it
    ///   - start: from when it holds, in milliseconds of CLOCK_BOOTTIME
    ///   - end: until when; nil is for ever
    ///   - caller: who is told
    ///   - fits: whether it fits beside what is held, at these steps
    func inTheWay(
        of plan: Plan, from start: Int64, until end: Int64?, _ caller: Caller, _ now: Now,
        fits: (Holdings, ArraySlice<Timeline.Step>) -> Bool
    ) -> Refusal? {
        let promised = booked.compactMap { reservation in
            reservation.waiting?.booking.map { booking -> (begins: Int64, refusal: Refusal) in
                (now.uptime(of: booking.start), runningInto(reservation, at: booking.start, caller))
            }
        }
        let closed = maintenanceTimes(now).map { window, start, end -> (begins: Int64, refusal: Refusal) in
            (now.uptime(of: start), .maintenance(window, from: start, until: end))
        }
        // Of what has begun already a window says more than a promise whose units are not there yet.
        let all = (closed + promised).map { (begins: max($0.begins, start), refusal: $0.refusal) }
            .filter { begins, _ in end.map { begins < $0 } ?? true }.sorted { $0.begins < $1.begins }
        /// What is held the most until then only becomes more with each.
        func isFree(to index: Int) -> Bool {
            let (held, steps) = plan.timeline.most(from: start, until: all[index].begins + 1)
            return fits(held, steps)
        }
        guard var high = all.indices.last else { return nil }
        if isFree(to: high) {
            // One whose start has come may have been given a later moment.
            let (held, steps) = plan.timeline.most(from: start, until: end)
            return fits(held, steps) ? nil : promised.first { $0.begins <= start }?.refusal ?? all.first?.refusal
        }
        var low = 0
        while low < high {
            let middle = (low + high) / 2
            if isFree(to: middle) { low = middle + 1 } else { high = middle }
        }
        return all[low].refusal
    }

    /// What is promised is in the way: whose it is, is told to those who may know of it.
    private func runningInto(_ promised: Reservation, at start: Timestamp, _ caller: Caller) -> Refusal {
        .wouldRunInto(caller.isAdmin || promised.user == caller.user ? promised.id : nil, start)
    }

    /// How many wait for what others hold: also those whose promised start has come.
    func waiting(_ now: Now) -> Int { waiters.unpromised + waiters.bookings.due(now.wall).count }

    /// Why a request that would fit now is not granted: what is promised is in its way, or others wait.
    func delay(of request: ReservationRequest, _ caller: Caller, _ now: Now) -> Refusal {
        guard hasCalendar else { return .wouldDelay(waiters.count) }
        let own = users[caller.user]?.holdings ?? Holdings()
        let end = request.lease.map { now.uptime + $0.milliseconds }
        var quick = request
        quick.strategy = .greedy
        let found = inTheWay(of: Plan(self, now), from: now.uptime, until: end, caller, now) { held, steps in
            do throws(Refusal) {
                _ = try choose(quick, caller, having: own, beside: held, in: rooms(for: request.pool, at: steps))
                return true
            } catch {
                return false
            }
        }
        return found ?? .wouldDelay(waiting(now))
    }

    /// The same of all of a gang together: none of them waits before it.
    func delay(of gang: [Reservation], _ now: Now) -> Refusal {
        let others = Refusal.wouldDelay(waiting(now) - gang.filter { waiters[$0.id] != nil }.count)
        guard hasCalendar, let first = gang.first, let waiting = first.waiting else { return others }
        let own = users[first.user]?.holdings ?? Holdings()
        let caller = Caller(user: first.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let lengths = gang.compactMap(\.lease?.milliseconds)
        let end = lengths.count == gang.count ? lengths.max().map { now.uptime + $0 } : nil
        let found = inTheWay(of: Plan(self, now), from: now.uptime, until: end, caller, now) { held, steps in
            let moments = steps.map { ($0.held, $0.pools) }
            do throws(Refusal) {
                _ = try choose(
                    together: gang, having: own, beside: held,
                    in: { rooms(for: first.pool, at: moments, beside: $0) }, by: .greedy, isThorough: false)
                return true
            } catch {
                return false
            }
        }
        return found ?? others
    }

    /// Why a reservation is not granted more, though there is room for it now.
    func delay(of reservation: Reservation, becoming grant: Grant, _ caller: Caller, _ now: Now) -> Refusal {
        guard hasCalendar else { return .wouldDelay(waiters.count) }
        let end = reservation.lease == nil ? nil : reservation.deadline
        let plan = Plan(self, now, ending: reservation)
        let found = inTheWay(of: plan, from: now.uptime, until: end, caller, now) { held, steps in
            var others = held
            others.remove(reservation.grant)
            let rooms = rooms(without: reservation, for: reservation.pool, during: steps)
            return hasRoom(for: grant, beside: others) && rooms?.shortfalls(Amounts(grant)).isEmpty ?? true
        }
        return found ?? .wouldDelay(waiting(now))
    }

    /// The most that is held of each thing while a reservation holds on, it too, and when; where others wait, until all of
    /// them have got theirs, for it may be renewed: not where it was let past others. What begins when it is over counts for
    /// nothing.
    /// - Parameters:
    ///   - pool: the pool that it comes into; nil where it stays where it is
    ///   - own: of which types it takes only what its pool is guaranteed
    /// - Returns: and what is closed to it, for somebody is short of that of whom nobody knows when it can be granted
    func heldOn(
        beside reservation: Reservation, entering pool: PoolName? = nil, own: Set<ResourceType> = [], _ now: Now
    ) -> (held: Holdings, steps: ArraySlice<Timeline.Step>, closed: Set<ResourceType>) {
        func closed(by plan: Plan, until end: Int64?) -> Set<ResourceType> {
            if let pool {
                return plan.closures.types(entering: pool, from: reservation.pool, of: pools, own: own)
            }
            let types = plan.closures.types(for: reservation.pool, of: pools, own: own)
            return Set(types.filter { _, moment in end.map { $0 > moment } ?? true }.keys)
        }
        guard reservation.lease != nil, let deadline = reservation.deadline else {
            let plan = planOfAll(now)
            let (held, steps) = plan.timeline.most(from: now.uptime, until: nil)
            return (held, steps, closed(by: plan, until: nil))
        }
        guard !waiters.lines.isEmpty else {
            let (held, steps) = Plan(self, now, ending: reservation).timeline.most(from: now.uptime, until: deadline)
            return (held, steps, [])
        }
        let plan = planOfAll(ending: reservation, now)
        if reservation.hasPassed {
            let (held, steps) = plan.timeline.most(from: now.uptime, until: deadline)
            return (held, steps, closed(by: plan, until: deadline))
        }
        var timeline = plan.timeline
        let over = max(deadline, now.uptime + 1)
        timeline.withholdNothing(from: over)
        for other in booked {
            guard let booking = other.waiting?.booking, now.uptime(of: booking.start) >= over else { continue }
            timeline.release(
                booking.grant, in: other.pool, from: now.uptime(of: booking.start), until: now.uptime(of: booking.end))
        }
        let (held, steps) = timeline.most(from: now.uptime, until: nil)
        return (held, steps, closed(by: plan, until: deadline))
    }

    /// Throws where a reservation that holds on would be in the way of what is promised.
    func checkBookings(
        _ reservation: Reservation, until deadline: Int64, _ caller: Caller, _ now: Now
    ) throws(Refusal) {
        guard hasCalendar, reservation.lease != nil, let former = reservation.deadline, deadline > former else {
            return
        }
        let from = max(former, now.uptime + 1)
        let touched = typesWanted(from: now.wall(of: from), until: now.wall(of: deadline), now)
        let isAll = touched.isEverything
        let grant = Grant(
            reservation.grant.holds.filter { isAll || touched.types.contains($0.type) },
            storage: isAll || touched.types.contains(.storage) ? reservation.grant.storage : [])
        guard grant != Grant() else { return }
        // What its pool has no room for as it is, for others borrowed or the pool was made smaller, no promise is to blame for.
        let lacking = rooms(without: reservation, for: reservation.pool)?.shortfalls(Amounts(grant)).map(\.type) ?? []
        var others = holdings
        others.remove(reservation.grant)
        // What is promised from now on is not taken from one that could as well begin elsewhere.
        for due in booked {
            guard let booking = due.waiting?.booking, booking.start <= now.wall, booking.end > now.wall,
                !hasRoom(for: booking.grant, beside: holdings), hasRoom(for: booking.grant, beside: others)
            else { continue }
            throw runningInto(due, at: booking.start, caller)
        }
        let plan = Plan(self, now, ending: reservation)
        let found = inTheWay(of: plan, from: from, until: deadline, caller, now) { held, steps in
            let short = rooms(for: reservation.pool, at: steps)?.shortfalls(Amounts(grant)) ?? []
            return isHarmless(grant, beside: held) && short.allSatisfy { lacking.contains($0.type) }
        }
        if let found { throw found }
    }

    /// Whether what is held already may be held on beside others and promises, whatever runs outside of reservations just now:
    /// that says nothing of then. Where they are more than there is by themselves, it is not to blame.
    func isHarmless(_ grant: Grant, beside held: Holdings) -> Bool {
        guard !isWithheld(grant, by: held.withheld) else { return false }
        var then = self
        then.unmanagedMemory = nil
        let isStorageFree = then.hasRoom(for: Grant([], storage: grant.storage), beside: held, isHeld: true)
        return isStorageFree
            && grant.holds.allSatisfy { hold in
                then.hasRoom(for: Grant([hold]), beside: held, isHeld: true)
                    || !then.hasRoom(for: Grant([Hold(hold.type, amount: .zero, limit: nil)]), beside: held)
            }
    }

    /// The types that are promised to somebody, or under maintenance, at some time between two.
    private func typesWanted(from start: Timestamp, until end: Timestamp, _ now: Now) -> Withheld {
        var wanted = Withheld()
        for (window, begins, ends) in maintenanceTimes(now) where begins < end && ends > start {
            wanted.formUnion(window.covers)
        }
        wanted.types.formUnion(wanted.units.keys)
        for reservation in booked {
            guard let booking = reservation.waiting?.booking, booking.start < end, booking.end > start else { continue }
            wanted.types.formUnion(booking.grant.holds.map(\.type))
            if !booking.grant.storage.isEmpty { wanted.types.insert(.storage) }
        }
        return wanted
    }

    /// Throws where a pool has no room for what one was promised, in its time.
    func checkRoom(for reservation: Reservation, promisedIn pool: PoolName, _ now: Now) throws(Refusal) {
        guard hasPools, let booking = reservation.waiting?.booking else { return }
        let (start, end) = (max(now.uptime(of: booking.start), now.uptime), now.uptime(of: booking.end))
        let moments = planOfAll(now).timeline.most(from: start, until: end).steps.map { step in
            var moment = (held: step.held, pools: step.pools)
            // What is due may have no place yet.
            guard booking.start > now.wall else { return moment }
            moment.held.remove(booking.grant)
            moment.pools.add(booking.grant, sign: -1, to: reservation.pool, of: pools)
            return moment
        }
        let short = rooms(for: pool, at: moments)?.shortfalls(Amounts(booking.grant)) ?? []
        guard !short.isEmpty else { return }
        let refusal = Refusal.insufficient(short, ever: short.allSatisfy { $0.asked <= $0.capacity })
        throw .notThen([refusal], at: booking.start, first: nil)
    }
}

extension State {
    /// What a pool may take at some steps; nil where it may take all that is free.
    private func rooms(for pool: PoolName, at steps: ArraySlice<Timeline.Step>) -> PoolRooms? {
        hasPools ? rooms(for: pool, at: steps.map { ($0.held, $0.pools) }) : nil
    }
}
