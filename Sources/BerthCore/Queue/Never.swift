internal import BerthModel

/// What can never be granted: nobody is to wait for what does not come.
extension State {
    /// Why some could not be granted together though nobody held anything; nil where they could.
    /// - Parameters:
    ///   - members: one that asks, or all of a gang
    ///   - pool: the pool that they ask for
    func never(_ members: [Reservation], in pool: PoolName, _ now: Now) -> Refusal? {
        guard !members.isEmpty else { return nil }
        var empty = self
        empty.unmanagedMemory = nil
        empty.capacity = empty.capacity?.recovered
        // Beside nobody, only others of its gang can be where one must not lie; who must lie with others waits for those.
        let needsOthers = members.contains { $0.waiting?.request.affinity.contains { !$0.isPreferred } ?? false }
        if !needsOthers { (empty.reservations, empty.labelled) = ([:], Labelled()) }
        let claimant = claimant(together: members)
        func excess(_ grants: [Grant]) -> Excess? {
            guard policies.hasQuotas else { return nil }
            var claimant = claimant
            claimant.demand = Amounts(grants)
            let standing = policies.standing(of: claimant, accounts, at: now.wall.milliseconds)
            if case .over(let excess) = standing, !excess.passes { return excess }
            return nil
        }
        do throws(Refusal) {
            _ = try empty.choose(
                together: members, having: Holdings(), beside: Holdings(),
                in: { empty.rooms(for: pool, at: [(Holdings(), PoolHoldings())], beside: $0) }, by: .greedy,
                excess: excess)
            return nil
        } catch {
            return error.never(needsOthers: needsOthers)
        }
    }
}

extension Refusal {
    /// The same of what was looked for beside nothing: it can never be granted. Nil where it hangs on others.
    fileprivate func never(needsOthers: Bool) -> Refusal? {
        switch self {
        case .unmet: return needsOthers ? nil : self
        // Where others lie by then is not known.
        case .insufficient(let shortfalls, _) where needsOthers && shortfalls.contains(where: \.isBesideGang):
            return nil
        case .insufficient(let shortfalls, _): return .insufficient(shortfalls, ever: false)
        case .overQuota(let excess): return excess.passes ? nil : self
        case .noneFits(let refusals):
            let never = refusals.compactMap { $0.never(needsOthers: needsOthers) }
            return never.count == refusals.count ? .noneFits(never) : nil
        default: return self
        }
    }
}
