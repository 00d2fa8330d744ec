internal import BerthModel

/// How long what was let past others may be held on to.
extension State {
    /// Throws where one that was let past others, for it would be over by then, would delay somebody who waits before it by
    /// holding on.
    /// - Parameters:
    ///   - deadline: until when it would be held
    ///   - renewed: the change that makes it so
    func checkWaiters(
        _ reservation: Reservation, until deadline: Int64, _ renewed: Event.Change, _ now: Now
    ) throws(Refusal) {
        guard reservation.hasPassed, !waiters.lines.isEmpty, let former = reservation.deadline, deadline > former else {
            return
        }
        let (plan, turns) = turns(before: reservation, now)
        guard !turns.isEmpty else { return }
        let refusal = Refusal.wouldKeepWaiting(turns.count)
        let (own, grant) = (ownTypes(of: reservation), reservation.grant)
        let closed = plan.closures.types(for: reservation.pool, of: pools, own: own).filter { $0.value < deadline }
        guard !grant.hasAny(of: Set(closed.keys)) else { throw refusal }
        var timeline = plan.timeline
        timeline.withholdNothing()
        let (held, steps) = timeline.most(from: max(former, now.uptime + 1), until: deadline)
        let short = plan.rooms(for: reservation.pool, at: steps)?.shortfalls(Amounts(grant)) ?? []
        if short.isEmpty, isHarmless(grant, beside: held) { return }
        // Other units, or other moments, may do as well for those who were given these.
        var later = self
        later.apply(renewed, at: now.wall)
        let then = later.turns(before: later.reservations[reservation.id] ?? reservation, now)
        guard turns.allSatisfy({ $1.isKept(by: then.turns[$0], now) }),
            plan.keptFrom.count == then.plan.keptFrom.count,
            zip(plan.keptFrom, then.plan.keptFrom).allSatisfy({ $1 <= $0 })
        else { throw refusal }
    }

    /// Those who wait before a reservation, as if it waited still, each with its moment, and the plan by which that is so.
    private func turns(
        before reservation: Reservation, _ now: Now
    ) -> (plan: Plan, turns: [ReservationID: Plan.Turn]) {
        var turns: [ReservationID: Plan.Turn] = [:]
        var asking = reservation
        // What it has counts for it already.
        let request = ReservationRequest(
            resources: Resources([]), lease: reservation.lease, priority: reservation.priority)
        asking.waiting = Waiting(request: request, caps: Caps(), isAdmin: false)
        let plan = look(at: State.admitDepth, besides: asking, ending: reservation, now, before: { _, _ in }) {
            waiter, sight, _ in
            if case .barred = sight.turn { return true }
            turns[waiter.id] = sight.turn
            return true
        }
        return (plan, turns)
    }

    /// The types of which all that it holds is what its pool is guaranteed.
    private func ownTypes(of reservation: Reservation) -> Set<ResourceType> {
        guard let rooms = rooms(without: reservation, for: reservation.pool) else { return [] }
        return Set(reservation.grant.holds.filter { rooms.isOwn(Int128($0.amount.units), of: $0.type) }.map(\.type))
    }
}

extension Grant {
    /// Whether anything is held of these types.
    func hasAny(of types: Set<ResourceType>) -> Bool {
        types.contains { self[$0] != nil || $0 == .storage && !storage.isEmpty }
    }
}

extension Plan.Turn {
    /// Whether another is no later.
    fileprivate func isKept(by other: Plan.Turn?, _ now: Now) -> Bool {
        guard let mine = moment(now), let other = other?.moment(now) else { return false }
        return other <= mine
    }

    private func moment(_ now: Now) -> Int64? {
        switch self {
        case .now, .together: now.uptime
        case .later(let at): at
        case .unknown(let likely): likely ?? .max
        case .barred: nil
        }
    }
}
