package import BerthModel

/// What the core makes of those who wait.
extension State {
    /// So many of those who wait are looked at when something became free.
    package static let admitDepth = 64

    /// Grants what can be granted to those who wait.
    func admit(_ depth: Int, _ now: Now) -> Decision {
        var decision = Decision(answer: .nothing)
        guard capacity != nil, !waiters.isEmpty else { return decision }
        decision.changes = lessenedGangs()
        guard decision.changes.isEmpty else { return decision }
        // Who may have others go is looked at though there is no room.
        let grantsOnly = !preemptions.mayBe
        let begin: (Reservation, Choice, Bool) -> Void = { reservation, choice, isSurplus in
            decision.changes.append(.granted(reservation.begun(choice, now, isSurplus: isSurplus)))
            decision.effects.append(.enforce(reservation.id))
        }
        _ = look(at: depth, isGranting: true, grantsOnly: grantsOnly, preempting: .all, now, begin: begin) {
            reservation, sight, turns in
            if case .victims(let victims, let by) = sight.prospect {
                decision.changes += waitingOn(reservation, by: by, now)
                notify(victims, of: reservation.id, now, &decision)
            }
            let granted: [(Reservation, Choice)]
            switch sight.turn {
            case .now(let choice): granted = [(reservation, choice)]
            case .together(let gang): granted = gang
            case .later, .unknown, .barred: return true
            }
            let amounts = Amounts(granted.map(\.1.grant))
            let standing = turns.standing(with: amounts)
            turns.take(amounts)
            for (reservation, choice) in granted {
                var granted = reservation.granted(choice, now, isSurplus: standing.isSurplus)
                granted.hasPassed = sight.hasPassed
                decision.changes.append(.granted(granted))
                decision.effects.append(.enforce(reservation.id))
            }
            return true
        }
        return decision
    }

    /// What becomes of a new request while others wait: it is one of them. Whether it passes somebody is said beside.
    func turn(of candidate: Reservation, _ now: Now) -> (Plan.Turn, hasPassed: Bool) {
        var found: (Plan.Turn, hasPassed: Bool) = (.unknown(likely: nil), false)
        _ = look(at: State.admitDepth, besides: candidate, now) { reservation, sight, _ in
            guard reservation.id == candidate.id else { return true }
            found = (sight.turn, sight.hasPassed)
            return false
        }
        return found
    }

    /// The plan and the turns as they are when a new request's turn comes; nil where it does not come to be looked at.
    func plan(before candidate: Reservation, _ now: Now) -> (plan: Plan, turns: PoolTurns)? {
        var found: (plan: Plan, turns: PoolTurns)?
        _ = look(at: State.admitDepth, besides: candidate, now, before: { found = ($0, $1) }) { _, _, _ in true }
        // Only its own turn is looked at.
        found?.plan.forgetLikely()
        return found
    }

    /// What is held and will be, with all who wait at their moments.
    /// - Parameters:
    ///   - depth: so many of those who wait
    ///   - reservation: one whose end is taken into account in any case
    ///   - seesLikely: whether it counts when what has no lease is likely to end
    func planOfAll(
        depth: Int = State.admitDepth, ending reservation: Reservation? = nil, seesLikely: Bool = true, _ now: Now
    ) -> Plan {
        look(at: depth, ending: reservation, seesLikely: seesLikely, now) { _, _, _ in true }
    }

    /// What is seen of one that waits.
    struct Sight {
        /// When it can be granted.
        var turn: Plan.Turn
        /// Whether somebody before it has to wait on.
        var hasPassed: Bool
        /// What becomes of it if others go for it, where they may.
        var prospect = Prospect.none
    }

    /// So many in a look may find that nobody's going helps them.
    private static let mostHopeless = 16

