package import BerthModel

extension Replay {
    /// What of a configuration makes a difference.
    package struct Configuration: Hashable, Sendable {
        /// How units are chosen; nil is as each pool says.
        package var strategy: Strategy?
        /// Who goes first, where no pools are configured.
        package var policy: Order
        /// What is known beforehand of how long a task will run.
        package var declared: Declared
        /// Priorities of users, by name; zero is that of all others.
        package var priorities: [String: Int]
        /// Weights of users, by name, for the policy that goes by them; one is that of all others.
        package var weights: [String: Int]
        /// What each user may have at a time, under any policy, where no pools are configured.
        package var quotas: [Quota.Bound]
        /// What a configuration of the agent says; nil where that plays no part.
        package var configured: Configured?

        package init(
            strategy: Strategy? = nil, policy: Order = .priority, declared: Declared = .trace,
            priorities: [String: Int] = [:], weights: [String: Int] = [:], quotas: [Quota.Bound] = []
        ) {
            self.strategy = strategy
            self.policy = policy
            self.declared = declared
            self.priorities = priorities
            self.weights = weights
            self.quotas = quotas
        }
    }

    /// What a configuration of the agent says of pools, and of those who have to go.
    package struct Configured: Hashable, Sendable {
        /// The pools, with their policies. Users and groups are numbered as ``TracedAccounts``
        /// has them.
        package var pools: [Pool]
        /// How those who have to go for others are treated.
        package var preemption: PreemptionTerms

        package init(_ pools: [Pool], preemption: PreemptionTerms = PreemptionTerms()) {
            self.pools = pools
            self.preemption = preemption
        }
    }

    /// Who goes first: the core's policies by name.
    package enum Order: String, Hashable, Sendable, CaseIterable {
        /// By priority, and first come, first served.
        case priority
        /// Whoever has and had the least.
        case fair
        /// Whoever has the least for its weight.
        case weighted
        /// As priority, within quotas.
        case quota
    }

    /// What is known beforehand of how long a task will run: that is its lease.
    package enum Declared: String, Hashable, Sendable, CaseIterable {
        /// What its user declared, where the trace tells it.
        case trace
        /// How long it did run.
        case exact
        /// Nothing.
        case none
    }
}

extension Replay.Configuration {
    /// The pools; where none are configured the default one, with who goes first and who may have what.
    func pools(_ accounts: TracedAccounts) -> [Pool] {
        if let configured { return configured.pools }
        var standard = Pool(.standard)
        standard.policy = policy(accounts)
        return [standard]
    }

    private func policy(_ accounts: TracedAccounts) -> Policy {
        let quotas = Quotas(quotas.map { Quota(.each(.user), isHard: true, $0) })
        switch policy {
        case .priority, .quota: return Policy(.priority, quotas: quotas)
        case .fair: return Policy(.fair(remembers: true, overGroups: false), quotas: quotas)
        case .weighted:
            let numbered = weights.map { (accounts.user($0.key), $0.value) }
            let users = Dictionary(numbered, uniquingKeysWith: { first, _ in first })
            return Policy(.weighted(Policy.Weights(users: users)), quotas: quotas)
        }
    }
}
