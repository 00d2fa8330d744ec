import BerthCore
import BerthModel
import Support
import Testing

/// Who goes first: three users, and each policy decides otherwise.
@Suite("Policies")
struct PolicyTests {
    /// Alice asks for three CPUs one by one, then Bob for two, then Carol, in a greater hurry, for one.
    static let three: [Claimant] = [
        claimant(1, alice, since: 0), claimant(2, alice, since: 1), claimant(3, alice, since: 2),
        claimant(4, bob, since: 3), claimant(5, bob, since: 4), claimant(6, carol, priority: 5, since: 5),
    ]

    @Test("each policy has its own order for the same three users")
    func three() {
        let host = host(cpu: 8)
        let soft = Quotas([Quota(.one(.user(alice)), isHard: false, .amount(.cpu, Quantity(1000)))])
        let hard = Quotas([Quota(.one(.user(alice)), isHard: true, .reservations(1))])
        let orders: [(Policy, [UInt32])] = [
            // The hurry, then first come, first served.
            (Policy(.priority), [carol, alice, alice, alice, bob, bob]),
            // In turn, as all hold as much.
            (Policy(.fair(remembers: true, overGroups: false)), [carol, alice, bob, alice, bob, alice]),
            // Alice is due twice as much.
            (Policy(.weighted(Policy.Weights(users: [alice: 2]))), [carol, alice, bob, alice, alice, bob]),
            // What Alice has beyond her limit is what nobody else wants.
            (Policy(quotas: soft), [carol, alice, bob, bob, alice, alice]),
            // Or nothing.
            (Policy(quotas: hard), [carol, alice, bob, bob]),
        ]
        for (policy, users) in orders { #expect(order(PolicyTests.three, host, policy) == users) }
        #expect(Set(orders.map(\.1)).count == orders.count)
    }

    @Test("who had much waits for those who had little, and less so as time goes by")
    func history() {
        var accounts = host(cpu: 8)
        accounts.hold(alice, cpu: 8, from: 0, to: hours(1))
        accounts.hold(bob, cpu: 2, from: hours(1), to: hours(2))
        let waiting = [
            claimant(1, alice, since: 0), claimant(2, bob, since: 1), claimant(3, carol, since: 2),
            claimant(4, alice, since: 3), claimant(5, bob, since: 4), claimant(6, carol, since: 5),
        ]
        let policy = Policy(.fair(remembers: true, overGroups: false))
        #expect(order(waiting, accounts, policy, at: hours(2)) == [carol, bob, alice, carol, bob, alice])
        #expect(
            order(waiting, accounts, Policy(.fair(remembers: false, overGroups: false)), at: hours(2))
                == [alice, bob, carol, alice, bob, carol])
        // A year later nothing of it is left, and who came first goes first.
        #expect(order(waiting, accounts, policy, at: hours(24 * 7 * 60)).first == alice)
    }

    @Test("dominant shares are evened out as in the paper: 9 CPUs and 18 GB, tasks of (1, 4) and (3, 1)")
    func dominantResourceFairness() {
        var accounts = Accounts()
        accounts.setTotals(amounts(cpu: 9, memory: 18), at: 0)
        var waiting: [Claimant] = []
        for number in 0..<4 {
            waiting.append(claimant(UInt64(number), bob, since: Int64(number), cpu: 3, memory: 1))
            waiting.append(claimant(UInt64(number + 10), alice, since: Int64(number + 10), cpu: 1, memory: 4))
        }
        let order = order(waiting, accounts, Policy(.fair(remembers: false, overGroups: false)))
        #expect(order.prefix(4) == [bob, alice, alice, bob])
        // Five tasks fill the host: three of Alice's with two thirds of the memory, two of Bob's with two thirds of the CPUs.
        #expect(order.prefix(5).count { $0 == alice } == 3)
    }

    @Test("groups share by weight, and their users within; what one leaves idle the others have until it wants it")
    func hierarchy() {
        var accounts = host(cpu: 8)
        let policy = Policy(
            .weighted(Policy.Weights(groups: ["physics": 3, "arts": 1], users: [bob: 2])),
            groups: NamedGroup.some("physics", "arts"))
        let waiting = (0..<6).flatMap { number in
            [
                claimant(number, alice, "physics", since: Int64(number)),
                claimant(number + 10, bob, "physics", since: Int64(number + 10)),
                claimant(number + 20, carol, "arts", since: Int64(number + 20)),
            ]
        }
        let first = order(waiting, accounts, policy).prefix(8)
        #expect(first.count { $0 == carol } == 2)
        #expect(first.count { $0 == bob } == 4)
        #expect(first.count { $0 == alice } == 2)
        // Carol alone has all; once physics is back, it goes first until it has three times as much.
        accounts.add(amounts(cpu: 4), live: 4, sign: 1, until: nil, for: [.user(carol), .group("arts")], at: 0)
        #expect(order(waiting, accounts, policy).prefix(12).allSatisfy { $0 != carol })
    }

    @Test("a wait of so long is worth one step of priority, so nobody waits for ever")
    func ageing() {
        let policy = Policy(.priority, ageing: 60_000)
        let low = claimant(1, alice, priority: -1000, since: 0)
        for (since, first) in [(1_999_999, bob), (2_000_000 * 60, alice)] as [(Int64, UInt32)] {
            let high = claimant(2, bob, priority: 1000, since: since)
            #expect(order([low, high], host(cpu: 8), policy).first == first)
        }
    }
}

let (alice, bob, carol): (UInt32, UInt32, UInt32) = (1001, 1002, 1003)

func hours(_ hours: Int64) -> Int64 { hours * 3_600_000 }

func amounts(cpu: Int64, memory: Int64 = 0) -> Amounts {
    var amounts = Amounts()
    amounts.add(Int128(cpu * 1000), of: .cpu)
    amounts.add(Int128(memory), of: .memory)
    return amounts
}

func claimant(
    _ number: UInt64, _ user: UInt32, _ group: String? = nil, workflow: String? = nil, priority: Int = 0, since: Int64,
    duration: Int64? = nil, cpu: Int64 = 1, memory: Int64 = 0
) -> Claimant {
    Claimant(
        id: id(number), user: user, group: group, workflow: workflow, priority: priority, since: since,
        duration: duration, demand: amounts(cpu: cpu, memory: memory))
}

func host(cpu: Int64, memory: Int64 = 0) -> Accounts {
    var accounts = Accounts()
    accounts.setTotals(amounts(cpu: cpu, memory: memory), at: 0)
    return accounts
}

extension Accounts {
    mutating func hold(_ user: UInt32, cpu: Int64, from: Int64, to: Int64) {
        add(amounts(cpu: cpu), live: 1, sign: 1, until: nil, for: [.user(user)], at: from)
        add(amounts(cpu: cpu), live: 1, sign: -1, until: nil, for: [.user(user)], at: to)
    }
}

/// The users in the order in which they are looked at.
func order(_ waiting: [Claimant], _ accounts: Accounts, _ policy: Policy, at time: Int64 = 0) -> [UInt32] {
    var lines = Lines(ageing: policy.ageing)
    for claimant in waiting { lines.insert(claimant) }
    var turns = Turns(lines, accounts, Policies(host: policy), at: time)
    var users: [UInt32] = []
    while let id = turns.next(), let claimant = lines[id] { users.append(claimant.user) }
    return users
}