    /// Gives those who wait, and perhaps one more, their moments, one after the other in the order of the policy: those
    /// first for whom others go already.
    /// - Parameters:
    ///   - depth: how many are looked at
    ///   - candidate: one who might wait too
    ///   - ending: one whose end is taken into account in any case
    ///   - isGranting: whether what begins in it is granted
    ///   - seesLikely: whether it counts when what has no lease is likely to end
    ///   - grantsOnly: whether the look ends where none of those who follow has room now
    ///   - scope: who may have others go
    ///   - before: sees the plan before the candidate's turn, and ends the look there
    ///   - begin: sees each of those who are granted what they were promised, before all others
    ///   - see: sees each; ends the look with false
    func look(
        at depth: Int, besides candidate: Reservation? = nil, ending: Reservation? = nil, isGranting: Bool = false,
        seesLikely: Bool = true, grantsOnly: Bool = false,
        preempting scope: PreemptionScope = .nobody, _ now: Now, before: ((Plan, PoolTurns) -> Void)? = nil,
        begin: (Reservation, Choice, Bool) -> Void = { _, _, _ in },
        _ see: (Reservation, Sight, inout PoolTurns) -> Bool
    ) -> Plan {
        var hopeless = 0
        var plan = Plan(self, now, horizon: depth, ending: ending, isGranting: isGranting)
        if seesLikely { plan.seeLikely(horizon: depth) }
        for begun in plan.begun { begin(begun.reservation, begun.choice, begun.isSurplus) }
        var turns = turns(besides: candidate, plan.accounts, now)
        var looks = Looks(depth)
        // Where pools say something the order goes by what is granted.
        var reach = grantsOnly && !hasPools ? self.reach(of: plan, turns, looks) : nil
        while looks.goOn, reach?.goOn() ?? true, let id = turns.next(), let claimant = turns.claimant {
            guard looks.mayLook(at: claimant.user) else {
                // Behind those of its own user that are not looked at.
                if id == candidate?.id { break }
                let passed = turns.pass(looks.patience - 1)
                looks.pass(1 + passed)
                reach?.pass(passed)
                continue
            }
            guard let reservation = id == candidate?.id ? candidate : waiters[id] else { continue }
            if let before, id == candidate?.id {
                before(plan, turns)
                break
            }
            let former = hopeless < State.mostHopeless && mayPreempt(reservation, scope) ? plan : nil
            var sight = Sight(turn: plan.turn(of: reservation, in: &turns), hasPassed: looks.hasPassed)
            if let former, sight.turn.waits {
                sight.prospect = former.prospect(of: reservation, now, excess: turns.excess)
                switch sight.prospect {
                case .none: hopeless += 1
                case .ending: break
                case .victims(let victims, let by):
                    var expected = former
                    expected.expect(victims)
                    let at: Int64? =
                        switch expected.turn(of: reservation, in: &turns) {
                        // They are only in the way of what is promised after them: it has its turn in the next look.
                        case .now: hasCalendar ? now.uptime + 1 : nil
                        case .later(let at): at
                        case .together, .unknown, .barred: nil
                        }
                    // Nobody goes for what would not come of it, or for what only comes when a promise is over.
                    if let at, !hasCalendar || at <= max(by, now.uptime + 1) {
                        (plan, sight.turn) = (expected, .later(at))
                    } else {
                        sight.prospect = .none
                    }
                }
            }
            looks.note(sight.turn, of: reservation.user)
            switch sight.turn {
            // Others are looked at instead, or in another order.
            case .barred: reach = nil
            case .now where policies.goesByAccounts && reservation.waiting?.request.takesLess ?? true: reach = nil
            case .together(let gang)
            where policies.goesByAccounts && gang.contains { $0.0.waiting?.request.takesLess ?? true }:
                reach = nil
            case .now, .together: reach?.measure(plan.timeline)
            default: break
            }
            if !see(reservation, sight, &turns) { break }
        }
        return plan
    }

    /// How far it is worth to go, for grants alone.
    private func reach(of plan: Plan, _ turns: PoolTurns, _ looks: Looks) -> Reach {
        var (plan, turns, looks, reach) = (plan, turns, looks, Reach())
        while looks.goOn, turns.next() != nil, let claimant = turns.claimant {
            guard looks.mayLook(at: claimant.user) else {
                let passed = 1 + turns.pass(looks.patience - 1)
                looks.pass(passed)
                reach.add(passed: passed)
                continue
            }
            reach.add(plan.room(for: claimant.demand))
            looks.note(.unknown(likely: nil), of: claimant.user)
        }
        reach.measure(plan.timeline)
        return reach
    }

    private func mayPreempt(_ reservation: Reservation, _ scope: PreemptionScope) -> Bool {
        guard mayPreempt(reservation), !preemptions.hasVictims(reservation.id) else { return false }
        return switch scope {
        case .nobody: false
        case .one(let id): id == reservation.id
        case .all: true
        }
    }

    /// Those who wait, and perhaps one more, in the order that the policy gives them.
    func turns(besides candidate: Reservation? = nil, _ accounts: Accounts, _ now: Now) -> PoolTurns {
        // The first for whom others went: those after it had theirs go so that it is not delayed.
        let nominated = preemptions.nominated.compactMap { waiters[$0] }.sorted { left, right in
            func rank(_ waiter: Reservation) -> (Timestamp, Int, Timestamp, ReservationID) {
                (waiter.waiting?.nominatedAt ?? waiter.createdAt, -waiter.priority, waiter.createdAt, waiter.id)
            }
            return rank(left) < rank(right)
        }
        var first = nominated.map { (id: $0.id, pool: $0.pool) }
        if let overdue = overdue(at: now.wall.milliseconds), !first.contains(where: { $0.id == overdue.id }) {
            first.append(overdue)
        }
        return PoolTurns(
            waiters.lines, besides: candidate.map { (claimant($0), $0.pool) }, self, accounts,
            at: now.wall.milliseconds, first: first)
    }

