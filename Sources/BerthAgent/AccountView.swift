package import BerthCore
package import BerthJSON
internal import BerthModel

/// One account as it is shown.
package struct AccountView: Sendable {
    var subject: Subject
    var account: Account
    /// How many of its requests wait.
    var waiting: Int
    /// Its weight, where the policy goes by weights.
    var weight: Int?
    /// What it may have.
    var quotas: [Quota]

    /// The account's document.
    package var json: JSONValue {
        var object: JSONObject = ["kind": .string(subject.kind.rawValue)]
        object[subject.kind.rawValue] = subject.json
        object["reservations"] = JSONValue(account.live)
        object["waiting"] = JSONValue(waiting)
        object["held"] = AccountView.json(account.held, per: 1)
        object["share"] = AccountView.millionths(account.share)
        object["average_share"] = AccountView.millionths(account.average)
        object["weight"] = weight.map { JSONValue($0) }
        object["used"] = .array(
            account.used.sorted { $0.key < $1.key }.map { period, amounts in
                let start = Timestamp(milliseconds: Accounting.start(of: period, at: account.at))
                return [
                    "per": .string(Duration.milliseconds(period).text), "since": .string(start.description),
                    "hours": AccountView.json(amounts, per: 3_600_000),
                ]
            })
        object["quotas"] = .array(
            quotas.map { quota in
                var quotaObject = quota.json
                quotaObject["had"] = quota.bound.json(quota.had(by: account))
                return .object(quotaObject)
            })
        return .object(object)
    }

    private static func json(_ amounts: Amounts, per divisor: Int128) -> JSONValue {
        .object(
            JSONObject(
                amounts.parts.sorted { $0.type < $1.type }.map { part in
                    (part.type.name, part.type.measure.json(Quantity(Int64(clamping: part.units / divisor))))
                }))
    }

    private static func millionths(_ share: Double) -> JSONValue {
        .number(JSONNumber(Int64((min(share, 1e6) * 1e6).rounded()), decimals: 6))
    }
}

extension Agent {
    /// Who goes first, and the accounts that this goes by: a user's own and its group's, an admin's all.
    package func accounts(for peer: Peer) throws(AgentError) -> (policy: Policy, accounts: [AccountView]) {
        try need(.observe, peer)
        let caller = roles.caller(peer)
        let own: [Subject] = [.user(caller.user)] + (caller.group.map { [.group($0)] } ?? [])
        var waiting: [Subject: Int] = [:]
        // What was promised waits for nobody.
        for reservation in state.waiters.all where reservation.waiting?.booking == nil {
            for subject in reservation.subjects { waiting[subject, default: 0] += 1 }
        }
        let shown = caller.isAdmin ? Array(Set(state.accounts.subjects).union(waiting.keys)) : own
        let now = ports.clock.now().wall.milliseconds
        let views = shown.sorted { $0.order < $1.order }.map { subject in
            AccountView(
                subject: subject, account: state.accounts.account(subject, at: now), waiting: waiting[subject] ?? 0,
                weight: state.policy.weight(of: subject), quotas: state.policy.quotas.on(subject))
        }
        return (state.policy, views)
    }
}

extension Subject {
    /// Groups first, then users, then workflows, each by name or number.
    fileprivate var order: (Int, UInt32, String) {
        switch self {
        case .group(let name?): (0, 0, name)
        case .group(nil): (1, 0, "")
        case .user(let user): (2, user, "")
        case .workflow(let name): (3, 0, name)
        }
    }
}

extension Quota {
    /// How much of what is limited an account has.
    fileprivate func had(by account: Account) -> Int128 {
        switch bound {
        case .amount(let type, _): account.held[type]
        case .reservations: Int128(account.live)
        case .hours(let type, _, let period): account.used[period]?[type] ?? 0
        }
    }
}

extension Policy {
    /// The policy as answers show it.
    package var json: JSONValue {
        var object: JSONObject = ["ageing": .string(Duration.milliseconds(ageing).text)]
        switch order {
        case .priority: object["kind"] = quotas.isEmpty ? "priority" : "quota"
        case .fair(let remembers, let overGroups):
            object["kind"] = "fair"
            object["over"] = overGroups ? "groups" : "users"
            object["half_life"] = .string(remembers ? Duration.milliseconds(accounting.halfLife).text : "none")
        case .weighted: object["kind"] = "weighted"
        }
        object["groups"] = .array(groups.map { .string($0) })
        return .object(object)
    }
}
