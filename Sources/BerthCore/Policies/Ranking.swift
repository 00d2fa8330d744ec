internal import BerthModel

extension Policy {
    /// Whether who goes next depends on what others have, or get.
    var goesByAccounts: Bool { order != .priority || !quotas.isEmpty }

    /// Whether groups are ranked before users are.
    var ranksGroups: Bool {
        switch order {
        case .priority: false
        case .fair(_, let overGroups): overGroups
        case .weighted: true
        }
    }

    /// How much a group has had, for what it is due.
    /// - Parameter halfLife: after so long what it had counts half, in milliseconds
    func rank(group: String?, _ account: Account?, at time: Int64, halfLife: Int64) -> Double {
        guard ranksGroups, let account else { return 0 }
        if case .weighted(let weights) = order { return account.share / Double(max(1, weights.groups[group] ?? 1)) }
        return rank(account, at: time, halfLife: halfLife)
    }

    /// How much a user has had, for what it is due.
    /// - Parameter halfLife: after so long what it had counts half, in milliseconds
    func rank(user: UInt32, _ account: Account?, at time: Int64, halfLife: Int64) -> Double {
        guard let account else { return 0 }
        if case .weighted(let weights) = order { return account.share / Double(max(1, weights.users[user] ?? 1)) }
        return rank(account, at: time, halfLife: halfLife)
    }

    private func rank(_ account: Account, at time: Int64, halfLife: Int64) -> Double {
        guard case .fair(let remembers, _) = order else { return 0 }
        return account.share + (remembers ? account.history(at: time, halfLife: halfLife) : 0)
    }
}
