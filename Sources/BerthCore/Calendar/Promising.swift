internal import BerthModel

/// Reservations in advance: promised when they are asked for, with the very units that they are to hold, and never taken
/// back for anybody else.
extension State {
    /// So far ahead a start may lie.
    package static let horizon: Duration = .seconds(366 * 86_400)

    /// So many of those who wait are not delayed by it.
    private static let promisingDepth = 1000

    /// Promises one its start, or refuses it.
    func book(
        _ candidate: Reservation, at start: Timestamp, _ caller: Caller, _ now: Now
    ) throws(Refusal) -> Decision {
        guard let request = candidate.waiting?.request, let lease = request.lease else {
            throw .invalid([State.violation("needs a lease: what begins later must say how long it holds")])
        }
        guard start > now.wall else { throw .invalid([State.violation("is over: it is \(now.wall) now")]) }
        guard start <= now.wall + State.horizon else {
            throw .invalid([State.violation("lies more than 366 days ahead")])
        }
        let end = start + lease
        var plan = planOfAll(depth: State.promisingDepth, seesLikely: false, now)
        // Windows that come again are looked ahead for only so often; here they count where they are asked about.
        plan.withhold(maintenanceTimes(from: start, until: end), now)
        do throws(Refusal) {
            return try promise(candidate, request, at: start, until: end, caller, now, in: plan)
        } catch {
            let closing = closing(request, caller, from: start, until: end, now, in: plan)
            let first =
                closing != nil || error.mayPass(for: caller.caps)
                ? plan.firstStart(for: request, caller, Holdings(), from: now.uptime(of: start)) : nil
            throw .notThen(
                [closing ?? error], at: start,
                first: first.flatMap { first in
                    let first = now.wall(of: first)
                    guard first <= now.wall + State.horizon else { return nil }
                    // It is told only where it would be promised.
                    var plan = plan
                    plan.withhold(maintenanceTimes(from: first, until: first + lease), now)
                    do throws(Refusal) {
                        _ = try promise(candidate, request, at: first, until: first + lease, caller, now, in: plan)
                        return first
                    } catch {
                        return nil
                    }
                })
        }
    }

    private func promise(
        _ candidate: Reservation, _ request: ReservationRequest, at start: Timestamp, until end: Timestamp,
        _ caller: Caller, _ now: Now, in plan: Plan
    ) throws(Refusal) -> Decision {
        let own = caller.caps.quantities.isEmpty ? Holdings() : foreseen(of: caller.user, from: start, until: end, now)
        let choice = try plan.choice(for: request, caller, own, from: now.uptime(of: start))
        if let excess = foreseenExcess(of: candidate, promising: choice.grant, from: start, until: end, now) {
            throw .overQuota(excess)
        }
        var promised = candidate
        promised.expiresAt = end
        // Its start and its end are times of the wall clock, which may be set meanwhile.
        promised.deadline = nil
        promised.waiting?.booking = Booking(
            start: start, end: end, grant: choice.grant, alternative: choice.alternative, choice: choice.units)
        var decision = Decision(changes: [.queued(promised)], answer: .done(promised.id))
        decision.passed = choice.passed
        decision.short = choice.short
        return decision
    }

    /// The maintenance that is all that keeps something from being promised; nil where something else does.
    private func closing(
        _ request: ReservationRequest, _ caller: Caller, from start: Timestamp, until end: Timestamp, _ now: Now,
        in plan: Plan
    ) -> Refusal? {
        let times = maintenanceTimes(from: start, until: end).filter { time in
            request.choices.contains { $0.types.contains(where: time.window.covers.touches) }
        }
        guard let (window, begins, ends) = times.first else { return nil }
        do throws(Refusal) {
            _ = try plan.withoutMaintenance().choice(for: request, caller, Holdings(), from: now.uptime(of: start))
        } catch {
            return nil
        }
        return .maintenance(window, from: begins, until: ends)
    }

    private static func violation(_ message: String) -> Violation {
        Violation(
            code: "invalid_start", pointer: "/start", message: "the start \(message)",
            hint: "say a time within 366 days from now, and how long it holds from then on")
    }

    /// Those who were promised a start, the first start first.
    var booked: [Reservation] { waiters.bookings.ids.compactMap { waiters[$0] } }

    /// Those of them whose start has come.
    private func due(_ now: Now) -> [Reservation] { waiters.bookings.due(now.wall).compactMap { waiters[$0] } }

    /// Whether somebody's promised start has come.
    package func isDue(_ now: Now) -> Bool { waiters.bookings.firstStart.map { $0 <= now.wall } ?? false }

    /// Whether anybody may be granted something now: not where all who wait were promised later starts.
    package func mayAdmit(_ now: Now) -> Bool { !waiters.lines.isEmpty || isDue(now) }

    /// Those who were promised a start and could not be granted until their end.
    func missed(_ now: Now) -> [ReservationID] {
        due(now).filter { $0.waiting?.booking.map { $0.end <= now.wall } ?? false }.map(\.id)
    }

    /// The soonest moment at which time alone changes something, in milliseconds of CLOCK_BOOTTIME: also of what is promised
    /// or under maintenance for a time of the wall clock; nil for never.
    package func nextMoment(_ now: Now) -> Int64? {
        guard !waiters.isEmpty else { return nextDeadline }
        var times = [endOfMaintenance(now)]
        if !waiters.bookings.isEmpty {
            times += [waiters.bookings.start(after: now.wall), due(now).compactMap { $0.waiting?.booking?.end }.min()]
        }
        return ([nextDeadline] + times.map { $0.map(now.uptime(of:)) }).compactMap { $0 }.min()
    }
}

extension Now {
    /// A time of the wall clock by CLOCK_BOOTTIME, if nobody sets the clock until then.
    func uptime(of time: Timestamp) -> Int64 { uptime + time.milliseconds - wall.milliseconds }

    /// The same the other way round.
    func wall(of uptime: Int64) -> Timestamp { Timestamp(milliseconds: wall.milliseconds + uptime - self.uptime) }
}
