import BerthModel
import Testing

@testable import BerthCore

/// The host has 8 CPUs, 1,000 bytes of memory and two GPUs.
@Suite("Preemption")
struct PreemptionTests {
    private func fresh() throws -> State { TestHost.state(try TestHost.capacity()) }

    private func cpu(_ millicores: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(millicores))] }

    private func request(
        _ asks: [Ask], priority: Int = 0, lease: Duration? = nil, strategy: Strategy? = nil, wait: Duration? = nil,
        warning: Warning? = nil, isRequeued: Bool = false
    ) -> ReservationRequest {
        var request = ReservationRequest(
            resources: Resources(asks), lease: lease, strategy: strategy, wait: wait, priority: priority)
        request.warning = warning
        request.isRequeued = isRequeued
        return request
    }

    /// Those that had their notice by a decision.
    private func victims(_ decision: Decision) -> [ReservationID] {
        decision.changes.compactMap { if case .preempted(let id, _, _) = $0 { id } else { nil } }
    }

    private func hold(_ state: inout State, _ number: UInt64, _ request: ReservationRequest, at uptime: Int64 = 0) {
        let decision = state.run(.reserve(id(number), request, user, nil), at: uptime)
        #expect(decision.answer == .done(id(number)) && state.reservations[id(number)] != nil)
    }

    @Test("ends a lower priority after its notice, and what it held goes to the one it went for")
    func ends() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(8000), priority: -1))
        state.run(.noteAttached(id(1), ProcessIdentity(pid: 7, startTicks: 1, boot: "b")))
        let decision = state.run(
            .reserve(id(2), request(cpu(4000), strategy: .priority), other, nil), at: 1000)
        let at = Timestamp(milliseconds: 1_011_000)
        #expect(decision.changes.last == .preempted(id(1), Preemption(by: id(2), at: at), deadline: 11_000))
        #expect(decision.effects == [.signal(id(1), .terminate)])
        // It did not say how long it waits: long enough for the other to go.
        #expect(state.waiters[id(2)]?.deadline == 31_000)
        #expect(state.reservations[id(1)]?.isLive == true && state.nextDeadline == 11_000)
        // Nobody else gets it meanwhile, and nobody has his notice twice.
        #expect(victims(state.run(.admit(depth: 64), at: 2000)) == [])
        #expect(state.run(.reserve(id(3), request(cpu(8000), priority: 5), user, nil), at: 2000).answer.refusal != nil)
        let end = state.run(.tick, at: 11_000)
        #expect(end.changes == [.ended(id(1), .expired, .preempted)] && end.effects == [.end(id(1))])
        state.run(.noteFreed(id(1), nil), at: 12_000)
        state.run(.admit(depth: 64), at: 12_000)
        #expect(state.reservations[id(2)]?.state == .confirmed && state.waiters.isEmpty)
    }

    @Test("has nobody go of the same priority, for another strategy, or for what would not fit all the same")
    func spared() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(4000)))
        hold(&state, 2, request(cpu(4000), priority: 7))
        for (priority, strategy, millicores) in [
            (0, Strategy.priority, Int64(1000)), (7, .optimized, 1000), (7, .priority, 4001), (7, .priority, 9000),
        ] {
            let asked = request(cpu(millicores), priority: priority, strategy: strategy, wait: .seconds(60))
            let decision = state.decide(
                .reserve(id(9), asked, user, nil), Now(wall: Timestamp(milliseconds: 0), uptime: 0))
            #expect(victims(decision) == [], "\(priority) \(strategy) \(millicores)")
        }
        let decision = state.run(
            .reserve(id(9), request(cpu(4000), priority: 7, strategy: .priority), user, nil))
        #expect(victims(decision) == [id(1)])
    }

    @Test("has nobody go where one before it gets the last unit if a lease is renewed that ends sooner")
    func renewable() throws {
        var state = try fresh()
        let gpu = Ask(.gpu, amount: ResourceType.gpu.whole)
        hold(&state, 1, request([gpu], priority: 2, lease: .seconds(5)))
        hold(&state, 2, request(cpu(6000), priority: -1))
        hold(&state, 3, request([Ask(.memory, amount: Quantity(900))]))
        let first = request(cpu(6000) + [gpu], priority: 2, strategy: .priority)
        #expect(victims(state.run(.reserve(id(4), first, user, nil))) == [id(2)])
        let second = request([Ask(.memory, amount: Quantity(300)), gpu], priority: 2, strategy: .priority)
        #expect(victims(state.run(.reserve(id(5), second, user, nil))) == [])
        // Had the lease no end nobody would go either, and had the first asked for no GPU the other one would be there.
        let plain = request([Ask(.memory, amount: Quantity(300))], priority: 2, strategy: .priority)
        #expect(victims(state.run(.reserve(id(6), plain, user, nil))) == [id(3)])
    }

    @Test("is for all in a pool with that strategy who do not say another, but for gangs and starts to come")
    func ofPool() throws {
        var state = try fresh()
        var pool = Pool(PoolName(known: "urgent"))
        pool.strategy = .priority
        state.run(.setPool(pool))
        hold(&state, 1, request(cpu(8000), priority: -1, lease: .seconds(100)))
        func ask(_ number: UInt64, _ change: (inout ReservationRequest) -> Void) -> Decision {
            var asked = request(cpu(1000), lease: .seconds(10))
            asked.pool = pool.name
            change(&asked)
            return state.decide(
                .reserve(id(number), asked, user, nil), Now(wall: Timestamp(milliseconds: 1_000_000), uptime: 0))
        }
        #expect(victims(ask(2) { _ in }) == [id(1)])
        #expect(victims(ask(2) { $0.strategy = .optimized }) == [])
        #expect(victims(ask(2) { $0.pool = .standard }) == [])
        let later = ask(2) { $0.start = Timestamp(milliseconds: 1_200_000) }
        let gang = ask(2) { ($0.gang, $0.wait) = (Gang(id: "g", size: 1), .seconds(10)) }
        for decision in [later, gang] {
            guard case .queued(let waiter)? = decision.changes.first else {
                Issue.record("\(decision.answer)")
                continue
            }
            #expect(victims(decision) == [] && waiter.waiting?.request.strategy == .optimized)
        }
    }

    @Test("has nobody go for what caps or quotas keep from it")
    func barred() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(8000), priority: -1))
        let asked = request(cpu(4000), strategy: .priority, wait: .seconds(60))
        let caps = Caps(quantities: [.cpu: Quantity(10_000)])
        let capped = Caller(user: 1, isAdmin: false, caps: caps)
        #expect(victims(state.run(.reserve(id(2), asked, capped, nil))) == [])
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(9000)))])))
        #expect(victims(state.run(.reserve(id(3), asked, user, nil))) == [])
        #expect(victims(state.run(.reserve(id(4), asked, other, nil))) == [id(1)])
    }

    @Test("takes the least priority first, then the least work lost, then the fewest, and never one too many")
    func order() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(2000), priority: 1), at: 0)
        hold(&state, 2, request(cpu(2000), priority: 0), at: 1000)
        hold(&state, 3, request(cpu(1000), priority: 0), at: 5000)
        hold(&state, 4, request(cpu(3000), priority: 0), at: 6000)
        let wanted: [(Int64, [UInt64])] = [
            (1000, [3]), (2000, [4]), (3000, [4]), (4000, [3, 4]), (8000, [1, 2, 3, 4]),
        ]
        for (millicores, numbers) in wanted {
            let asked = request(cpu(millicores), priority: 2, strategy: .priority)
            let decision = state.decide(
                .reserve(id(9), asked, user, nil), Now(wall: Timestamp(milliseconds: 1_009_000), uptime: 9000))
            #expect(victims(decision).sorted() == numbers.map { id($0) }, "\(millicores)")
        }
    }

    @Test("has those go that lose the least together, though one alone loses more than each of them")
    func together() throws {
        var state = try fresh()
        // What each has lost by then, in CPUs times seconds: 18, 20, and 24.
        hold(&state, 1, request(cpu(2000), priority: -1), at: 0)
        hold(&state, 2, request(cpu(2500), priority: -1), at: 1000)
        hold(&state, 3, request(cpu(3500), priority: -1), at: 2143)
        func gone(for millicores: Int64) -> [ReservationID] {
            let asked = request(cpu(millicores), strategy: .priority)
            let now = Now(wall: Timestamp(milliseconds: 1_009_000), uptime: 9000)
            return victims(state.decide(.reserve(id(9), asked, user, nil), now)).sorted()
        }
        #expect(gone(for: 2000) == [id(1)])
        #expect(gone(for: 2200) == [id(2)])
        // The first two would be enough, and lose 38.
        #expect(gone(for: 3000) == [id(3)])
        #expect(gone(for: 4500) == [id(1), id(2)])
        #expect(gone(for: 5000) == [id(1), id(3)])
        // A lower priority goes first, however much it loses.
        hold(&state, 4, request([Ask(.memory, amount: Quantity(1000))], priority: -2), at: 0)
        #expect(gone(for: 3000) == [id(3)])
    }

    @Test("has many go that lose less together than the one that would be enough alone")
    func many() throws {
        var state = try fresh()
        for number in 1...30 as ClosedRange<UInt64> { hold(&state, number, request(cpu(100), priority: -1), at: 8000) }
        hold(&state, 31, request(cpu(2000), priority: -1), at: 7000)
        hold(&state, 32, request(cpu(3000), priority: -1), at: 7000)
        let asked = request(cpu(2000), strategy: .priority)
        let now = Now(wall: Timestamp(milliseconds: 1_009_000), uptime: 9000)
        // Twenty of the small ones lose as much as the larger one in half the time.
        let gone = victims(state.decide(.reserve(id(99), asked, user, nil), now))
        #expect(gone.count == 20 && !gone.contains(id(31)) && !gone.contains(id(32)))
    }

    @Test("finds those who lose least also where an interface has any bandwidth")
    func uncounted() throws {
        var capacity = try TestHost.capacity()
        capacity.interfaces[1] = Capacity.Unit(name: "eth1", capacity: nil)
        var state = TestHost.state(capacity)
        hold(&state, 1, request([Ask(.network, amount: Quantity(20_000))] + cpu(1000), priority: 5))
        for (number, amount, at) in [(2, 2000, 0), (3, 2000, 0), (4, 3000, 1000)] as [(UInt64, Int64, Int64)] {
            hold(&state, number, request(cpu(amount), priority: -1), at: at)
        }
        let asked = request(cpu(3000) + [Ask(.network, amount: Quantity(900))], strategy: .priority)
        let now = Now(wall: Timestamp(milliseconds: 1_009_000), uptime: 9000)
        #expect(victims(state.decide(.reserve(id(9), asked, user, nil), now)) == [id(4)])
    }

    @Test("waits for what ends already, and has nobody else go")
    func ending() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(4000)))
        hold(&state, 2, request(cpu(4000), priority: -5))
        state.run(.release(id(1), user))
        let decision = state.run(.reserve(id(3), request(cpu(4000), strategy: .priority), user, nil))
        #expect(victims(decision) == [] && state.waiters[id(3)]?.deadline == 20_001)
        // For another it has to go: what ends is spoken for.
        #expect(victims(state.run(.reserve(id(4), request(cpu(4000), strategy: .priority), user, nil))) == [id(2)])
    }

    @Test("gives who asked for a signal its time, but not for ever, and tells it once")
    func grace() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(4000), priority: -1, warning: Warning(.user1, before: .seconds(60))))
        hold(&state, 2, request(cpu(4000), priority: -1, warning: Warning(.hangUp, before: .seconds(7200))))
        for number in [1, 2] as [UInt64] {
            let process = ProcessIdentity(pid: Int32(number), startTicks: 1, boot: "b")
            state.run(.noteAttached(id(number), process))
        }
        let decision = state.run(.reserve(id(3), request(cpu(8000), strategy: .priority), user, nil))
        #expect(decision.effects == [.signal(id(1), .user1), .signal(id(2), .hangUp)])
        #expect(state.reservations[id(1)]?.deadline == 60_000 && state.reservations[id(2)]?.deadline == 600_000)
        #expect(state.reservations[id(1)]?.isWarned == true && state.waiters[id(3)]?.deadline == 620_000)
        #expect(state.run(.renew(id(1), .seconds(900), user)).answer == .refused(.preempted(id(1))))
        let change = ResourceChange(parts: [ResourceChange.Part(type: .cpu, amount: Quantity(1000))], storage: [])
        #expect(state.run(.resize(id(1), change, user)).answer == .refused(.preempted(id(1))))
    }

    @Test("never lengthens a lease")
    func lease() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(8000), priority: -1, lease: .seconds(5)))
        state.run(.reserve(id(2), request(cpu(8000), strategy: .priority), user, nil))
        #expect(state.reservations[id(1)]?.deadline == 5000)
    }

    @Test("is had by those who wait already, when something lower runs")
    func later() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(8000), priority: 3))
        let asked = request(cpu(4000), priority: 3, strategy: .priority, wait: .seconds(15))
        state.run(.reserve(id(2), asked, user, nil))
        hold(&state, 3, request([Ask(.memory, amount: Quantity(900))]))
        state.run(.release(id(1), user), at: 1000)
        state.run(.noteFreed(id(1), nil), at: 1000)
        hold(&state, 4, request(cpu(4000)), at: 1000)
        #expect(state.waiters[id(2)] != nil)
        state.run(.admit(depth: 64), at: 1000)
        #expect(state.reservations[id(2)] != nil)
        let more = request([Ask(.memory, amount: Quantity(500))], priority: 3, strategy: .priority, wait: .seconds(15))
        state.run(.reserve(id(5), request([Ask(.memory, amount: Quantity(100))], priority: 9), user, nil), at: 1000)
        #expect(victims(state.run(.reserve(id(6), more, user, nil), at: 2000)) == [id(3)])
    }

    @Test("stands when the one it is for has gone away")
    func withdrawn() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(8000), priority: -1))
        state.run(.reserve(id(2), request(cpu(8000), strategy: .priority), user, nil))
        state.run(.release(id(2), user))
        #expect(state.waiters.isEmpty && state.reservations[id(1)]?.preemption != nil)
        #expect(state.run(.tick, at: 10_000).changes == [.ended(id(1), .expired, .preempted)])
    }

    @Test("is what ended it where its programs heeded the notice; it is queued again where it stood, once")
    func requeue() throws {
        var state = try fresh()
        hold(&state, 1, request(cpu(8000), priority: -1, isRequeued: true))
        let process = ProcessIdentity(pid: 7, startTicks: 1, boot: "b")
        state.run(.noteAttached(id(1), process))
        state.run(.reserve(id(2), request(cpu(8000), strategy: .priority), user, nil), at: 1000)
        state.run(.noteExited(id(1), process), at: 2000)
        let decision = state.run(.noteEmptied(id(1), outOfMemory: false), at: 2000)
        #expect(decision.changes.first == .ended(id(1), .expired, .preempted) && decision.changes.count == 2)
        guard case .queued(let again)? = decision.changes.last else { throw RequeueMissing() }
        #expect(again.requeueOf == id(1) && again.id != id(1) && again.deadline == 86_402_000)
        #expect(again.createdAt == state.reservations[id(1)]?.createdAt)
        #expect(state.reservations[id(1)]?.requeuedAs == again.id)
        state.run(.noteFreed(id(1), nil), at: 3000)
        state.run(.admit(depth: 64), at: 3000)
        // It stands before the other in the queue, which has what was freed for it all the same.
        #expect(state.reservations[id(2)] != nil && state.waiters[again.id] != nil)
        state.end(2, at: 4000)
        #expect(state.reservations[again.id]?.again != nil && state.reservations[again.id]?.isLive == true)
    }

    @Test("what was made smaller and put where there is no more is not queued again for what it asked for at first")
    func requeueOfSmaller() throws {
        for most in [Int64(2000), 3000] {
            var state = try fresh()
            var pool = Pool(try #require(PoolName("small")))
            pool.most[.cpu] = Quantity(most)
            state.run(.setPool(pool))
            hold(&state, 1, request(cpu(3000), priority: -1, isRequeued: true))
            let part = ResourceChange.Part(type: .cpu, amount: Quantity(2000))
            state.run(.resize(id(1), ResourceChange(parts: [part], storage: []), admin))
            #expect(state.run(.move(id(1), to: pool.name, admin)).answer == .done(id(1)))
            state.run(.reserve(id(2), request(cpu(8000), strategy: .priority), user, nil), at: 1000)
            let decision = state.run(.tick, at: 11_000)
            #expect(decision.changes.first == .ended(id(1), .expired, .preempted))
            #expect(state.waiters.all.count { $0.requeueOf == id(1) } == (most == 3000 ? 1 : 0))
        }
    }

    @Test("what a signal was asked for is told so long before its lease ends, once, and again when that is renewed")
    func warned() throws {
        var state = try fresh()
        let asked = request(cpu(1000), lease: .seconds(100), warning: Warning(.user2, before: .seconds(30)))
        hold(&state, 1, asked)
        #expect(state.nextDeadline == 70_000)
        let told = state.run(.tick, at: 70_000)
        #expect(told.changes == [.warned(id(1), .user2)] && told.effects == [.signal(id(1), .user2)])
        #expect(state.run(.tick, at: 71_000).changes == [] && state.nextDeadline == 100_000)
        state.run(.renew(id(1), .seconds(100), user), at: 90_000)
        #expect(state.nextDeadline == 160_000 && state.reservations[id(1)]?.isWarned == false)
        // An agent that comes too late has nothing to warn of.
        #expect(state.run(.tick, at: 190_000).changes == [.ended(id(1), .expired, .lease)])
    }

    private struct RequeueMissing: Error {}
}
