package import BerthModel

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

    /// Whether it is over a hard one.
    var isOver: Bool { if case .over = self { true } else { false } }

    /// How much is wrong: what never passes is worse than what does.
    private var rank: Int {
        switch self {
        case .within: 0
        case .surplus: 1
        case .over(let excess): excess.passes ? 2 : 3
        }
    }

    /// Whether nothing is worse.
    var isWorst: Bool { rank == 3 }

    /// The worse of both; this one where they are as bad.
    mutating func worsen(_ other: QuotaStanding) { if other.rank > rank { self = other } }
}

/// A quota that would be passed.
package struct Excess: Hashable, Sendable {
    /// The quota.
    package var quota: Quota
    /// Whose account would pass it.
    package var subject: Subject
    /// How much of what is limited the account has already, in the units of the limit; of hours with what its leases will have.
    package var had: Int128
    /// How much more is asked.
    package var asked: Int128
    /// Whether the same request could be granted once something was given back or a period is over.
    package var passes: Bool
    /// When the period is over after which it is counted anew, in milliseconds since 1970; nil where that does not help.
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
    /// - Parameters:
    ///   - scope: the pool that they are quotas on; nil is the host
    ///   - but: which quotas do not count
    func standing(
        of claimant: Claimant, in scope: PoolName?, at time: Int64, but isLeftOut: (Quota.Bound) -> Bool,
        _ account: (Subject) -> Account
    ) -> QuotaStanding {
        var worst = QuotaStanding.within
        find(of: claimant, in: scope, at: time, but: isLeftOut, account) { excess in
            worst.worsen(excess.quota.isHard ? .over(excess) : .surplus(excess))
            return !worst.isWorst
        }
        return worst
    }

    /// Every one of them that would be passed.
    func excesses(
        of claimant: Claimant, in scope: PoolName?, at time: Int64, _ account: (Subject) -> Account
    ) -> [Excess] {
        var all: [Excess] = []
        find(of: claimant, in: scope, at: time, but: { _ in false }, account) {
            all.append($0)
            return true
        }
        return all
    }

    /// Finds those that would be passed, for as long as more are wanted.
    private func find(
        of claimant: Claimant, in scope: PoolName?, at time: Int64, but isLeftOut: (Quota.Bound) -> Bool,
        _ account: (Subject) -> Account, _ wantsMore: (Excess) -> Bool
    ) {
        guard !isEmpty else { return }
        for subject in claimant.subjects where subject.pool == scope {
            let quotas = on(subject.anywhere)
            guard !quotas.isEmpty else { continue }
            let account = account(subject)
            for quota in quotas where !isLeftOut(quota.bound) {
                guard let excess = quota.excess(of: claimant, subject, account, at: time) else { continue }
                guard wantsMore(excess) else { return }
            }
        }
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
            return excess(of: claimant, subject, account, at: time, hours: (type, most, period))
        }
    }

    /// The same of hours, in each period in which there can be the most of them: that in which it begins, the next, and where
    /// something begins that was promised. Who does not say how long it takes is let in while anything is left; who asks for more
    /// than there is in one period is not, at whatever moment of it that begins.
    private func excess(
        of claimant: Claimant, _ subject: Subject, _ account: Account, at time: Int64,
        hours: (type: ResourceType, most: Int128, period: Int64)
    ) -> Excess? {
        let (type, most, period) = hours
        guard claimant.demand[type] > 0 else { return nil }
        let begin = max(time, claimant.start ?? time)
        let leases = claimant.leases(of: claimant.demand, from: begin)
        let last = leases.lazy.compactMap(\.end).max() ?? begin
        func asked(from start: Int64, until end: Int64) -> Int128 {
            leases.reduce(0) { sum, lease in
                let overlap = min(lease.end ?? begin, end) - max(begin, start)
                return overlap > 0 ? sum + lease.amounts[type] * Int128(overlap) : sum
            }
        }
        func excess(had: Int128, asked: Int128, passes: Bool, renewedAt: Int64?) -> Excess {
            Excess(quota: self, subject: subject, had: had, asked: asked, passes: passes, renewedAt: renewedAt)
        }
        let first = Accounting.start(of: period, at: begin)
        let whole = asked(from: begin, until: begin + period)
        guard most > 0, whole <= most else {
            return excess(
                had: account.hours(of: type, per: period, since: first), asked: whole, passes: false, renewedAt: nil)
        }
        var starts: Set<Int64> = [first]
        if last > first + period { starts.insert(first + period) }
        for start in account.spans.starts where start >= first && start < last {
            let its = Accounting.start(of: period, at: start)
            starts.formUnion([its, its + period].filter { $0 < last })
        }
        for start in starts.sorted() {
            let had = account.hours(of: type, per: period, since: start)
            let asked = asked(from: start, until: start + period)
            guard (asked > 0 && had + asked > most) || (start == first && had >= most) else { continue }
            let next = start + period
            let isRenewed = account.hours(of: type, per: period, since: next) + whole <= most
            return excess(had: had, asked: asked, passes: true, renewedAt: isRenewed ? next : nil)
        }
        return nil
    }
}
