import BerthCore
import BerthModel
import Testing

/// What policies and quotas make of requests: the whole way from the request to the grant.
@Suite("Under a policy")
struct QuotaDecisionTests {
    private static let cpus = Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(4000)))

    private func state(_ policy: Policy) throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        state.say(policy)
        return state
    }

    @Test("over a hard quota a request is refused, and waits where it says so until something is given back")
    func hard() throws {
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus])))
        #expect(state.ask(1, cpu: 3000, alice).refusal == nil)
        let excess = Excess(
            quota: QuotaDecisionTests.cpus, subject: .user(alice), had: 3000, asked: 2000, passes: true)
        #expect(state.ask(2, cpu: 2000, alice).refusal == .overQuota(excess))
        #expect(state.ask(3, cpu: 2000, alice, wait: .seconds(60)).refusal == nil)
        #expect(state[id(3)]?.state == .pending)
        // It is in nobody's way.
        #expect(state.ask(4, cpu: 4000, bob).refusal == nil)
        #expect(state[id(4)]?.state == .confirmed)
        #expect(state.standings(Now(wall: Timestamp(milliseconds: 0), uptime: 0))[id(3)]?.quota == excess)
        // More than the quota is never granted, however long it waits.
        guard case .overQuota(let never) = state.ask(5, cpu: 5000, alice, wait: .seconds(60)).refusal else {
            Issue.record("it must not wait")
            return
        }
        #expect(!never.passes)
        state.run(.admit(depth: 64))
        #expect(state[id(3)]?.state == .pending)
        state.end(1)
        state.run(.admit(depth: 64))
        #expect(state[id(3)]?.state == .confirmed)
    }

    @Test("what would do with less is cut to a hard quota, and an alternative within it is taken; by a change too")
    func cut() throws {
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus])))
        #expect(state.ask(1, cpu: 1500, alice).refusal == nil)
        #expect(state.reserve(2, [Ask(.cpu, amount: Quantity(6000), minimum: Quantity(500))], user: alice) == nil)
        #expect(state[id(2)]?.grant[.cpu]?.amount == Quantity(2500) && state[id(2)]?.state == .partial)
        state.end(1)
        state.run(.resize(id(2), ResourceChange(parts: [], storage: []), admin))
        #expect(state[id(2)]?.grant[.cpu]?.amount == Quantity(4000))
        var request = ReservationRequest(resources: Resources([Ask(.cpu, amount: Quantity(1000))]))
        request.alternatives = [Resources([Ask(.pids, amount: Quantity(10))])]
        let caller = Caller(user: alice, isAdmin: false, caps: Caps())
        let other = state.run(.reserve(id(3), request, caller, nil))
        #expect(state[id(3)]?.alternative == 0 && other.passed.count == 1)
        // Whoever waits takes what the quota leaves when its turn comes.
        #expect(state.ask(4, cpu: 4000, bob).refusal == nil)
        #expect(state.queue(5, [Ask(.cpu, amount: Quantity(6000), minimum: Quantity(1000))], user: carol) == nil)
        state.end(2)
        state.end(4)
        state.run(.admit(depth: 64))
        #expect(state[id(5)]?.grant[.cpu]?.amount == Quantity(4000))
    }

    @Test("who has waited for it in vain is told so, alone and with its gang", arguments: [false, true])
    func inVain(isGang: Bool) throws {
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus])))
        #expect(state.ask(1, cpu: 4000, alice).refusal == nil)
        var request = ReservationRequest(resources: Resources([Ask(.cpu, amount: Quantity(1000))]), wait: .seconds(2))
        if isGang { request.gang = Gang(id: "a", size: 1) }
        let caller = Caller(user: alice, isAdmin: false, caps: Caps())
        #expect(state.run(.reserve(id(2), request, caller, nil)).answer.refusal == nil)
        let waiter = try #require(state.waiters[id(2)])
        state.run(.tick, at: 2000)
        guard case .overQuota = state.refusal(of: waiter, Now(wall: Timestamp(milliseconds: 1_002_000), uptime: 2000))
        else {
            Issue.record("\(state.refusal(of: waiter))")
            return
        }
    }

    @Test("why not is told by the quota, and as much as it leaves fits")
    func explained() throws {
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus])))
        #expect(state.ask(1, cpu: 1500, alice).refusal == nil)
        let request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(7000)), Ask(.gpu, amount: Quantity(1000))]))
        let caller = Caller(user: alice, isAdmin: false, caps: Caps())
        let told = state.explain(id(9), request, caller, Now(wall: Timestamp(milliseconds: 0), uptime: 0))
        guard case .overQuota(let excess)? = told.refusals.last, told.refusals.count == 2 else {
            Issue.record("\(told.refusals)")
            return
        }
        #expect(excess.had == 1500 && excess.asked == 7000)
        #expect(
            told.changes.map(\.what) == [.less([.init(.cpu, .cpus, asked: Quantity(7000), fits: Quantity(2500))])])
    }

    @Test("what passes one quota for now and another for ever is refused, and does not wait")
    func both() throws {
        let never = Quota(.one(.group(nil)), isHard: true, .amount(.cpu, Quantity(3500)))
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus, never])))
        #expect(state.ask(1, cpu: 2000, alice).refusal == nil)
        guard case .overQuota(let excess) = state.ask(2, cpu: 4000, alice, wait: .seconds(60)).refusal else {
            Issue.record("it waits for ever")
            return
        }
        #expect(excess.quota == never)
    }

    @Test("who may not hold what would be chosen keeps it from nobody")
    func rounded() throws {
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus])))
        #expect(state.ask(1, cpu: 1000, alice).refusal == nil)
        // Three CPUs are two whole cores, which are four: one too many, though three would not be.
        let cores = Ask(.cpu, amount: Quantity(3000), exclusive: true)
        #expect(state.queue(2, [cores], user: alice) == nil)
        #expect(state[id(2)]?.state == .pending)
        #expect(state.ask(3, cpu: 4000, bob).refusal == nil)
        #expect(state.ask(4, cpu: 3000, carol).refusal == nil)
        #expect(state[id(4)]?.state == .confirmed)
    }

    @Test("who is over its own cap uses up nothing of its group's quota")
    func skipped() throws {
        let quota = Quota(.one(.group("physics")), isHard: true, .amount(.cpu, Quantity(6000)))
        var state = try state(Policy(quotas: Quotas([quota]), groups: NamedGroup.some("physics")))
        let caps = Caps(quantities: [.cpu: Quantity(3000)])
        let first = Caller(user: alice, isAdmin: false, caps: caps, group: "physics")
        #expect(state.ask(1, cpu: 3000, alice, caller: first).refusal == nil)
        #expect(state.ask(2, cpu: 3000, alice, wait: .seconds(600), caller: first, at: 1).refusal == nil)
        #expect(state[id(2)]?.state == .pending)
        let second = Caller(user: bob, isAdmin: false, caps: Caps(), group: "physics")
        #expect(state.ask(3, cpu: 2000, bob, caller: second, at: 2).refusal == nil)
    }

    @Test("hours of a workflow count though each of its jobs is short")
    func shortJobs() throws {
        let quota = Quota(
            .one(.workflow("nightly")), isHard: true, .hours(.cpu, Int128(10_000) * 1000, per: hours(24)))
        var state = try state(Policy(quotas: Quotas([quota])))
        let caller = Caller(user: alice, isAdmin: false, caps: Caps())
        func ask(_ number: UInt64, at uptime: Int64) -> Refusal? {
            let request = ReservationRequest(
                resources: Resources([Ask(.cpu, amount: Quantity(1000))]), lease: .seconds(3),
                labels: ["workflow": "nightly"])
            return state.run(.reserve(id(number), request, caller, nil), at: uptime).answer.refusal
        }
        for number in 0..<3 {
            #expect(ask(UInt64(number), at: Int64(number) * 3000) == nil)
            state.run(.release(id(UInt64(number)), caller), at: Int64(number + 1) * 3000)
            state.run(.noteFreed(id(UInt64(number)), nil), at: Int64(number + 1) * 3000)
        }
        #expect(ask(9, at: 9000) != nil)
    }

    @Test("over a soft quota one has what nobody else wants, and is marked so")
    func soft() throws {
        let soft = Quota(.each(.user), isHard: false, .amount(.cpu, Quantity(2000)))
        var state = try state(Policy(quotas: Quotas([soft])))
        #expect(state.ask(1, cpu: 2000, alice).refusal == nil)
        #expect(state[id(1)]?.isSurplus == false)
        #expect(state.ask(2, cpu: 6000, alice).refusal == nil)
        #expect(state[id(2)]?.isSurplus == true)
        // Bob asks last and goes first: Alice has her share.
        #expect(state.ask(3, cpu: 1000, alice, wait: .seconds(600), at: 1).refusal == nil)
        #expect(state.ask(4, cpu: 2000, bob, wait: .seconds(600), at: 2).refusal == nil)
        let now = Now(wall: Timestamp(milliseconds: 1_000_003), uptime: 3)
        #expect(state.standings(now)[id(4)]?.position == 1)
        #expect(state.standings(now)[id(3)]?.position == 2)
        #expect(state.standings(now)[id(3)]?.quota?.quota == soft)
        #expect(state.standings(now)[id(4)]?.quota == nil)
        state.end(1)
        state.run(.admit(depth: 64))
        #expect(state[id(4)]?.state == .confirmed)
        #expect(state[id(3)]?.state == .pending)
    }

    @Test("a resize passes no hard quota, and may always give back")
    func resize() throws {
        var state = try state(Policy(quotas: Quotas([QuotaDecisionTests.cpus])))
        let caller = Caller(user: alice, isAdmin: false, caps: Caps())
        func resized(_ cpu: Int64) -> Refusal? {
            let part = ResourceChange.Part(type: .cpu, amount: Quantity(cpu))
            return state.run(.resize(id(1), ResourceChange(parts: [part], storage: []), caller)).answer.refusal
        }
        #expect(state.ask(1, cpu: 2000, alice).refusal == nil)
        #expect(resized(4000) == nil)
        #expect(
            resized(4001)
                == .overQuota(
                    Excess(quota: QuotaDecisionTests.cpus, subject: .user(alice), had: 0, asked: 4001, passes: false)))
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(1000)))])))
        #expect(resized(3000) == nil)
        #expect(resized(500) == nil)
    }

    @Test("hours that leases will have yet count as if they had been used, as long as they last")
    func hoursAhead() throws {
        let quota = Quota(.each(.user), isHard: true, .hours(.cpu, Int128(hours(4)) * 1000, per: hours(24)))
        var state = try state(Policy(quotas: Quotas([quota])))
        #expect(state.ask(1, cpu: 2000, alice, lease: .seconds(3600)).refusal == nil)
        #expect(state.ask(2, cpu: 1000, alice, lease: .seconds(3600)).refusal == nil)
        // Three are spoken for, and hardly any of them was used.
        let refusal = state.ask(3, cpu: 1000, alice, lease: .seconds(3601), at: 1000).refusal
        #expect(
            refusal
                == .overQuota(
                    Excess(
                        quota: quota, subject: .user(alice), had: Int128(hours(3)) * 1000, asked: 3_601_000 * 1000,
                        passes: true, renewedAt: hours(24))))
        #expect(state.ask(4, cpu: 1000, bob, lease: .seconds(3601), at: 1000).refusal == nil)
        // Who does not say how long it takes comes in while anything is left, and who grows needs it for the rest of its time.
        let caller = Caller(user: alice, isAdmin: false, caps: Caps())
        func grow(_ cpu: Int64, at uptime: Int64) -> Refusal? {
            let part = ResourceChange.Part(type: .cpu, amount: Quantity(cpu))
            return state.run(.resize(id(2), ResourceChange(parts: [part], storage: []), caller), at: uptime).answer
                .refusal
        }
        #expect(grow(2500, at: 1000) != nil)
        #expect(state.run(.renew(id(2), .seconds(7200), caller), at: 1000).answer.refusal != nil)
        #expect(state.ask(5, cpu: 1000, alice, at: 1000).refusal == nil)
        state.end(5, at: 1000)
        // What is given back is there again, but for what was used of it.
        state.end(1, at: hours(1) / 2)
        #expect(grow(6000, at: hours(1) / 2) != nil)
        #expect(grow(4900, at: hours(1) / 2) == nil)
        var restored = State()
        restored.apply(.capacityChanged(try #require(state.capacity)), at: Timestamp(milliseconds: 0))
        restored.restore(state.kept, state.accounts.memory)
        let now = Timestamp(milliseconds: 1_000_000 + hours(1)).milliseconds
        #expect(restored.accounts.account(.user(alice), at: now) == state.accounts.account(.user(alice), at: now))
        // Where hours begin to be counted, what is held counts from then on.
        let policy = state.policy
        state.say(nil, at: hours(1))
        state.say(policy, at: hours(1))
        let bobs = state.accounts.account(.user(bob), at: now)
        #expect(bobs.used.isEmpty && bobs.hours(of: .cpu, per: hours(24)) == 2_000_000)
    }

    @Test("hours that are used up end renewals too, and come back with the next period")
    func hoursUsed() throws {
        let quota = Quota(.one(.group("physics")), isHard: true, .hours(.cpu, Int128(hours(2)) * 1000, per: hours(24)))
        var state = try state(Policy(quotas: Quotas([quota]), groups: NamedGroup.some("physics")))
        var caller = Caller(user: alice, isAdmin: false, caps: Caps(), group: "physics")
        #expect(state.ask(1, cpu: 2000, alice, lease: .seconds(3600), caller: caller).refusal == nil)
        #expect(state[id(1)]?.group == "physics")
        #expect(state.run(.renew(id(1), .seconds(1800), caller), at: hours(1) / 2).answer.refusal == nil)
        let refusal = state.run(.renew(id(1), .seconds(1801), caller), at: hours(1) / 2).answer.refusal
        guard case .overQuota(let excess) = refusal else {
            Issue.record("it must be refused, not \(String(describing: refusal))")
            return
        }
        #expect(excess.renewedAt == hours(24))
        #expect(state.ask(2, cpu: 1000, alice, caller: caller, at: hours(1)).refusal != nil)
        #expect(state.ask(3, cpu: 1000, alice, caller: caller, at: hours(24)).refusal == nil)
        caller.group = nil
        #expect(state.ask(4, cpu: 1000, bob, caller: caller, at: hours(1)).refusal == nil)
    }

    @Test("those who wait are granted in the order of the policy")
    func order() throws {
        let weights = Policy.Weights(users: [bob: 3])
        for (policy, users) in [
            (Policy(), [alice, alice, alice, bob, bob, bob]),
            (Policy(.fair(remembers: false, overGroups: false)), [alice, bob, alice, bob, alice, bob]),
            (Policy(.weighted(weights)), [alice, bob, bob, bob, alice, alice]),
        ] as [(Policy, [UInt32])] {
            var state = try state(policy)
            #expect(state.ask(100, cpu: 8000, carol).refusal == nil)
            for number in 0..<6 {
                let user = number < 3 ? alice : bob
                #expect(
                    state.ask(UInt64(number), cpu: 1000, user, wait: .seconds(600), at: Int64(number)).refusal == nil)
            }
            var granted: [UInt32] = []
            state.end(100)
            let decision = state.run(.admit(depth: 64), at: 20)
            for case .granted(let reservation) in decision.changes { granted.append(reservation.user) }
            #expect(granted == users)
        }
    }

    @Test("no alternative passes a hard quota, now or when its turn comes")
    func alternatives() throws {
        let quota = Quota(.each(.user), isHard: true, .amount(.gpu, Quantity(1000)))
        var state = try state(Policy(quotas: Quotas([quota])))
        func ask(_ number: UInt64, wait: Duration? = nil, _ asks: [Ask]...) -> Refusal? {
            var request = ReservationRequest(resources: Resources(asks[0]), wait: wait)
            request.alternatives = asks.dropFirst().map { Resources($0) }
            let caller = Caller(user: alice, isAdmin: false, caps: Caps())
            return state.run(.reserve(id(number), request, caller, nil)).answer.refusal
        }
        let (cpus, gpu) = ([Ask(.cpu, amount: Quantity(8000))], [Ask(.gpu, amount: Quantity(1000))])
        #expect(ask(1, cpus) == nil)
        #expect(ask(2, cpus, gpu) == nil)
        #expect(state[id(2)]?.grant[.gpu] != nil)
        guard case .noneFits(let refusals) = ask(3, cpus, gpu), case .overQuota(let excess)? = refusals.last else {
            Issue.record("a second GPU is over the quota")
            return
        }
        #expect(excess.had == 1000 && excess.passes)
        // It waits, and the GPU that is free is not for it.
        #expect(ask(4, wait: .seconds(60), cpus, gpu) == nil)
        state.run(.admit(depth: 64))
        #expect(state[id(4)]?.state == .pending)
        state.end(2)
        state.run(.admit(depth: 64))
        #expect(state[id(4)]?.grant[.gpu] != nil)
    }

    @Test("a priority above the cap is refused")
    func priority() throws {
        var state = try state(Policy())
        let caps = Caps(priority: 10)
        #expect(state.ask(1, cpu: 1000, alice, priority: 10, caps: caps).refusal == nil)
        #expect(state.ask(2, cpu: 1000, alice, priority: 11, caps: caps).refusal == .overCap(.priority(10)))
        #expect(state.ask(3, cpu: 1000, alice, priority: -1000, caps: caps).refusal == nil)
    }
}

extension State {
    /// Asks for CPUs.
    fileprivate mutating func ask(
        _ number: UInt64, cpu: Int64, _ user: UInt32, wait: Duration? = nil, lease: Duration? = nil, priority: Int = 0,
        caps: Caps = Caps(), caller: Caller? = nil, at uptime: Int64 = 0
    ) -> Answer {
        let request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), lease: lease, wait: wait, priority: priority)
        let caller = caller ?? Caller(user: user, isAdmin: false, caps: caps)
        return run(.reserve(ReservationID(bits: number), request, caller, nil), at: uptime).answer
    }

    /// Ends a reservation, and frees what it held.
    fileprivate mutating func end(_ number: UInt64) {
        run(.release(id(number), Caller(user: 0, isAdmin: true, caps: Caps())))
        run(.noteFreed(id(number), nil))
    }
}
