package import BerthModel

/// Who goes first in each pool, and what one may have there.
package struct Policies: Hashable, Sendable {
    /// What holds on the host: the order in pools that say no other, and quotas on what is had of all pools together.
    package let host: Policy
    /// What some pools say, for what is in them and in the pools within them: the order of those who wait there, by what is had
    /// there alone, and quotas on that, beside those of the host.
    package let ofPools: [PoolName: Policy]
    /// Whether anybody is bound by a quota.
    let hasQuotas: Bool
    /// Whether who goes next depends on what others have, or get.
    let goesByAccounts: Bool

    /// What these pools say; that of the default one is that of the host.
    package init(_ pools: Pools = Pools()) {
        host = pools[.standard]?.policy ?? Policy()
        let said = pools.all.compactMap { pool in pool.policy.map { (pool.name, $0) } }
        ofPools = Dictionary(said.filter { $0.0 != .standard }, uniquingKeysWith: { first, _ in first })
        hasQuotas = !host.quotas.isEmpty || ofPools.values.contains { !$0.quotas.isEmpty }
        goesByAccounts = host.goesByAccounts || ofPools.values.contains(where: \.goesByAccounts)
    }

    /// What a pool says; of nil, and of one that says nothing, what holds on the host.
    package subscript(scope: PoolName?) -> Policy { scope.flatMap { ofPools[$0] } ?? host }

    /// Of a pool and those that it is within, those that say something, the innermost first.
    package func scopes(of pool: PoolName, in pools: Pools) -> [PoolName] {
        ofPools.isEmpty ? [] : pools.path(of: pool).map(\.name).filter { ofPools[$0] != nil }
    }

    /// What accounts must remember.
    package var accounting: Accounting {
        var accounting = host.accounting
        for (pool, policy) in ofPools {
            accounting.pools[pool] = policy.accounting.halfLife
            accounting = Accounting(
                halfLife: accounting.halfLife, periods: accounting.periods + policy.quotas.periods,
                pools: accounting.pools)
        }
        return accounting
    }

    /// Where one who asks stands with the quotas of the host and of its pools.
    /// - Parameters:
    ///   - time: now, in milliseconds since 1970
    ///   - but: which quotas do not count
    ///   - account: what each has
    func standing(
        of claimant: Claimant, at time: Int64, but isLeftOut: (Quota.Bound) -> Bool = { _ in false },
        _ account: (Subject) -> Account
    ) -> QuotaStanding {
        guard hasQuotas else { return .within }
        var worst = host.quotas.standing(of: claimant, in: nil, at: time, but: isLeftOut, account)
        for scope in claimant.scopes where !worst.isWorst {
            worst.worsen(self[scope].quotas.standing(of: claimant, in: scope, at: time, but: isLeftOut, account))
        }
        return worst
    }

    /// The same with the accounts as they are at that time.
    package func standing(of claimant: Claimant, _ accounts: Accounts, at time: Int64) -> QuotaStanding {
        standing(of: claimant, at: time) { accounts.account($0, at: time) }
    }
}

extension State {
    /// One that asks, as policies see it.
    func claimant(_ reservation: Reservation) -> Claimant { claimant(together: [reservation]) }

    /// All of a gang, or one that asks alone, as policies see them.
    func claimant(together members: [Reservation]) -> Claimant {
        var claimant = Claimant(together: members)
        claimant.scopes = policies.scopes(of: members[0].pool, in: pools)
        return claimant
    }

    /// Those in whose accounts a reservation counts.
    package func subjects(of reservation: Reservation) -> [Subject] {
        let counted = accounts.accounting.pools
        guard !counted.isEmpty else { return reservation.subjects() }
        return reservation.subjects(in: pools.path(of: reservation.pool).map(\.name).filter { counted[$0] != nil })
    }

    /// Notes anew what is held and promised from when until when, for those whose hours are counted.
    private mutating func countSpans(at time: Timestamp) {
        let held = reservations.values.compactMap { reservation in
            reservation.heldSpan.map { (Amounts(reservation.grant), $0, subjects(of: reservation)) }
        }
        let promised = waiters.all.compactMap { waiter in
            waiter.waiting?.booking.map { (Amounts($0.grant), $0.span, subjects(of: waiter)) }
        }
        accounts.setSpans(accounts.countsHours ? held + promised : [], at: time.milliseconds)
    }

    /// Counts what one that waits was promised, or with a negative sign is no more.
    mutating func countPromise(of waiter: Reservation?, sign: Int, at time: Int64) {
        guard let waiter, let booking = waiter.waiting?.booking else { return }
        accounts.promise(
            Amounts(booking.grant), sign: sign, over: booking.span, for: subjects(of: waiter), at: time)
    }

    /// Counts anew what is held in pools that are counted by themselves, and when it is over: which those are has changed, or what
    /// lies in them, or whether hours are counted.
    mutating func countAnew(at time: Timestamp) {
        accounts.clearPools(at: time.milliseconds)
        if !accounts.accounting.pools.isEmpty {
            for reservation in reservations.values {
                accounts.add(
                    Amounts(reservation.grant), live: reservation.isLive ? 1 : 0, sign: 1, until: nil,
                    for: subjects(of: reservation).filter { $0.pool != nil }, at: time.milliseconds)
            }
        }
        countSpans(at: time)
    }
}
