import BerthCore
import BerthModel
import Support
import Testing

/// Turns against what they mean, and fairness against what the theory promises, with random users.
@Suite("Turns")
struct TurnsPropertyTests {
    @Test("are those of somebody who looks at everybody each time")
    func reference() {
        var random = SeededGenerator.named("turns")
        for _ in 0..<300 {
            let policy = random.policy()
            var accounts = host(cpu: 64, memory: 1000)
            accounts.setAccounting(policy.accounting, at: 0)
            var lines = Lines(ageing: policy.ageing)
            var waiting: [Claimant] = []
            for number in 0..<UInt64.random(in: 1...40, using: &random) {
                let claimant = random.claimant(number)
                if Int.random(in: 0..<4, using: &random) == 0 {
                    accounts.add(claimant.demand, live: 1, sign: 1, until: nil, for: claimant.all, at: claimant.since)
                } else {
                    waiting.append(claimant)
                    lines.insert(claimant)
                }
            }
            // Some go again.
            for _ in 0..<5 where !waiting.isEmpty {
                let gone = waiting.remove(at: Int.random(in: 0..<waiting.count, using: &random))
                #expect(lines.remove(gone.id) == gone)
            }
            // One of them might as well not be in the lines yet.
            let candidate = waiting.last.flatMap { lines.remove($0.id) }
            let time = Int64.random(in: 0..<hours(100), using: &random)
            var turns = Turns(lines, besides: candidate, accounts, Policies(host: policy), at: time)
            var order: [ReservationID] = []
            while let id = turns.next() { order.append(id) }
            #expect(order == naiveOrder(waiting, accounts, policy, at: time), "\(random.note)")
        }
    }

    @Test("leave dominant shares of users with equal tasks no further apart than one task")
    func dominantShares() {
        var random = SeededGenerator.named("dominant shares")
        for _ in 0..<100 {
            let weights = (0..<UInt32.random(in: 2...6, using: &random)).map { user in
                (user, Int.random(in: 1...5, using: &random))
            }
            for isWeighted in [false, true] {
                let policy =
                    isWeighted
                    ? Policy(.weighted(Policy.Weights(users: Dictionary(uniqueKeysWithValues: weights))))
                    : Policy(.fair(remembers: false, overGroups: false))
                let accounts = host(cpu: 1000, memory: 1000)
                var lines = Lines()
                var task: [UInt32: Amounts] = [:]
                var number: UInt64 = 0
                for (user, _) in weights {
                    let (cpu, memory) = (
                        Int64.random(in: 1...9, using: &random), Int64.random(in: 1...9, using: &random)
                    )
                    task[user] = amounts(cpu: cpu, memory: memory)
                    for _ in 0..<200 {
                        number += 1
                        lines.insert(claimant(number, user, since: Int64(number), cpu: cpu, memory: memory))
                    }
                }
                var turns = Turns(lines, accounts, Policies(host: policy), at: 0)
                var held: [UInt32: Amounts] = [:]
                for _ in 0..<60 {
                    guard let user = turns.next().flatMap({ lines[$0]?.user }), let task = task[user] else { break }
                    held[user, default: Amounts()].add(task)
                    let shares = weights.map { user, weight in
                        (held[user] ?? Amounts()).dominantShare(of: accounts.totals) / Double(isWeighted ? weight : 1)
                    }
                    let most =
                        weights.map { user, weight in
                            (tasks(user, weights, lines, accounts)) / Double(isWeighted ? weight : 1)
                        }.max() ?? 0
                    #expect(
                        (shares.max() ?? 0) - (shares.min() ?? 0) <= most + 1e-9, "\(shares) \(most) \(random.note)")
                }
            }
        }

