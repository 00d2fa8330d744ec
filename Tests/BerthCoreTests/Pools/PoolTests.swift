import BerthCore
import BerthModel
import Testing

/// Worked examples of pools on a host of eight CPUs.
@Suite("A pool") struct PoolTests {
    private func state(_ pools: Pool...) throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.run(.configurePools(pools)).answer == .nothing)
        return state
    }

    private func ask(
        _ state: inout State, _ number: UInt64, _ cpu: Int64, in pool: String, lease: Duration? = nil,
        wait: Duration? = nil, at uptime: Int64 = 0
    ) -> Refusal? {
        var request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), lease: lease, wait: wait)
        request.pool = PoolName(known: pool)
        return state.run(.reserve(id(number), request, user, nil), at: uptime).answer.refusal
    }

    @Test("that is static has its share, no more than it, and nobody else has it")
    func `static`() throws {
        var state = try state(.of("ci", .static, guaranteed: [.cpu: 3000]))
        #expect(ask(&state, 1, 5001, in: "default")?.shortTypes == [.cpu])
        #expect(ask(&state, 2, 5000, in: "default") == nil)
        #expect(ask(&state, 3, 3001, in: "ci")?.shortTypes == [.cpu])
        #expect(ask(&state, 4, 3000, in: "ci") == nil)
    }

    @Test("keeps for one that waits in it what is short there from those who move in as from those who ask there")
    func entering() throws {
        var state = try state(.of("ci", .dynamic, most: [.cpu: 4000]), .of("lab", .dynamic))
        #expect(ask(&state, 1, 2000, in: "ci") == nil)
        #expect(ask(&state, 2, 4000, in: "ci", wait: .seconds(60)) == nil)
        #expect(ask(&state, 3, 2000, in: "ci") == .wouldDelay(1))
        #expect(ask(&state, 4, 2000, in: "default") == nil)
        let (ci, lab) = (PoolName(known: "ci"), PoolName(known: "lab"))
        #expect(state.run(.move(id(4), to: ci, user)).answer.refusal == .wouldDelay(1))
        #expect(state.run(.move(id(4), to: lab, user)).answer.refusal == nil)
        #expect(state.run(.move(id(1), to: lab, user)).answer.refusal == nil)
    }

    @Test("that is dynamic has what it is guaranteed, and of what is free up to its most")
    func dynamic() throws {
        var state = try state(.of("ci", .dynamic, guaranteed: [.cpu: 2000], most: [.cpu: 5000]))
        #expect(ask(&state, 1, 4000, in: "ci") == nil)
        #expect(ask(&state, 2, 1500, in: "ci")?.shortTypes == [.cpu])
        #expect(ask(&state, 3, 4000, in: "default") == nil)
        #expect(ask(&state, 4, 500, in: "ci")?.shortTypes == [.cpu])
    }

    @Test("that is elastic borrows what others that are elastic do not use, and of no other")
    func elastic() throws {
        var state = try state(
            .of("a", .elastic, guaranteed: [.cpu: 3000]), .of("b", .elastic, guaranteed: [.cpu: 3000]),
            .of("c", .static, guaranteed: [.cpu: 1000]))
        // All but what is the static one's: its own three, one that is nobody's, three that are b's.
        #expect(ask(&state, 1, 7001, in: "a")?.shortTypes == [.cpu])
        #expect(ask(&state, 2, 6000, in: "a") == nil)
        #expect(ask(&state, 3, 1500, in: "default")?.shortTypes == [.cpu])
        #expect(ask(&state, 4, 1000, in: "c") == nil)
        #expect(ask(&state, 5, 2000, in: "b")?.shortTypes == [.cpu])
        #expect(ask(&state, 6, 1000, in: "b") == nil)
    }

    @Test("that is elastic lends nothing again while its owner waits for it")
    func ownerFirst() throws {
        var state = try state(
            .of("a", .elastic, guaranteed: [.cpu: 4000]), .of("b", .elastic, guaranteed: [.cpu: 4000]))
        #expect(ask(&state, 1, 4000, in: "a") == nil && ask(&state, 2, 4000, in: "a") == nil)
        #expect(ask(&state, 3, 4000, in: "a", wait: .seconds(60)) == nil)
        #expect(ask(&state, 4, 4000, in: "b", wait: .seconds(60)) == nil)
        state.end(2, at: 0)
        #expect(state.reservations[id(4)] != nil && state.waiters[id(3)] != nil)
    }

    /// Those that have had their notice.
    private func noticed(_ state: State) -> [ReservationID] {
        state.reservations.values.filter { $0.preemption != nil }.map(\.id).sorted()
    }

    @Test("that takes back at once does so though it has the strategy priority too")
    func takesBackWithPriority() throws {
        var owner = Pool.of("b", .elastic, guaranteed: [.cpu: 4000])
        (owner.giveBack, owner.strategy) = (.preempt, .priority)
        var state = try state(.of("a", .elastic, guaranteed: [.cpu: 4000]), owner)
        #expect(ask(&state, 1, 8000, in: "a", lease: .seconds(100)) == nil)
        #expect(ask(&state, 2, 2000, in: "b", wait: .seconds(60)) == nil)
        #expect(noticed(state) == [id(1)])
    }

    @Test("that is elastic and takes back at once gives notice to those that have borrowed, and to none too many")
    func giveBack() throws {
        var owner = Pool.of("b", .elastic, guaranteed: [.cpu: 4000])
        owner.giveBack = .preempt
        var state = try state(.of("a", .elastic, guaranteed: [.cpu: 2000]), owner)
        for number in 1...8 { #expect(ask(&state, UInt64(number), 1000, in: "a", at: Int64(number)) == nil) }
        #expect(ask(&state, 9, 2000, in: "b", at: 9)?.shortTypes == [.cpu])
        #expect(ask(&state, 10, 2000, in: "b", wait: .seconds(60), at: 10) == nil)
        #expect(noticed(state) == [id(7), id(8)])
        // Those who go already count for the next one too.
        #expect(ask(&state, 11, 1000, in: "b", wait: .seconds(60), at: 11) == nil)
        #expect(noticed(state) == [id(6), id(7), id(8)])
        // What is not the owner's own makes nobody go.
        #expect(ask(&state, 12, 2000, in: "b", wait: .seconds(60), at: 12) == nil)
        #expect(noticed(state) == [id(6), id(7), id(8)])
        state.run(.tick, at: 10_011)
        let ended = state.reservations.values.filter { !$0.isLive }
        #expect(ended.map(\.id).sorted() == [id(6), id(7), id(8)] && ended.allSatisfy { $0.reason == .preempted })
        for number: UInt64 in [6, 7, 8] { state.run(.noteFreed(id(number), nil), at: 10_013) }
        state.run(.admit(depth: 64), at: 10_013)
        #expect(state.reservations[id(10)] != nil && state.reservations[id(11)] != nil)
    }

    @Test("takes back for whoever waits for it, however that came to be, but not for what its user may not have")
    func givenBackLater() throws {
        var owner = Pool.of("b", .elastic, guaranteed: [.cpu: 4000])
        owner.giveBack = .preempt
        var state = try state(.of("a", .elastic, guaranteed: [.cpu: 2000]), owner)
        for number in 1...8 { #expect(ask(&state, UInt64(number), 1000, in: "a", at: Int64(number)) == nil) }
        #expect(ask(&state, 9, 1000, in: "default", wait: .seconds(60), at: 9) == nil)
        state.run(.admit(depth: 64), at: 10)
        #expect(noticed(state) == [])
        #expect(state.run(.move(id(9), to: owner.name, user), at: 11).answer == .done(id(9)))
        state.run(.admit(depth: 64), at: 12)
        #expect(noticed(state) == [id(8)])
        #expect(state.run(.move(id(8), to: owner.name, user), at: 12).answer.refusal == .preempted(id(8)))
        var request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(2000))]), wait: .seconds(60))
        request.pool = owner.name
        let capped = Caller(user: 7, isAdmin: false, caps: Caps(quantities: [.cpu: Quantity(1000)]))
        #expect(state.run(.reserve(id(10), request, capped, nil), at: 13).answer.refusal != nil)
        #expect(noticed(state) == [id(8)])
    }

    @Test("that takes back has nobody go for more than is its own, as whole cores may be")
    func wholeCores() throws {
        let pools = [("a", 3000), ("b", 5000)].map { (name: String, own: Int64) in
            var pool = Pool.of(name, .elastic, guaranteed: [.cpu: own])
            pool.giveBack = .preempt
            return pool
        }
        var state = try state(pools[0], pools[1])
        func request(_ cpus: Int64, in pool: Pool) -> ReservationRequest {
            var request = ReservationRequest(
                resources: Resources([Ask(.cpu, amount: Quantity(cpus * 1000), exclusive: true)]), wait: .seconds(60))
            request.pool = pool.name
            return request
        }
        #expect(state.run(.reserve(id(1), request(5, in: pools[1]), user, nil)).answer == .done(id(1)))
        #expect(state.reservations[id(1)]?.grant[.cpu]?.cpus?.count == 6)
        #expect(state.run(.reserve(id(2), request(3, in: pools[0]), user, nil)).answer == .done(id(2)))
        state.run(.admit(depth: 64))
        #expect(noticed(state) == [] && state.waiters[id(2)] != nil)
    }

    /// Two pools that take back, each guaranteed half.
    private func halves() -> [Pool] {
        ["a", "b"].map { name in
            var pool = Pool.of(name, .elastic, guaranteed: [.cpu: 4000])
            pool.giveBack = .preempt
            return pool
        }
    }

    private func request(_ asks: [Ask], or alternative: [Ask]? = nil, in pool: Pool) -> ReservationRequest {
        var request = ReservationRequest(resources: Resources(asks), lease: .seconds(3600), wait: .seconds(3600))
        request.pool = pool.name
        request.isRequeued = true
        request.alternatives = alternative.map { [Resources($0)] } ?? []
        return request
    }

    @Test("that takes back has no more by it than is its own, so that pools do not take from each other for ever")
    func onlyOwn() throws {
        let pools = halves()
        var state = try state(pools[0], pools[1])
        let asks = [Ask(.cpu, amount: Quantity(8000), minimum: Quantity(4000))]
        state.run(.reserve(id(1), request(asks, in: pools[1]), user, nil))
        #expect(state.reservations[id(1)]?.grant[.cpu]?.amount == Quantity(8000))
        state.run(.reserve(id(2), request(asks, in: pools[0]), user, nil))
        #expect(noticed(state) == [id(1)])
        for second in 1...200 as ClosedRange<Int64> {
            state.run(.tick, at: second * 1000)
            for gone in state.reservations.values.filter({ !$0.isLive }).map(\.id) {
                state.run(.noteFreed(gone, nil), at: second * 1000)
            }
            state.run(.admit(depth: 64), at: second * 1000)
        }
        let held = state.reservations.values.filter(\.isLive)
        #expect(held.map(\.grant.holds.first?.amount) == [Quantity(4000), Quantity(4000)] && state.waiters.isEmpty)
        #expect(held.allSatisfy { $0.preemption == nil } && state.reservations[id(2)]?.state == .partial)
    }

    @Test("takes back for that of the choices which is its own")
    func ownChoice() throws {
        let pools = halves()
        var state = try state(pools[0], pools[1])
        func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }
        state.run(.reserve(id(1), request(cpu(8000), in: pools[1]), user, nil))
        state.run(.reserve(id(2), request(cpu(8000), or: cpu(4000), in: pools[0]), user, nil))
        #expect(noticed(state) == [id(1)])
        state.run(.tick, at: 60_000)
        state.run(.noteFreed(id(1), nil), at: 60_000)
        state.run(.admit(depth: 64), at: 60_000)
        let granted = state.reservations[id(2)]
        #expect(granted?.grant[.cpu]?.amount == Quantity(4000) && granted?.alternative == 0)
    }

    @Test("within another has its part of that one's guarantee, and holds it to that one's most")
    func nested() throws {
        var state = try state(
            .of("org", .static, guaranteed: [.cpu: 4000]),
            .of("web", .dynamic, within: "org", guaranteed: [.cpu: 1000]),
            .of("batch", .dynamic, within: "org"))
        #expect(ask(&state, 1, 3001, in: "batch")?.shortTypes == [.cpu])
        #expect(ask(&state, 2, 3000, in: "batch") == nil)
        #expect(ask(&state, 3, 1, in: "org")?.shortTypes == [.cpu])
        #expect(ask(&state, 4, 4001, in: "default")?.shortTypes == [.cpu])
        #expect(ask(&state, 5, 1000, in: "web") == nil)
        #expect(ask(&state, 6, 4000, in: "default") == nil)
    }

    @Test("has its own though others wait before it for what is nobody's")
    func before() throws {
        var state = try state(.of("ci", .static, guaranteed: [.cpu: 2000]))
        #expect(ask(&state, 1, 4000, in: "default") == nil)
        #expect(ask(&state, 2, 5000, in: "default", wait: .seconds(60)) == nil)
        #expect(state.waiters.count == 1)
        #expect(ask(&state, 3, 2000, in: "ci") == nil)
        #expect(ask(&state, 4, 1000, in: "default") != nil)
    }

    @Test("that is full keeps nobody of another pool from what is free")
    func full() throws {
        var state = try state(.of("ci", .dynamic, most: [.cpu: 2000]))
        #expect(ask(&state, 1, 2000, in: "ci") == nil)
        #expect(ask(&state, 2, 1000, in: "ci", wait: .seconds(60)) == nil)
        #expect(ask(&state, 3, 6000, in: "default") == nil)
        #expect(state.waiters.count == 1)
    }

    @Test("is made smaller than what it holds, and takes nothing until it has room")
    func smaller() throws {
        var state = try state()
        #expect(state.run(.setPool(.of("ci", .dynamic, most: [.cpu: 4000]))).answer == .nothing)
        #expect(ask(&state, 1, 2000, in: "ci") == nil && ask(&state, 2, 2000, in: "ci") == nil)
        #expect(state.run(.setPool(.of("ci", .dynamic, most: [.cpu: 3000]))).answer == .nothing)
        #expect(state.reservations.count == 2)
        #expect(ask(&state, 3, 500, in: "ci")?.shortTypes == [.cpu])
        state.end(1, at: 0)
        #expect(ask(&state, 4, 1000, in: "ci") == nil)
    }

    @Test("is removed where it holds nothing, or else when it does no more")
    func removed() throws {
        var state = try state()
        let name = PoolName(known: "ci")
        state.run(.setPool(.of("ci", .dynamic)))
        #expect(ask(&state, 1, 1000, in: "ci") == nil)
        #expect(state.run(.removePool(name, drain: false)).answer.refusal == .poolInUse(name, 1))
        #expect(state.run(.removePool(name, drain: true)).answer == .nothing)
        #expect(ask(&state, 2, 1000, in: "ci") == .unknownPool(name))
        #expect(state.pools[name] != nil)
        state.end(1, at: 0)
        #expect(state.pools[name] == nil)
    }

    @Test("of the configuration is not changed by the API; one that it no longer says goes with what it holds")
    func configured() throws {
        var pool = Pool.of("ci", .dynamic)
        pool.isConfigured = true
        var state = try state(pool)
        #expect(state.run(.setPool(.of("ci", .static))).answer.refusal == .poolConfigured(pool.name))
        #expect(state.run(.removePool(pool.name, drain: true)).answer.refusal == .poolConfigured(pool.name))
        state.run(.setPool(.of("own", .dynamic)))
        #expect(ask(&state, 1, 1000, in: "ci") == nil)
        state.run(.configurePools([]))
        #expect(state.pools.all.map(\.name.text) == ["ci", "default", "own"])
        state.end(1, at: 0)
        #expect(state.pools.all.map(\.name.text) == ["default", "own"])
    }

    @Test("takes a reservation of another where it has room for it, and only then")
    func moved() throws {
        var state = try state(.of("ci", .static, guaranteed: [.cpu: 2000]), .of("web", .dynamic))
        #expect(ask(&state, 1, 3000, in: "web") == nil && ask(&state, 2, 2000, in: "default") == nil)
        let ci = PoolName(known: "ci")
        #expect(state.run(.move(id(1), to: ci, user)).answer.refusal?.shortTypes == [.cpu])
        #expect(state.run(.move(id(2), to: ci, other)).answer.refusal == .notYours(id(2)))
        #expect(ask(&state, 3, 5000, in: "web", wait: .seconds(60)) == nil && state.waiters[id(3)] != nil)
        #expect(state.run(.move(id(3), to: ci, user)).answer.refusal?.shortTypes == [.cpu])
        #expect(state.run(.move(id(3), to: .standard, user)).answer == .done(id(3)))
        state.run(.release(id(3), user))
        let decision = state.run(.move(id(2), to: ci, user))
        #expect(decision.effects == [.move(id(2), from: .standard, to: ci)])
        #expect(state.poolHoldings[ci][.cpu] == 2000 && state.poolHoldings[.standard][.cpu] == 0)
        #expect(state.run(.noteUnmoved(id(2), .standard)).changes == [.moved(id(2), .standard)])
        #expect(state.poolHoldings[ci][.cpu] == 0)
    }

    @Test("cannot be guaranteed what the host or the pool around it does not have")
    func tooMuch() throws {
        var state = try state(.of("a", .static, guaranteed: [.cpu: 5000]))
        #expect(state.run(.setPool(.of("b", .dynamic, guaranteed: [.cpu: 3001]))).answer.refusal != nil)
        #expect(state.run(.setPool(.of("b", .dynamic, within: "a", guaranteed: [.cpu: 5001]))).answer.refusal != nil)
        #expect(state.run(.setPool(.of("b", .dynamic, within: "nowhere"))).answer.refusal != nil)
        #expect(state.run(.setPool(.of("a", .static, within: "a"))).answer.refusal != nil)
        #expect(state.run(.setPool(.of("b", .dynamic, guaranteed: [.cpu: 3000]))).answer == .nothing)
    }

    @Test("may be guaranteed what has failed, or what a plugin is yet to say, and others are changed meanwhile")
    func untold() throws {
        var state = try state(.of("a", .static, guaranteed: [.gpu: 2000]))
        var capacity = try TestHost.capacity()
        capacity.gpus[1].failure = "it fell off the bus"
        state.run(.setCapacity(capacity))
        #expect(state.run(.setPool(.of("b", .dynamic, guaranteed: [.cpu: 3000]))).answer == .nothing)
        #expect(state.run(.setPool(.of("c", .dynamic, guaranteed: [.gpu: 1000]))).answer.refusal != nil)
        capacity.gpus = []
        state.run(.setCapacity(capacity))
        #expect(state.run(.setPool(.of("b", .dynamic, guaranteed: [.cpu: 2000]))).answer == .nothing)
        let seats = try #require(ResourceType("example.com/seat"))
        #expect(state.run(.setPool(.of("d", .dynamic, guaranteed: [seats: 9]))).answer == .nothing)
    }

    @Test("that goes with its last is of the host itself when the one around it has gone")
    func orphan() throws {
        var (outer, inner) = (Pool.of("p", .dynamic), Pool.of("q", .dynamic, within: "p"))
        (outer.isConfigured, inner.isConfigured) = (true, true)
        var state = try state(outer, inner)
        #expect(ask(&state, 1, 1000, in: "q") == nil)
        #expect(state.run(.configurePools([outer])).answer == .nothing)
        #expect(state.pools[inner.name]?.parent == outer.name)
        #expect(state.run(.configurePools([])).answer == .nothing)
        #expect(state.pools[inner.name]?.parent == nil && state.pools[outer.name] == nil)
    }

    @Test("of the configuration that is static has no more than it had when that says it no more")
    func unsaid() throws {
        var pool = Pool.of("ci", .static, guaranteed: [.cpu: 2000])
        pool.isConfigured = true
        var state = try state(pool)
        #expect(ask(&state, 1, 1000, in: "ci") == nil)
        state.run(.configurePools([]))
        let left = try #require(state.pools[pool.name])
        #expect(left.isDraining && left.most(of: .cpu) == Quantity(2000) && left.guaranteed.isEmpty)
        #expect(ask(&state, 2, 7000, in: "default") == nil)
    }
}
