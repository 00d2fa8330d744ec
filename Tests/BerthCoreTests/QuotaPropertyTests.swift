import BerthCore
import BerthModel
import Support
import Testing

/// Random requests, resizes and ends under random policies, from a printed seed.
@Suite("Under any policy")
struct QuotaPropertyTests {
    @Test("no hard quota is ever passed, accounts are what is held, and whoever waits has its turn in the end")
    func random() throws {
        var generator = SeededGenerator.named("quotas")
        var (waited, refused, surplus, inPools) = (0, 0, 0, 0)
        // More are drawn where quotas of pools have refused too little, so that no seed fails for that alone.
        for round in 0..<200 where round < 50 || inPools <= 20 {
            var run = try Run(&generator)
            for _ in 0..<200 {
                let decision = run.step(&generator)
                if case .overQuota(let excess) = decision.answer.refusal {
                    refused += 1
                    inPools += excess.subject.pool == nil ? 0 : 1
                }
                waited += decision.changes.count { if case .queued = $0 { true } else { false } }
                for case .granted(let reservation) in decision.changes where reservation.isSurplus { surplus += 1 }
                if let problem = run.problem() {
                    Issue.record("\(problem), \(generator.note)")
                    return
                }
            }
            // Everything ends, and all who wait have their turn.
            for _ in 0..<400 where !run.state.waiters.isEmpty { run.endAll() }
            #expect(run.state.waiters.isEmpty, "\(run.state.waiters.count) still wait, \(generator.note)")
        }
        #expect(
            waited > 100 && refused > 20 && surplus > 20 && inPools > 20,
            "\(waited) \(refused) \(surplus) \(inPools) \(generator.note)")
    }

    @Test("a quota that is passed is seen")
    func planted() throws {
        var generator = SeededGenerator.named("quotas, planted")
        var run = try Run(&generator)
        run.state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(1000)))])))
        let caller = Caller(user: 7, isAdmin: false, caps: Caps())
        for (number, cpu) in [(1, 600), (2, 400)] as [(UInt64, Int64)] {
            let request = ReservationRequest(resources: Resources([Ask(.cpu, amount: Quantity(cpu))]))
            #expect(run.state.run(.reserve(id(number), request, caller, nil)).answer.refusal == nil)
        }
        #expect(run.problem() == nil)
        run.state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(999)))])))
        #expect(run.problem() != nil)
    }

    @Test("so is one of a pool")
    func plantedInPool() throws {
        var generator = SeededGenerator.named("quotas, planted in a pool")
        var run = try Run(&generator)
        for pool in run.state.pools.all { run.state.say(nil, in: pool.name) }
        let caller = Caller(user: 7, isAdmin: false, caps: Caps())
        var request = ReservationRequest(resources: Resources([Ask(.cpu, amount: Quantity(600))]))
        request.pool = try #require(PoolName("inner"))
        #expect(run.state.run(.reserve(id(1), request, caller, nil)).answer.refusal == nil)
        #expect(run.problem() == nil)
        let quotas = Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(599)))])
        run.state.say(Policy(quotas: quotas), in: try #require(PoolName("outer")))
        #expect(run.problem() != nil)
    }
}

/// One history: of pools that say nothing of what they have, two of them within one another, and of their policies.
private struct Run {
    private static let pools = ["default", "outer", "inner", "beside"].compactMap { PoolName($0) }
    private static let orders: [Policy.Order] = [
        .priority, .fair(remembers: true, overGroups: false), .fair(remembers: true, overGroups: true),
        .weighted(Policy.Weights(groups: ["physics": 2], users: [1: 3])),
    ]
    var state: State
    private var uptime: Int64 = 0
    private var number: UInt64 = 0

