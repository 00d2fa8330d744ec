import BerthCore
import BerthJSON
import BerthModel
import Testing

/// Policies that pools have of their own.
@Suite("The policy of a pool") struct PoolPolicyTests {
    private let ci: PoolName
    private let nightly: PoolName
    private let lab: PoolName

    init() throws {
        ci = try #require(PoolName("ci"))
        nightly = try #require(PoolName("nightly"))
        lab = try #require(PoolName("lab"))
    }

    /// Two pools beside one another, and `nightly` within `ci`.
    private func state(_ policy: Policy? = nil, ofPools: [PoolName: Policy] = [:]) throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        if let policy { state.say(policy) }
        for var pool in [Pool(ci), Pool(nightly, parent: ci), Pool(lab)] {
            pool.policy = ofPools[pool.name]
            state.run(.setPool(pool))
        }
        return state
    }

    @Test("says the order in it and in those within it: three users in three pools that ask at the same times")
    func order() throws {
        let ofPools = [
            ci: Policy(.fair(remembers: false, overGroups: false)),
            lab: Policy(.weighted(Policy.Weights(users: [carol: 1000]))),
        ]
        func order(in pool: PoolName) throws -> [UInt32] {
            var state = try state(Policy(.priority), ofPools: ofPools)
            // Alice has the most and carol the least, and all is taken.
            #expect(state.ask(1, cpu: 3000, alice, in: pool) == nil)
            #expect(state.ask(2, cpu: 2000, bob, in: pool) == nil)
            #expect(state.ask(3, cpu: 1000, carol, in: pool) == nil)
            #expect(state.ask(4, cpu: 2000, 1, in: pool) == nil)
            for (number, user, priority) in [(5, alice, 1), (6, bob, 0), (7, carol, -1)] as [(UInt64, UInt32, Int)] {
                #expect(state.ask(number, cpu: 2000, user, in: pool, wait: .seconds(3600), priority) == nil)
            }
            return state.inOrder(at: 0).map(\.user)
        }
        #expect(try order(in: .standard) == [alice, bob, carol])
        #expect(try order(in: ci) == [carol, bob, alice])
        #expect(try order(in: nightly) == [carol, bob, alice])
        #expect(try order(in: lab) == [carol, bob, alice])
    }

    @Test("goes by what is had there alone")
    func apart() throws {
        let fair = Policy(.fair(remembers: false, overGroups: false))
        func order(_ ofPools: [PoolName: Policy]) throws -> [UInt32] {
            var state = try state(fair, ofPools: ofPools)
            #expect(state.ask(1, cpu: 5000, alice, in: .standard) == nil)
            #expect(state.ask(2, cpu: 2000, bob, in: ci) == nil)
            #expect(state.ask(3, cpu: 1000, 1, in: ci) == nil)
            #expect(state.ask(4, cpu: 1000, alice, in: ci, wait: .seconds(3600)) == nil)
            #expect(state.ask(5, cpu: 1000, bob, in: ci, wait: .seconds(3600)) == nil)
            return state.inOrder(at: 0).map(\.user)
        }
        #expect(try order([:]) == [bob, alice])
        #expect(try order([ci: fair]) == [alice, bob])
    }

    @Test("has quotas beside those of the host, on what is had in it and in those within it")
    func quotas() throws {
        func cpu(_ most: Int64) -> Policy {
            Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(most)))]))
        }
        var state = try state(cpu(6000), ofPools: [ci: cpu(3000)])
        #expect(state.ask(1, cpu: 2000, alice, in: nightly) == nil)
        guard case .overQuota(let excess)? = state.ask(2, cpu: 2000, alice, in: ci) else {
            Issue.record("more than the pool's quota is granted")
            return
        }
        #expect(excess.subject == .within(ci, .user(alice)) && excess.had == 2000 && excess.asked == 2000)
        // Elsewhere only the quota of the host binds, which counts what is in the pool too.
        #expect(state.ask(3, cpu: 4000, alice, in: lab) == nil)
        guard case .overQuota(let whole)? = state.ask(4, cpu: 1000, alice, in: ci) else {
            Issue.record("more than the host's quota is granted")
            return
        }
        #expect(whole.subject == .user(alice) && whole.had == 6000)
        // Nor is it had by a move.
        guard case .overQuota = state.run(.move(id(3), to: ci, admin)).answer.refusal else {
            Issue.record("a move passes the pool's quota")
            return
        }
        #expect(state.run(.move(id(1), to: ci, admin)).answer.refusal == nil)
        // Whoever waits for more than the pool's quota is told that it never comes, and for what is left has it then.
        guard case .overQuota(let never)? = state.ask(5, cpu: 4000, bob, in: ci, wait: .seconds(60)), !never.passes
        else {
            Issue.record("it waits for what never comes")
            return
        }
        state.end(3, at: 0)
        #expect(state.ask(6, cpu: 2000, alice, in: ci, wait: .seconds(60)) == nil && state[id(6)]?.state == .pending)
        state.end(1, at: 0)
        #expect(state[id(6)]?.state == .confirmed)
    }

    @Test("has its quotas over what was promised elsewhere and is moved there")
    func promised() throws {
        let policy = Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(4000)))]))
        var state = try state(ofPools: [ci: policy])
        #expect(state.ask(1, cpu: 3000, alice, in: ci) == nil)
        var request = ReservationRequest(resources: Resources([Ask(.cpu, amount: Quantity(2000))]), lease: .seconds(5))
        request.start = Timestamp(milliseconds: 1_010_000)
        for (number, user) in [(2, alice), (3, bob)] as [(UInt64, UInt32)] {
            let caller = Caller(user: user, isAdmin: true, caps: Caps())
            #expect(state.run(.reserve(id(number), request, caller, nil)).answer.refusal == nil)
        }
        guard case .overQuota = state.run(.move(id(2), to: ci, admin)).answer.refusal else {
            Issue.record("what is promised passes the pool's quota")
            return
        }
        #expect(state.run(.move(id(3), to: ci, admin)).answer.refusal == nil && state[id(3)]?.pool == ci)
    }

    @Test("can begin and end while reservations are there, which count from then on; a snapshot has what was had")
    func changes() throws {
        var state = try state()
        #expect(state.ask(1, cpu: 4000, alice, in: nightly) == nil)
        #expect(state.accounts[.within(ci, .user(alice))] == nil)
        state.say(Policy(.fair(remembers: true, overGroups: false), halfLife: 1000), in: ci, at: 5000)
        #expect(state.accounts[.within(ci, .user(alice))]?.share == 0.5)
        #expect(state.accounts[.within(nightly, .user(alice))] == nil)
        let later = state.accounts.account(.within(ci, .user(alice)), at: 1_006_000)
        #expect(later.average == 0.25 && state.accounts.account(.user(alice), at: 1_006_000).average < 0.01)
        // It leaves the pool, and comes back.
        state.run(.move(id(1), to: lab, admin), at: 6000)
        #expect(state.accounts[.within(ci, .user(alice))]?.share == 0)
        #expect(state.accounts[.within(ci, .user(alice))]?.average == 0.25)
        state.run(.move(id(1), to: ci, admin), at: 6000)
        let memory = try Accounts.Memory.storedReader.read(state.accounts.memory.stored)
        var again = TestHost.state(try TestHost.capacity())
        again.restore(state.kept, memory, pools: state.pools)
        #expect(again.accounts == state.accounts)
        state.say(nil, in: ci, at: 7000)
        #expect(state.accounts.subjects.allSatisfy { $0.pool == nil })
    }
}

extension State {
    /// Asks for CPU time in a pool; nil unless it is refused.
    fileprivate mutating func ask(
        _ number: UInt64, cpu: Int64, _ user: UInt32, in pool: PoolName, wait: Duration? = nil, _ priority: Int = 0
    ) -> Refusal? {
        var request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), wait: wait, priority: priority)
        request.pool = pool
        return run(.reserve(id(number), request, Caller(user: user, isAdmin: true, caps: Caps()), nil)).answer.refusal
    }
}
