package import BerthModel

/// What the core makes of those who wait.
extension State {
    /// So many of those who wait are looked at when something became free.
    package static let admitDepth = 64

    /// How long the end of a reservation takes, at a guess: its grace period, in milliseconds.
    private static let timeToEnd: Int64 = 10_000

    /// What of the live and the ending ones ends soonest, as far as that is known.
    func ends(after now: Int64, most: Int) -> [(at: Int64, grant: Grant)] {
        let leased = leases.soonest(most).compactMap { at, id in reservations[id].map { (at, $0.grant) } }
        // What has ended goes when its processes have had their time.
        return leased
            + endingIDs.sorted().compactMap { id in
                reservations[id].map { (now + State.timeToEnd, $0.grant) }
            }
    }

    /// Grants what can be granted to those who wait.
    func admit(_ depth: Int, _ now: Now) -> Decision {
        var decision = Decision(answer: .nothing)
        guard capacity != nil, !waiters.isEmpty else { return decision }
        _ = look(at: depth, grantsOnly: true, now) { reservation, turn, turns, hasPassed in
            let granted: [(Reservation, Choice)]
            switch turn {
            case .now(let choice): granted = [(reservation, choice)]
            case .together(let gang): granted = gang
            case .later, .unknown, .barred: return true
            }
            let amounts = Amounts(granted.map(\.1.grant))
            let standing = turns.standing(with: amounts)
            turns.take(amounts)
            for (reservation, choice) in granted {
                var granted = reservation.granted(choice, now, isSurplus: standing.isSurplus)
                granted.hasPassed = hasPassed
                decision.changes.append(.granted(granted))
                decision.effects.append(.enforce(reservation.id))
            }
            return true
        }
        return decision
    }

    /// What becomes of a new request while others wait: it is one of them. Whether it passes somebody is said beside.
    func turn(of candidate: Reservation, _ now: Now) -> (Plan.Turn, hasPassed: Bool) {
        var found: (Plan.Turn, hasPassed: Bool) = (.unknown, false)
        _ = look(at: State.admitDepth, besides: candidate, now) { reservation, turn, _, hasPassed in
            guard reservation.id == candidate.id else { return true }
            found = (turn, hasPassed)
            return false
        }
        return found
    }

    /// The plan and the turns as they are when a new request's turn comes; nil where it does not come to be looked at.
    func plan(before candidate: Reservation, _ now: Now) -> (plan: Plan, turns: Turns)? {
        var found: (plan: Plan, turns: Turns)?
        _ = look(at: State.admitDepth, besides: candidate, now, before: { found = ($0, $1) }) { _, _, _, _ in true }
        return found
    }

    /// The most that is held of each thing until all who wait have got theirs.
    func heldByAll(_ now: Now) -> Holdings {
        look(at: State.admitDepth, now) { _, _, _, _ in true }.timeline.most
    }

    /// Gives those who wait, and perhaps one more, their moments, one after the other in the order of the policy.
    /// - Parameters:
    ///   - depth: how many are looked at
    ///   - candidate: one who might wait too
    ///   - grantsOnly: whether the look ends where none of those who follow has room now
    ///   - before: sees the plan before the candidate's turn, and ends the look there
    ///   - see: sees each with its turn, and whether somebody before it has to wait on; ends the look with false
    private func look(
        at depth: Int, besides candidate: Reservation? = nil, grantsOnly: Bool = false, _ now: Now,
        before: ((Plan, Turns) -> Void)? = nil,
        _ see: (Reservation, Plan.Turn, inout Turns, Bool) -> Bool
    ) -> Plan {
        var plan = Plan(self, now: now.uptime, horizon: depth)
        var turns = turns(besides: candidate, now)
        var looks = Looks(depth)
        var reach = grantsOnly ? self.reach(of: plan, turns, looks) : nil
        while looks.goOn, reach?.goOn() ?? true, let id = turns.next(),
            let reservation = id == candidate?.id ? candidate : waiters[id]
        {
            guard looks.mayLook(at: reservation.user) else {
                // Behind those of its own user that are not looked at.
                if id == candidate?.id { break }
                continue
            }
            if let before, id == candidate?.id {
                before(plan, turns)
                break
            }
            let turn = plan.turn(of: reservation, in: &turns)
            let hasPassed = looks.hasPassed
            looks.note(turn, of: reservation.user)
            switch turn {
            // Others are looked at instead, or in another order.
            case .barred: reach = nil
            case .now where policy.goesByAccounts && reservation.waiting?.request.takesLess ?? true: reach = nil
            case .together(let gang)
            where policy.goesByAccounts && gang.contains { $0.0.waiting?.request.takesLess ?? true }:
                reach = nil
            case .now, .together: reach?.measure(plan.timeline)
            default: break
            }
            if !see(reservation, turn, &turns, hasPassed) { break }
        }
        return plan
    }

    /// How far it is worth to go, for grants alone.
    private func reach(of plan: Plan, _ turns: Turns, _ looks: Looks) -> Reach {
        var (plan, turns, looks, reach) = (plan, turns, looks, Reach())
        while looks.goOn, let id = turns.next(), let claimant = waiters.lines[id] {
            let isLooked = looks.mayLook(at: claimant.user)
            reach.add(isLooked ? plan.room(for: claimant.demand) : nil)
            if isLooked { looks.note(.unknown, of: claimant.user) }
        }
        reach.measure(plan.timeline)
        return reach
    }

    /// Those who wait, and perhaps one more, in the order that the policy gives them.
    func turns(besides candidate: Reservation? = nil, _ now: Now) -> Turns {
        Turns(
            waiters.lines, besides: candidate.map { Claimant($0) }, accounts, policy, at: now.wall.milliseconds)
    }

    /// The changes that end one that waits: it holds nothing, so nothing is to be given back.
    package func withdrawal(
        _ id: ReservationID, _ state: Reservation.State, _ reason: Reservation.EndReason
    ) -> [Event.Change] {
        [.ended(id, state, reason), .freed(id, nil)]
    }

    /// Why one that waits, or has waited, is not granted now.
    package func refusal(of reservation: Reservation) -> Refusal {
        guard let waiting = reservation.waiting else { return .wouldDelay(waiters.count) }
        if let gang = reservation.gang { return refusal(of: reservation, in: gang) }
        let own = users[reservation.user]?.holdings ?? Holdings()
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        do throws(Refusal) {
            _ = try choose(waiting.request, caller, having: own, beside: holdings)
        } catch {
            return error
        }
        return .wouldDelay(waiters.count)
    }
}

extension Reservation {
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
        reservation.waiting = nil
        return reservation
    }
}

extension Plan {
    /// The moment of the one that was told last; what is barred counts against nobody.
    mutating func turn(of reservation: Reservation, in turns: inout Turns) -> Turn {
        let gang = state.waiters.gang(of: reservation)
        let turn =
            gang.isEmpty
            ? turn(of: reservation) { [turns] grant in
                if case .over(let excess) = turns.standing(with: Amounts(grant)) { excess } else { nil }
            }
            : turn(of: gang) { choices in
                if case .over = turns.standing(with: Amounts(choices.map(\.grant))) { false } else { true }
            }
        if case .barred = turn { turns.skip() }
        return turn
    }
}