    init(_ generator: inout SeededGenerator) throws {
        // Every request is within these by itself, so that each can be granted once others have ended.
        let quotas = [
            Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(5000))),
            Quota(.one(.user(2)), isHard: true, .amount(.cpu, Quantity(4000))),
            Quota(.each(.group), isHard: true, .amount(.memory, Quantity(500))),
            Quota(.each(.user), isHard: true, .reservations(3)),
            Quota(.each(.workflow), isHard: true, .reservations(2)),
            Quota(.each(.user), isHard: false, .amount(.cpu, Quantity(2500))),
        ].filter { _ in Int.random(in: 0..<3, using: &generator) > 0 }
        state = TestHost.state(try TestHost.capacity())
        state.say(
            Policy(
                Run.orders.randomElement(using: &generator) ?? .priority, quotas: Quotas(quotas),
                groups: NamedGroup.some("physics", "arts")))
        for name in Run.pools.dropFirst() {
            state.run(.setPool(Pool(name, parent: name.text == "inner" ? Run.pools[1] : nil)))
        }
        setPolicies(&generator)
    }

    /// Some pools have a policy from now on.
    private mutating func setPolicies(_ generator: inout SeededGenerator) {
        for name in Run.pools.dropFirst() {
            guard Bool.random(using: &generator) else {
                state.say(nil, in: name, at: uptime)
                continue
            }
            let quotas = [
                Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(4000))),
                Quota(.each(.user), isHard: true, .reservations(1)),
                Quota(.one(.group("arts")), isHard: true, .reservations(2)),
                Quota(.each(.workflow), isHard: true, .amount(.memory, Quantity(500))),
                Quota(.each(.user), isHard: false, .amount(.cpu, Quantity(1500))),
            ].filter { _ in Bool.random(using: &generator) }
            let policy = Policy(
                Run.orders.randomElement(using: &generator) ?? .priority,
                ageing: .random(in: 1...1_000_000, using: &generator), quotas: Quotas(quotas), halfLife: 5000)
            state.say(policy, in: name, at: uptime)
        }
    }

    mutating func step(_ generator: inout SeededGenerator) -> Decision {
        uptime += Int64.random(in: 0...5000, using: &generator)
        let known = state.reservations.keys.sorted()
        let some = known.randomElement(using: &generator) ?? id(1)
        let decision: Decision
        switch Int.random(in: 0..<11, using: &generator) {
        case 0..<6:
            number += 1
            let user = UInt32.random(in: 1...4, using: &generator)
            let group = ["physics", "arts", nil][Int(user) % 3]
            var request = ReservationRequest(
                resources: Resources(asks(&generator)), lease: .seconds(Int.random(in: 1...60, using: &generator)),
                labels: user == 3 ? ["workflow": "nightly"] : [:],
                wait: Int.random(in: 0..<4, using: &generator) == 0 ? .seconds(1_000_000) : nil,
                priority: Int.random(in: -2...2, using: &generator))
            if Int.random(in: 0..<3, using: &generator) == 0 {
                request.alternatives = [Resources(asks(&generator))]
            }
            request.pool = Run.pools.randomElement(using: &generator) ?? .standard
            let caller = Caller(user: user, isAdmin: false, caps: Caps(), group: group)
            decision = state.run(.reserve(id(number), request, caller, nil), at: uptime)
        case 6..<8: decision = state.run(.release(some, admin), at: uptime)
        case 8:
            let part = ResourceChange.Part(type: .cpu, amount: Quantity(.random(in: 100...4000, using: &generator)))
            decision = state.run(.resize(some, ResourceChange(parts: [part], storage: []), admin), at: uptime)
        case 9:
            let pool = Run.pools.randomElement(using: &generator) ?? .standard
            decision = state.run(.move(some, to: pool, admin), at: uptime)
        default: decision = state.run(.noteFreed(some, nil), at: uptime)
        }
        state.run(.admit(depth: 64), at: uptime)
        // Other policies hold for what comes: what is over them already may stay.
        if state.reservations.isEmpty { setPolicies(&generator) }
        return decision
    }

    /// Ends and frees what is held, and lets those who wait have it.
    mutating func endAll() {
        uptime += 1000
        for held in state.reservations.keys.sorted() {
            state.run(.release(held, admin), at: uptime)
            state.run(.noteFreed(held, nil), at: uptime)
        }
        state.run(.admit(depth: 64), at: uptime)
    }

    private func asks(_ generator: inout SeededGenerator) -> [Ask] {
        var asks = [Ask(.cpu, amount: Quantity(.random(in: 100...4000, using: &generator)))]
        if Bool.random(using: &generator) {
            asks.append(Ask(.memory, amount: Quantity(.random(in: 1...500, using: &generator))))
        }
        return asks
    }

    /// What is wrong, added up anew from the reservations.
    func problem() -> String? {
        var held: [Subject: Amounts] = [:]
        var live: [Subject: Int] = [:]
        for reservation in state.reservations.values {
            let workflow = reservation.labels["workflow"].map { [Subject.workflow($0)] } ?? []
            let all = [.user(reservation.user), .group(reservation.group)] + workflow
            let outer: [PoolName] = reservation.pool.text == "inner" ? [Run.pools[1]] : []
            let pools = (outer + [reservation.pool]).filter { state.policies.ofPools[$0] != nil }
            for subject in all + pools.flatMap({ pool in all.map { Subject.within(pool, $0) } }) {
                for hold in reservation.grant.holds {
                    held[subject, default: Amounts()].add(Int128(hold.amount.units), of: hold.type)
                }
                if reservation.isLive { live[subject, default: 0] += 1 }
            }
        }
        for (subject, amounts) in held {
            if state.accounts[subject]?.held != amounts { return "the account of \(subject) has not what is held" }
            if state.accounts[subject]?.live ?? 0 != live[subject] ?? 0 { return "\(subject) is counted wrong" }
            for quota in state.policies[subject.pool].quotas.on(subject.anywhere) where quota.isHard {
                switch quota.bound {
                case .amount(let type, let most) where amounts[type] > Int128(most.units):
                    return "\(subject) has \(amounts[type]) of \(type), over \(most)"
                case .reservations(let most) where live[subject] ?? 0 > most: return "\(subject) has too many"
                default: continue
                }
            }
        }
        return nil
    }
}
