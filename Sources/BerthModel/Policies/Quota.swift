/// One limit on what somebody may have.
package struct Quota: Hashable, Sendable {
    /// Whom it binds.
    package var scope: Scope
    /// Whether nothing passes it. What passes a soft one gets what nobody else waits for.
    package var isHard: Bool
    /// What it limits.
    package var bound: Bound

    package enum Scope: Hashable, Sendable {
        /// Every one of a kind, each by itself, except where a quota on the same thing names it.
        case each(Subject.Kind)
        /// This one.
        case one(Subject)
    }

    package enum Bound: Hashable, Sendable {
        /// So much of a type at a time.
        case amount(ResourceType, Quantity)
        /// So many live reservations at a time.
        case reservations(Int)
        /// So much of a type times hours, in the type's base units times milliseconds, in each period of so many
        /// milliseconds.
        case hours(ResourceType, Int128, per: Int64)
    }

    package init(_ scope: Scope, isHard: Bool, _ bound: Bound) {
        self.scope = scope
        self.isHard = isHard
        self.bound = bound
    }

    /// Whether the other limits the same thing as firmly, though perhaps elsewhere.
    fileprivate func isLike(_ other: Quota) -> Bool {
        guard isHard == other.isHard else { return false }
        return switch (bound, other.bound) {
        case (.amount(let type, _), .amount(let otherType, _)): type == otherType
        case (.reservations, .reservations): true
        case (.hours(let type, _, let period), .hours(let otherType, _, let otherPeriod)):
            type == otherType && period == otherPeriod
        default: false
        }
    }
}

/// All quotas, found by whom they bind.
package struct Quotas: Hashable, Sendable {
    /// Every quota, as configured.
    package let all: [Quota]
    private var ofEach: [Subject.Kind: [Quota]] = [:]
    private var ofOne: [Subject: [Quota]] = [:]

    package init(_ quotas: [Quota] = []) {
        all = quotas
        for quota in quotas {
            switch quota.scope {
            case .each(let kind): ofEach[kind, default: []].append(quota)
            case .one(let subject): ofOne[subject, default: []].append(quota)
            }
        }
        for (subject, named) in ofOne {
            ofOne[subject] = named + (ofEach[subject.kind] ?? []).filter { each in !named.contains { $0.isLike(each) } }
        }
    }

    package var isEmpty: Bool { all.isEmpty }

    /// The quotas that bind one. Everybody who is in no group is bound as a group only by name.
    package func on(_ subject: Subject) -> [Quota] {
        if let own = ofOne[subject] { return own }
        return subject == .group(nil) ? [] : ofEach[subject.kind] ?? []
    }

    /// The lengths of the periods that are counted, in milliseconds.
    package var periods: [Int64] {
        all.compactMap { if case .hours(_, _, let period) = $0.bound { period } else { nil } }
    }
}
