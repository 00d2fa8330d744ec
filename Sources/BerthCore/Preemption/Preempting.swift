internal import BerthModel

/// Having others go for one that may have that.
extension State {
    /// How long it may take, after a notice has run out, until what held the units is gone: asked to end, killed, and a
    /// little more, in milliseconds.
    private static let timeToGo: Int64 = 20_000

    /// What becomes of a new request that may have others go: it waits until they have gone, and they have their notice.
    /// Nil where that does not help.
    func preempting(for candidate: Reservation, _ now: Now) -> Decision? {
        guard mayPreempt(candidate) else { return nil }
        var decision: Decision?
        let scope = PreemptionScope.one(candidate.id)
        _ = look(at: State.admitDepth, besides: candidate, preempting: scope, now) { reservation, sight, _ in
            guard reservation.id == candidate.id else { return true }
            var until: Int64
            switch sight.prospect {
            case .none: return false
            case .ending(let by): until = by
            case .victims(_, let by): until = by
            }
            until += State.timeToGo
            var found = Decision(
                changes: [.queued(candidate.waiting(until: until, now))], answer: .done(candidate.id))
            if case .victims(let victims, _) = sight.prospect { notify(victims, of: candidate.id, now, &found) }
            decision = found
            return false
        }
        return decision
    }

    /// Whether others may have to go for one that waits.
    func mayPreempt(_ reservation: Reservation) -> Bool {
        guard let request = reservation.waiting?.request, request.gang == nil else { return false }
        return request.strategy == .priority || !ownChoices(of: reservation, beside: poolHoldings).isEmpty
    }

    /// Gives notice to those that have to go: each is told at once, by what it wants to be told or by SIGTERM, and ends when
    /// its time is over.
    func notify(_ victims: [Victim], of id: ReservationID, _ now: Now, _ decision: inout Decision) {
        for victim in victims {
            let at = now.wall + .milliseconds(victim.deadline - now.uptime)
            decision.changes.append(.preempted(victim.id, Preemption(by: id, at: at), deadline: victim.deadline))
            guard let reservation = reservations[victim.id] else { continue }
            guard let warning = reservation.warning else {
                decision.effects.append(.signal(victim.id, .terminate))
                continue
            }
            guard !reservation.isWarned else { continue }
            decision.changes.append(.warned(victim.id, warning.signal))
            decision.effects.append(.signal(victim.id, warning.signal))
        }
    }

    /// The changes by which one that waits waits long enough for others to be gone by a moment.
    func waitingOn(_ reservation: Reservation, by moment: Int64, _ now: Now) -> [Event.Change] {
        let waiter = reservation.waiting(until: moment + State.timeToGo, now)
        return waiter == reservation ? [] : [.queued(waiter)]
    }

    /// One that was to go ends: its units are free when nothing of it runs any more, and what wants to be is queued again,
    /// where it stood before. What could never be granted any more is not: since it was, it may have become smaller, and have been
    /// put into a pool that has no more than that.
    func endingPreempted(_ reservation: Reservation, _ now: Now) -> Decision {
        var decision = ending(reservation.id, .expired, .preempted, answer: .nothing)
        guard var waiting = reservation.again else { return decision }
        waiting.request.isDetached = true
        let wait = waiting.request.wait ?? State.requeuedWait
        var again = Reservation(
            id: nextID(after: reservation.id), user: reservation.user, waiting: waiting, retry: nil,
            createdAt: reservation.createdAt, expiresAt: now.wall + wait, deadline: now.uptime + wait.milliseconds)
        again.group = reservation.group
        again.requeueOf = reservation.id
        guard never([again], in: again.pool, now) == nil else { return decision }
        decision.changes.append(.queued(again))
        return decision
    }

    /// How long a request that is queued again waits where it did not say.
    private static let requeuedWait: Duration = .seconds(86_400)

    /// An id for what takes a reservation's place in the queue: the core has no randomness, so the random bits of that one
    /// are mixed (SplitMix64).
    private func nextID(after id: ReservationID) -> ReservationID {
        var next = id
        repeat {
            var bits = next.bits &+ 0x9E37_79B9_7F4A_7C15
            bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
            next = ReservationID(bits: bits ^ bits >> 31)
        } while self[next] != nil
        return next
    }
}

/// Who of those who are looked at may have others go.
enum PreemptionScope {
    case nobody
    case one(ReservationID)
    case all
}

extension Reservation {
    /// The same waiting no less long than until then, a moment of CLOCK_BOOTTIME.
    fileprivate func waiting(until: Int64, _ now: Now) -> Reservation {
        guard until > deadline ?? 0 else { return self }
        var waiter = self
        waiter.deadline = until
        waiter.expiresAt = now.wall + .milliseconds(until - now.uptime)
        return waiter
    }

    /// When its programs are to be told that its lease ends; nil where they are not to be, or have been.
    var warnsAt: Int64? {
        guard isLive, !isWarned, lease != nil, preemption == nil, let warning, let deadline else { return nil }
        return deadline - warning.before.milliseconds
    }
}
