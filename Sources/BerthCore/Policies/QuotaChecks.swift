internal import BerthModel

/// What quotas let a reservation have.
extension State {
    /// Where one that waits, or might, stands with the quotas, by what it will do with at the least or by what is chosen.
    func standing(of waiter: Reservation, choosing choice: Choice? = nil, _ now: Now) -> QuotaStanding {
        guard policies.hasQuotas else { return .within }
        var claimant = claimant(waiter)
        if let choice { claimant.demand = Amounts(choice.grant) }
        // What was promised ends when it was promised to.
        if let booking = waiter.waiting?.booking {
            claimant.duration = max(0, booking.end.milliseconds - max(booking.start, now.wall).milliseconds)
            claimant.start = booking.start.milliseconds
        }
        return policies.standing(of: claimant, accounts.without(waiter, in: self, now), at: now.wall.milliseconds)
    }

    /// Every hard quota that one that asks would pass.
    func excesses(of candidate: Reservation, _ now: Now) -> [Excess] {
        guard policies.hasQuotas else { return [] }
        let (claimant, time) = (claimant(candidate), now.wall.milliseconds)
        let accounts = accounts.without(candidate, in: self, now)
        return ([nil] + claimant.scopes).flatMap { scope in
            policies[scope].quotas.excesses(of: claimant, in: scope, at: time) { accounts.account($0, at: time) }
        }.filter(\.quota.isHard)
    }

    /// The hard quota that one that asks would pass with a grant; nil for none.
    func excess(of waiter: Reservation, holding grant: Grant, _ now: Now) -> Excess? {
        guard policies.hasQuotas else { return nil }
        var claimant = claimant(waiter)
        claimant.demand = Amounts(grant)
        let accounts = accounts.without(waiter, in: self, now)
        guard case .over(let excess) = policies.standing(of: claimant, accounts, at: now.wall.milliseconds) else {
            return nil
        }
        return excess
    }

    /// The hard quota that would be passed by what a reservation would hold more than it does; nil for none. What it gives
    /// back is always taken.
    func excess(of reservation: Reservation, becoming grant: Grant, _ now: Now) -> Excess? {
        guard policies.hasQuotas else { return nil }
        let (old, new) = (Amounts(reservation.grant), Amounts(grant))
        var claimant = claimant(reservation)
        claimant.demand = Amounts()
        for part in new.parts where part.units > old[part.type] { claimant.demand.add(part.units, of: part.type) }
        claimant.duration = reservation.expiresAt.map { max(0, $0.milliseconds - now.wall.milliseconds) }
        let standing = policies.standing(of: claimant, at: now.wall.milliseconds, but: { $0.isCount }) { subject in
            var account = accounts.account(subject, at: now.wall.milliseconds)
            account.add(old, live: 0, sign: -1, of: accounts.totals)
            if let span = reservation.heldSpan, accounts.countsHours { account.add(old, sign: -1, over: span) }
            return account
        }
        guard case .over(let excess) = standing else { return nil }
        return excess
    }

    /// The hard quota that would be passed where a reservation had another pool, of those that do not bind it yet; nil for none.
    func excess(of reservation: Reservation, movedTo pool: PoolName, _ now: Now) -> Excess? {
        let bound = policies.scopes(of: reservation.pool, in: pools)
        var moved = reservation
        moved.pool = pool
        var claimant = claimant(moved)
        claimant.demand = Amounts(reservation.grant)
        claimant.duration = reservation.expiresAt.map { max(0, $0.milliseconds - now.wall.milliseconds) }
        for scope in claimant.scopes where !bound.contains(scope) {
            let quotas = policies[scope].quotas
            let standing = quotas.standing(of: claimant, in: scope, at: now.wall.milliseconds, but: { _ in false }) {
                accounts.account($0, at: now.wall.milliseconds)
            }
            if case .over(let excess) = standing { return excess }
        }
        return nil
    }

    /// Throws where a hard quota of hours is used up, or would be by so long a lease.
    func checkHours(of reservation: Reservation, _ lease: Duration, _ now: Now) throws(Refusal) {
        guard policies.hasQuotas else { return }
        // Who gives time back is always let.
        if let end = reservation.expiresAt, now.wall + lease <= end { return }
        var claimant = claimant(reservation)
        claimant.demand = Amounts(reservation.grant)
        claimant.duration = lease.milliseconds
        let standing = policies.standing(of: claimant, at: now.wall.milliseconds, but: { !$0.isHours }) { subject in
            var account = accounts.account(subject, at: now.wall.milliseconds)
            if let span = reservation.heldSpan, accounts.countsHours {
                account.add(claimant.demand, sign: -1, over: span)
            }
            return account
        }
        if case .over(let excess) = standing { throw .overQuota(excess) }
    }
}

extension Accounts {
    /// The same without what one that waits was promised: it does not stand in its own way.
    func without(_ waiter: Reservation, in state: State, _ now: Now) -> Accounts {
        guard countsHours, let promised = state.waiters[waiter.id], let booking = promised.waiting?.booking else {
            return self
        }
        var accounts = self
        accounts.promise(
            Amounts(booking.grant), sign: -1, over: booking.span, for: state.subjects(of: promised),
            at: now.wall.milliseconds)
        return accounts
    }
}

extension Quota.Bound {
    fileprivate var isCount: Bool { if case .reservations = self { true } else { false } }

    var isHours: Bool { if case .hours = self { true } else { false } }
}
