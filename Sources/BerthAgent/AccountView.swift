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
        object["pool"] = subject.pool.map { .string($0.text) }
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
    package func accounts(for peer: Peer) throws(AgentError) -> (policies: Policies, accounts: [AccountView]) {
        try need(.observe, peer)
        let caller = self.caller(peer)
        let mine: [Subject] = [.user(caller.user)] + (caller.group.map { [.group($0)] } ?? [])
        let own = mine + state.policies.ofPools.keys.flatMap { pool in mine.map { $0.within(pool) } }
        var waiting: [Subject: Int] = [:]
        // What was promised waits for nobody.
        for reservation in state.waiters.all where reservation.waiting?.booking == nil {
            for subject in state.subjects(of: reservation) { waiting[subject, default: 0] += 1 }
        }
        let shown = caller.isAdmin ? Array(Set(state.accounts.subjects).union(waiting.keys).union(own)) : own
        let now = ports.clock.now().wall.milliseconds
        let views = shown.sorted { $0.order < $1.order }.map { subject in
            let policy = state.policies[subject.pool]
            return AccountView(
                subject: subject, account: state.accounts.account(subject, at: now), waiting: waiting[subject] ?? 0,
                weight: policy.weight(of: subject), quotas: policy.quotas.on(subject.anywhere))
        }
        return (state.policies, views)
    }
}

extension Subject {
    /// Those of the host first, then pool by pool; of each groups, then users, then workflows, each by name or number.
    fileprivate var order: (String, Int, UInt32, String) {
        let pool = pool?.text ?? ""
        return switch anywhere {
        case .group(let name?): (pool, 0, 0, name)
        case .group(nil), .within: (pool, 1, 0, "")
        case .user(let user): (pool, 2, user, "")
        case .workflow(let name): (pool, 3, 0, name)
        }
    }
}

extension Quota {
    /// How much of what is limited an account has.
    fileprivate func had(by account: Account) -> Int128 {
        switch bound {
        case .amount(let type, _): account.held[type]
        case .reservations: Int128(account.live)
        case .hours(let type, _, let period): account.hours(of: type, per: period)
        }
    }
}

extension Policies {
    /// What holds on the host, and what pools say for themselves, as answers show it.
    package var json: JSONObject {
        var object: JSONObject = ["policy": host.json]
        if !ofPools.isEmpty {
            object["pools"] = .object(
                JSONObject(ofPools.sorted { $0.key < $1.key }.map { ($0.key.text, $0.value.json) }))
        }
        return object
    }
}