    /// Who goes before all others, for its line has had nothing for longer than its policy has patience; of several the one that
    /// has waited longest. An order by what each has would else let others pass it for ever, as one after the other holds nothing.
    private func overdue(at time: Int64) -> (id: ReservationID, pool: PoolName)? {
        func policy(of pool: PoolName) -> Policy { policies[policies.scopes(of: pool, in: pools).first] }
        // By priority and wait alone everybody has a turn.
        if waiters.lines.count == 1, let pool = waiters.lines.keys.first, policy(of: pool).order == .priority {
            return nil
        }
        let passed = waiters.lines.compactMap { pool, lines -> (id: ReservationID, pool: PoolName, since: Int64)? in
            guard let (id, since) = lines.longestPassed, time - since >= policy(of: pool).patience else { return nil }
            return (id, pool, since)
        }
        return passed.min { ($0.since, $0.id) < ($1.since, $1.id) }.map { ($0.id, $0.pool) }
    }

    /// The changes that end one that waits: it holds nothing, so nothing is to be given back.
    package func withdrawal(
        _ id: ReservationID, _ state: Reservation.State, _ reason: Reservation.EndReason
    ) -> [Event.Change] {
        [.ended(id, state, reason), .freed(id, nil)]
    }

    /// Why one that waits, or has waited, is not granted now.
    /// - Parameter now: to look for what is promised and for maintenance in its way too; nil is not to
    package func refusal(of reservation: Reservation, _ now: Now? = nil) -> Refusal {
        guard let waiting = reservation.waiting else { return .wouldDelay(waiters.count) }
        if let gang = reservation.gang { return refusal(of: reservation, in: gang, now) }
        let own = users[reservation.user]?.holdings ?? Holdings()
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        do throws(Refusal) {
            _ = try choose(waiting.request, caller, having: own, beside: holdings, in: rooms(for: reservation.pool))
        } catch {
            return error
        }
        guard let now else { return .wouldDelay(waiters.count) }
        if case .over(let excess) = standing(of: reservation, now) { return .overQuota(excess) }
        return delay(of: waiting.request, caller, now)
    }
}

extension PoolTurns {
    /// Tells of a grant which hard quota the one that was told last would pass with it.
    fileprivate var excess: (Grant) -> Excess? {
        { if case .over(let excess) = standing(with: Amounts($0)) { excess } else { nil } }
    }

    /// The same of what all of a gang are granted.
    fileprivate var excessOfAll: ([Grant]) -> Excess? {
        { if case .over(let excess) = standing(with: Amounts($0)) { excess } else { nil } }
    }
}

extension Plan.Turn {
    /// Whether its time is to come.
    fileprivate var waits: Bool {
        switch self {
        case .later, .unknown: true
        case .now, .together, .barred: false
        }
    }
}

extension Reservation {
    /// What is asked again should it be preempted; nil where that is nothing.
    var askedAgain: Waiting? {
        guard var again = waiting, again.request.isRequeued else { return nil }
        again.nominatedAt = nil
        // What was promised was had: it waits like any other.
        again.booking = nil
        again.request.start = nil
        return again
    }

    /// The same with its turn come: its lease, or the time to attach, begins now.
    func granted(_ choice: Choice, _ now: Now, isSurplus: Bool) -> Reservation {
        var reservation = self
        let wait = lease ?? BerthCore.State.attachTimeout
        reservation.state = Reservation.State(holding: choice.grant)
        reservation.grant = choice.grant
        reservation.alternative = choice.alternative
        reservation.choice = choice.units
        reservation.isSurplus = isSurplus
        reservation.grantedAt = now.wall
        reservation.expiresAt = lease.map { now.wall + $0 }
        reservation.deadline = now.uptime + wait.milliseconds
        reservation.again = askedAgain
        reservation.waiting = nil
        return reservation
    }
}

extension Plan {
    /// The moment of the one that was told last; what is barred counts against nobody.
    mutating func turn(of reservation: Reservation, in turns: inout PoolTurns) -> Turn {
        let gang = state.waiters.gang(of: reservation)
        let turn =
            gang.isEmpty
            ? turn(of: reservation, excess: turns.excess)
            : turn(of: gang, excess: turns.excessOfAll)
        if case .barred = turn { turns.skip() }
        return turn
    }
}
