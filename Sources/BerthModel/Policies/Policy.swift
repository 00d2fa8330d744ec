/// Who goes first among those who wait.
package struct Policy: Hashable, Sendable {
    /// What the order goes by.
    package var order: Order
    /// How long a wait is worth one step of priority, in milliseconds: whoever has waited so much longer goes before one
    /// with a priority of one more. So nobody waits for ever.
    package var ageing: Int64
    /// How long a line may wait and have nothing, in milliseconds: then the first of it goes before all others, whatever they have
    /// and it has. Else whoever holds a little for long would be passed by others who hold nothing when their turn comes.
    package var patience = standardPatience
    /// What one may have: over a hard limit one waits, over a soft one all others go first.
    package var quotas: Quotas
    /// The groups whose members count together, in the order in which one is looked for that a user is in.
    package var groups: [NamedGroup]

    package enum Order: Hashable, Sendable {
        /// By priority and wait alone, whoever it is.
        case priority
        /// Whoever has the least dominant share first; with `remembers`, the least of that and of its mean share in the past.
        /// Over the users of a group, and with `overGroups` over the groups before.
        case fair(remembers: Bool, overGroups: Bool)
        /// Whoever has the least dominant share for its weight first: first among groups, then among their users.
        case weighted(Weights)
    }

    /// How much of the host each is due, next to the others.
    package struct Weights: Hashable, Sendable {
        /// By group; 1 where nothing is said, and for everybody who is in none.
        package var groups: [String?: Int]
        /// By user, among the users of its group; 1 where nothing is said.
        package var users: [UInt32: Int]

        package init(groups: [String?: Int] = [:], users: [UInt32: Int] = [:]) {
            self.groups = groups
            self.users = users
        }
    }

    /// How long the mean share of the past takes to count half, in milliseconds; nil is the standard.
    package var halfLife: Int64?

    /// A step of priority for ten minutes: the highest goes before one without for a week.
    package static let standardAgeing: Int64 = 600_000

    /// A day: long enough that whoever had its share long before waits for that, as it should.
    package static let standardPatience: Int64 = 86_400_000

    /// First come, first served, while nobody has a priority.
    package init(
        _ order: Order = .priority, ageing: Int64 = standardAgeing, quotas: Quotas = Quotas(),
        groups: [NamedGroup] = [],
        halfLife: Int64? = nil
    ) {
        self.order = order
        self.ageing = ageing
        self.quotas = quotas
        self.groups = groups
        self.halfLife = halfLife
    }

    /// What accounts must remember for it.
    package var accounting: Accounting {
        Accounting(halfLife: halfLife ?? Accounting.standardHalfLife, periods: quotas.periods)
    }

    /// What a group or user is due next to others; nil where the policy goes by no weights, and for workflows.
    package func weight(of subject: Subject) -> Int? {
        guard case .weighted(let weights) = order else { return nil }
        return switch subject.anywhere {
        case .user(let user): weights.users[user] ?? 1
        case .group(let name): weights.groups[name] ?? 1
        case .workflow, .within: nil
        }
    }
}