        func tasks(_ user: UInt32, _ weights: [(UInt32, Int)], _ lines: Lines, _ accounts: Accounts) -> Double {
            lines.all.first { $0.user == user }?.demand.dominantShare(of: accounts.totals) ?? 0
        }
    }

    @Test("reach those within their limits behind many that are not")
    func passedOver() {
        var lines = Lines()
        for number in 0..<2000 { lines.insert(claimant(UInt64(number), alice, since: Int64(number), cpu: 4)) }
        lines.insert(claimant(5000, bob, since: 5000))
        for isHard in [false, true] {
            let policy = Policy(
                quotas: Quotas([Quota(.each(.user), isHard: isHard, .amount(.cpu, Quantity(2000)))]))
            var turns = Turns(lines, host(cpu: 8), Policies(host: policy), at: 0)
            #expect(turns.next() == id(5000))
            #expect(!turns.isSurplus)
            var late: [ReservationID] = []
            while let id = turns.next() {
                late.append(id)
                #expect(turns.isSurplus)
            }
            #expect(late == (isHard ? [] : (0..<2000).map { id($0) }))
        }
    }

    @Test("count what was granted in place of what was asked")
    func taken() {
        var lines = Lines()
        lines.insert(claimant(1, alice, since: 1, cpu: 4))
        lines.insert(claimant(2, alice, since: 2, cpu: 1))
        lines.insert(claimant(3, bob, since: 3, cpu: 2))
        lines.insert(claimant(4, bob, since: 4, cpu: 2))
        let policy = Policy(.fair(remembers: false, overGroups: false))
        var turns = Turns(lines, host(cpu: 8), Policies(host: policy), at: 0)
        #expect([turns.next(), turns.next(), turns.next()] == [id(1), id(3), id(4)])
        turns = Turns(lines, host(cpu: 8), Policies(host: policy), at: 0)
        #expect(turns.next() == id(1))
        turns.take(amounts(cpu: 1))
        #expect([turns.next(), turns.next()] == [id(3), id(2)])
    }

    @Test("pass over at once those who would be told one by one")
    func passedAtOnce() {
        var random = SeededGenerator.named("turns passed")
        var sum = 0
        for round in 0..<300 {
            let policy = round % 3 == 0 ? Policy() : random.policy()
            var lines = Lines(ageing: policy.ageing)
            for number in 0..<UInt64.random(in: 1...60, using: &random) { lines.insert(random.claimant(number)) }
            let candidate = lines.remove(id(0))
            var turns = Turns(lines, besides: candidate, host(cpu: 64, memory: 1000), Policies(host: policy), at: 0)
            var others = turns
            var order: [ReservationID] = []
            while let id = others.next() { order.append(id) }
            func user(_ id: ReservationID) -> UInt32? { (lines[id] ?? candidate)?.user }
            var place = 0
            while place < order.count, let told = turns.next() {
                #expect(told == order[place], "\(random.note)")
                let most = Int.random(in: 0...4, using: &random)
                let passed = turns.pass(most)
                #expect(passed <= most && order[place...].prefix(1 + passed).allSatisfy { user($0) == user(told) })
                place += 1 + passed
                sum += passed
            }
            #expect(place == order.count && turns.next() == nil, "\(random.note)")
        }
        #expect(sum > 100, "\(sum) passed, \(random.note)")
    }

    @Test("keep their order where a wait is worth something else")
    func ageing() {
        var random = SeededGenerator.named("lines")
        var lines = Lines()
        let claimants = (0..<200).map { random.claimant($0) }
        for claimant in claimants { lines.insert(claimant) }
        let policy = Policy(ageing: 7)
        var turns = Turns(lines.with(ageing: 7), host(cpu: 1), Policies(host: policy), at: 0)
        var order: [ReservationID] = []
        while let id = turns.next() { order.append(id) }
        #expect(order == naiveOrder(claimants, host(cpu: 1), policy, at: 0))
    }
}

