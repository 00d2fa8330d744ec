internal import BerthModel

/// Where one who asks stands with the quotas.
package enum QuotaStanding: Hashable, Sendable {
    /// Within all of them.
    case within
    /// Over a soft one.
    case surplus(Excess)
    /// Over a hard one.
    case over(Excess)
}

extension QuotaStanding {
    /// Whether it is over a soft one alone.
    package var isSurplus: Bool { if case .surplus = self { true } else { false } }
}

/// A quota that would be passed.
package struct Excess: Hashable, Sendable {
    /// The quota.
    package var quota: Quota
    /// Whose account would pass it.
    package var subject: Subject
    /// How much of what is limited the account has already, in the units of the limit.
    package var had: Int128
    /// How much more is asked.
    package var asked: Int128
    /// Whether the same request could be granted once something was given back or a period is over.
    package var passes: Bool
    /// When the period is over after which it is counted anew, in milliseconds since 1970; nil where time does not help.
    package var renewedAt: Int64?

    package init(
        quota: Quota, subject: Subject, had: Int128, asked: Int128, passes: Bool, renewedAt: Int64? = nil
    ) {
        self.quota = quota
        self.subject = subject
        self.had = had
        self.asked = asked
        self.passes = passes
        self.renewedAt = renewedAt
    }
}

extension Quotas {
    /// Where one who asks stands, with the accounts as they are given.
    /// - Parameter but: which quotas do not count
    func standing(
        of claimant: Claimant, at time: Int64, but isLeftOut: (Quota.Bound) -> Bool = { _ in false },
        _ account: (Subject) -> Account
    ) -> QuotaStanding {
        var surplus: Excess?
        for subject in claimant.subjects {
            let quotas = on(subject)
            guard !quotas.isEmpty else { continue }
            let account = account(subject)
            for quota in quotas where quota.isHard || surplus == nil {
                guard !isLeftOut(quota.bound), let excess = quota.excess(of: claimant, subject, account, at: time)
                else { continue }
                if quota.isHard { return .over(excess) }
                surplus = excess
            }
        }
        return surplus.map { .surplus($0) } ?? .within
    }
}

extension Quota {
    /// What of the limit would be passed; nil for nothing. Only what is asked for is looked at: who has too much memory may
    /// have another CPU.
    fileprivate func excess(of claimant: Claimant, _ subject: Subject, _ account: Account, at time: Int64) -> Excess? {
        switch bound {
        case .amount(let type, let most):
            let (had, asked) = (account.held[type], claimant.demand[type])
            guard asked > 0, had + asked > Int128(most.units) else { return nil }
            return Excess(
                quota: self, subject: subject, had: had, asked: asked, passes: asked <= Int128(most.units))
        case .reservations(let most):
            guard account.live + claimant.count > most else { return nil }
            return Excess(
                quota: self, subject: subject, had: Int128(account.live), asked: Int128(claimant.count),
                passes: claimant.count <= most)
        case .hours(let type, let most, let period):
            let amount = claimant.demand[type]
            guard amount > 0 else { return nil }
            let end = Accounting.start(of: period, at: time) + period
            let had = account.used[period]?[type] ?? 0
            // Who does not say how long it takes is let in while anything is left.
            let asked = amount * Int128(min(claimant.duration ?? 0, end - time))
            guard had >= most || had + asked > most else { return nil }
            let longest = amount * Int128(min(claimant.duration ?? 0, period))
            return Excess(
                quota: self, subject: subject, had: had, asked: asked, passes: most > 0 && longest <= most,
                renewedAt: end)
        }
    }
}
