import BerthCore
import BerthModel
import Testing

/// The host has 8 CPUs. Alice holds two of them for good and waits for six; bob and carol take turns with six for a second each,
/// and hold nothing whenever their turn comes.
@Suite("Whoever has waited long") struct PatienceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let order: Policy.Order
        let hasPools: Bool
    }

    static let cases = [
        Case(testDescription: "fair", order: .fair(remembers: false, overGroups: false), hasPools: false),
        Case(testDescription: "weighted", order: .weighted(Policy.Weights()), hasPools: false),
        Case(testDescription: "priority in three pools", order: .priority, hasPools: true),
        Case(testDescription: "fair in three pools", order: .fair(remembers: true, overGroups: false), hasPools: true),
    ]

    /// After how many seconds alice has what she waits for; nil where she has it not after a minute.
    private func wait(_ each: Case, patience: Int64) throws -> Int64? {
        var state = TestHost.state(try TestHost.capacity())
        var policy = Policy(each.order)
        policy.patience = patience
        state.say(policy)
        var number: UInt64 = 0
        func ask(_ user: UInt32, cpu: Int64, lease: Duration?, at time: Int64, _ state: inout State) {
            number += 1
            var request = ReservationRequest(
                resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), lease: lease, wait: .seconds(3600))
            if each.hasPools, let pool = PoolName("p\(user)") { request.pool = pool }
            state.run(.reserve(id(number), request, Caller(user: user, isAdmin: true, caps: Caps()), nil), at: time)
        }
        for user in [alice, bob, carol] where each.hasPools {
            state.run(.setPool(Pool(try #require(PoolName("p\(user)")))))
        }
        ask(alice, cpu: 2000, lease: nil, at: 0, &state)
        ask(bob, cpu: 6000, lease: .seconds(1), at: 0, &state)
        ask(alice, cpu: 6000, lease: .seconds(1), at: 1, &state)
        ask(carol, cpu: 6000, lease: .seconds(1), at: 2, &state)
        for second in 1...60 as ClosedRange<Int64> {
            let running = try #require(state.reservations.values.first { $0.grant[.cpu]?.amount == Quantity(6000) })
            guard running.user != alice else { return second - 1 }
            state.end(running.id.bits, at: second * 1000)
            ask(running.user, cpu: 6000, lease: .seconds(1), at: second * 1000 + 10, &state)
        }
        return nil
    }

    @Test("goes before all others, whatever they have", arguments: cases)
    func overdue(each: Case) throws {
        let seconds = try #require(try wait(each, patience: 10_000))
        #expect(10...12 ~= seconds)
    }

    @Test("counts as all of its gang for a quota on how many one has")
    func quota() throws {
        var state = TestHost.state(try TestHost.capacity())
        var policy = Policy(
            .fair(remembers: false, overGroups: false),
            quotas: Quotas([Quota(.each(.user), isHard: true, .reservations(5))]))
        policy.patience = 1000
        state.say(policy)
        func ask(_ number: UInt64, _ user: UInt32, cpu: Int64, gang: Gang? = nil) {
            var request = ReservationRequest(
                resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), wait: .seconds(3600))
            request.gang = gang
            state.run(.reserve(id(number), request, Caller(user: user, isAdmin: false, caps: Caps()), nil))
        }
        ask(1, bob, cpu: 8000)
        for number in 2...5 as ClosedRange<UInt64> { ask(number, alice, cpu: 1000, gang: Gang(id: "g", size: 4)) }
        for number in 6...9 as ClosedRange<UInt64> { ask(number, alice, cpu: 1000) }
        #expect(state.waiters.count == 8)
        state.end(1, at: 5000)
        #expect(state.reservations.values.count { $0.user == alice } == 5)
    }

    @Test("is passed by those who hold nothing until then", arguments: cases)
    func passed(each: Case) throws { #expect(try wait(each, patience: Policy.standardPatience) == nil) }

    @Test("has one thing granted at a time, and waits as long for the next")
    func once() {
        var lines = Lines()
        func claimant(_ number: UInt64, since: Int64) -> Claimant {
            Claimant(id: id(number), user: 1, since: since, demand: Amounts())
        }
        for number in 1...3 as ClosedRange<UInt64> { lines.insert(claimant(number, since: Int64(number))) }
        #expect(lines.longestPassed?.id == id(1) && lines.longestPassed?.since == 1)
        lines.remove(id(1), grantedAt: 500)
        #expect(lines.longestPassed?.id == id(2) && lines.longestPassed?.since == 500)
        // Who gives up had nothing.
        lines.remove(id(2))
        #expect(lines.longestPassed?.id == id(3) && lines.longestPassed?.since == 500)
        lines.remove(id(3), grantedAt: 600)
        lines.insert(claimant(4, since: 100))
        #expect(lines.longestPassed?.since == 100)
    }
}