/// The order by looking at everybody each time.
private func naiveOrder(
    _ claimants: [Claimant], _ accounts: Accounts, _ policy: Policy, at time: Int64
) -> [ReservationID] {
    var accounts = accounts
    var left = claimants
    var order: [ReservationID] = []
    for late in [false, true] {
        // What was passed over as a surplus stays so for this round.
        var round = left
        while !round.isEmpty {
            let next = round.min { one, other in
                func rank(_ claimant: Claimant) -> [Double] {
                    let user = accounts.account(.user(claimant.user), at: time)
                    let group = accounts.account(.group(claimant.group), at: time)
                    switch policy.order {
                    case .priority: return [0, 0]
                    case .fair(let remembers, let overGroups):
                        return [
                            overGroups
                                ? group.share
                                    + (remembers ? group.history(at: time, halfLife: accounts.accounting.halfLife) : 0)
                                : 0,
                            user.share
                                + (remembers ? user.history(at: time, halfLife: accounts.accounting.halfLife) : 0),
                        ]
                    case .weighted(let weights):
                        return [
                            group.share / Double(weights.groups[claimant.group] ?? 1),
                            user.share / Double(weights.users[claimant.user] ?? 1),
                        ]
                    }
                }
                let (left, right) = (rank(one), rank(other))
                let groups = policy.ranksByGroup
                // Of groups that rank alike the one goes first whose first user's first waits longest.
                if left[0] != right[0] { return left[0] < right[0] }
                if groups, one.group != other.group {
                    return best(one.group) < best(other.group)
                }
                if left[1] != right[1] { return left[1] < right[1] }
                return one.key(policy) < other.key(policy)

                func best(_ group: String?) -> (Double, Int64, Int64, UInt64) {
                    let all = round.filter { $0.group == group }
                    return all.map { claimant -> (Double, Int64, Int64, UInt64) in
                        let key = claimant.key(policy)
                        return (rank(claimant)[1], key.0, key.1, key.2)
                    }.min { $0 < $1 }.map { (0, $0.1, $0.2, $0.3) } ?? (0, 0, 0, 0)
                }
            }
            guard let next else { break }
            round.removeAll { $0.id == next.id }
            switch Policies(host: policy).standing(of: next, accounts, at: time) {
            case .over:
                left.removeAll { $0.id == next.id }
                continue
            case .surplus where !late: continue
            default: break
            }
            left.removeAll { $0.id == next.id }
            order.append(next.id)
            accounts.add(next.demand, live: 1, sign: 1, until: next.end(from: time), for: next.all, at: time)
        }
    }
    return order
}

extension Policy {
    fileprivate var ranksByGroup: Bool {
        switch order {
        case .priority: false
        case .fair(_, let overGroups): overGroups
        case .weighted: true
        }
    }
}

extension Claimant {
    fileprivate func key(_ policy: Policy) -> (Int64, Int64, UInt64) {
        (since - Int64(priority) * policy.ageing, since, id.bits)
    }

    fileprivate var all: [Subject] {
        [.user(user), .group(group)] + (workflow.map { [.workflow($0)] } ?? [])
    }
}

extension SeededGenerator {
    fileprivate mutating func claimant(_ number: UInt64) -> Claimant {
        // A user is in one group.
        let user = UInt32.random(in: 1...5, using: &self)
        let group = ["physics", "arts", nil][Int(user) % 3]
        return BerthCoreTests.claimant(
            number, user, group, workflow: [nil, "nightly", "paper"].randomElement(using: &self) ?? nil,
            priority: Int.random(in: -3...3, using: &self), since: Int64.random(in: 0..<hours(1), using: &self),
            duration: Bool.random(using: &self) ? hours(1) : nil, cpu: Int64.random(in: 1...8, using: &self),
            memory: Int64.random(in: 0...200, using: &self))
    }

    fileprivate mutating func policy() -> Policy {
        let orders: [Policy.Order] = [
            .priority, .fair(remembers: false, overGroups: false), .fair(remembers: true, overGroups: false),
            .fair(remembers: true, overGroups: true),
            .weighted(Policy.Weights(groups: ["physics": 3], users: [1: 2, 2: 5])),
        ]
        let all: [Quota] = [
            Quota(.each(.user), isHard: true, .reservations(4)),
            Quota(.one(.user(1)), isHard: true, .reservations(2)),
            Quota(.each(.user), isHard: false, .amount(.cpu, Quantity(6000))),
            Quota(.each(.group), isHard: false, .amount(.memory, Quantity(300))),
            Quota(.one(.group(nil)), isHard: true, .amount(.cpu, Quantity(20_000))),
            Quota(.each(.workflow), isHard: false, .reservations(3)),
            Quota(.each(.user), isHard: true, .hours(.cpu, Int128(hours(8)) * 1000, per: hours(24))),
        ]
        let limits = Bool.random(using: &self) ? [] : all.filter { _ in Bool.random(using: &self) }
        return Policy(
            orders.randomElement(using: &self) ?? .priority, ageing: Int64.random(in: 1...600_000, using: &self),
            quotas: Quotas(limits), groups: NamedGroup.some("physics", "arts"))
    }
}
