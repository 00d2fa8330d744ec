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
            for isWeighted in [false, true] {
                let users = random.users(isWeighted: isWeighted)
                #expect(turns(of: users, 60).allSatisfy { distance($0, users) <= 1e-9 }, "\(users) \(random.note)")
            }
        }
    }

    @Test("are seen to be unfair where one user counts for half")
    func unfair() {
        var random = SeededGenerator.named("dominant shares planted")
        let isSeen = (0..<20).contains { _ in
            let users = random.users(isWeighted: false)
            return turns(of: users, 60, halving: users[0].user).contains { distance($0, users) > 1e-9 }
        }
        #expect(isSeen, "\(random.note)")
    }

    @Test("are as fair in what a host grants when all of it becomes free")
    func granted() throws {
        var random = SeededGenerator.named("dominant shares granted")
        for isWeighted in [false, true] {
            for _ in 0..<10 {
                let users = random.users(isWeighted: isWeighted)
                var state = TestHost.state(try TestHost.capacity(cpu: 200_000, memory: 200, pids: nil))
                state.say(users.policy)
                state.reserve(1, [Ask(.cpu, amount: Quantity(200_000)), Ask(.memory, amount: Quantity(200))], user: 99)
                var number: UInt64 = 1
                for _ in 0..<40 {
                    for user in users {
                        number += 1
                        let asks = user.task.parts.map { Ask($0.type, amount: Quantity(Int64($0.units))) }
                        #expect(state.queue(number, asks, user: user.user) == nil)
                    }
                }
                state.run(.release(id(1), admin))
                state.run(.noteFreed(id(1), nil))
                let decision = state.run(.admit(depth: 1000))
                var held: [UInt32: Amounts] = [:]
                var tasks: [UInt32: Int] = [:]
                var count = 0
                for case .granted(let reservation) in decision.changes {
                    held[reservation.user, default: Amounts()].add(Amounts(reservation.grant))
                    count += 1
                    tasks[reservation.user, default: 0] += 1
                    // Whoever has nothing that waits falls behind, and near the end what is left may fit only some.
                    guard tasks.values.allSatisfy({ $0 < 40 }) else { break }
                    let free = held.values.reduce(into: Amounts()) { $0.add($1) }
                    guard free[.cpu] <= 190_000, free[.memory] <= 190 else { break }
                    let apart = distance(held, users, of: 200)
                    #expect(apart <= 1e-9, "\(apart) after \(count) of \(users) \(random.note)")
                }
                #expect(count > 10, "\(random.note)")
            }
        }
    }

    /// What each has after each of the first turns.
    /// - Parameter halved: the user who counts for half of what it has
    private func turns(of users: [FairUser], _ count: Int, halving halved: UInt32? = nil) -> [[UInt32: Amounts]] {
        let accounts = host(cpu: 1000, memory: 1000)
        var lines = Lines()
        var number: UInt64 = 0
        for user in users {
            let part: Int64 = user.user == halved ? 2 : 1
            for _ in 0..<200 {
                number += 1
                lines.insert(
                    claimant(
                        number, user.user, since: Int64(number), cpu: max(user.cpu / part, 1),
                        memory: max(user.memory / part, 1)))
            }
        }
        var turns = Turns(lines, accounts, Policies(host: users.policy), at: 0)
        var held: [UInt32: Amounts] = [:]
        return (0..<count).compactMap { _ in
            guard let told = turns.next().flatMap({ lines[$0]?.user }),
                let task = users.first(where: { $0.user == told })?.task
            else { return nil }
            held[told, default: Amounts()].add(task)
            return held
        }
    }

    /// By how much the dominant shares lie further apart than one task (Ghodsi et al., "Dominant Resource Fairness", NSDI 2011).
    private func distance(_ held: [UInt32: Amounts], _ users: [FairUser], of whole: Int64 = 1000) -> Double {
        let totals = host(cpu: whole, memory: whole).totals
        let shares = users.map { (held[$0.user] ?? Amounts()).dominantShare(of: totals) / Double($0.weight) }
        let most = users.map { $0.task.dominantShare(of: totals) / Double($0.weight) }.max() ?? 0
        return (shares.max() ?? 0) - (shares.min() ?? 0) - most
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

/// A user whose tasks are all alike.
private struct FairUser {
    var user: UInt32
    var weight: Int
    var cpu: Int64
    var memory: Int64
    var isWeighted: Bool
    var task: Amounts { amounts(cpu: cpu, memory: memory) }
}

extension [FairUser] {
    fileprivate var policy: Policy {
        guard first?.isWeighted == true else { return Policy(.fair(remembers: false, overGroups: false)) }
        return Policy(.weighted(Policy.Weights(users: Dictionary(uniqueKeysWithValues: map { ($0.user, $0.weight) }))))
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
    fileprivate mutating func users(isWeighted: Bool) -> [FairUser] {
        (1...UInt32.random(in: 2...6, using: &self)).map { user in
            FairUser(
                user: user, weight: isWeighted ? Int.random(in: 1...5, using: &self) : 1,
                cpu: Int64.random(in: 1...9, using: &self), memory: Int64.random(in: 1...9, using: &self),
                isWeighted: isWeighted)
        }
    }

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
