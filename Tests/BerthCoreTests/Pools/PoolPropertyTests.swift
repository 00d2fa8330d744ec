import BerthCore
import BerthModel
import Support
import Testing

/// Random pools, requests, ends, resizes, moves and changes of pools, from a printed seed.
@Suite("Pools of any shape") struct PoolPropertyTests {
    /// A fault that is planted, to see that it is seen.
    enum Fault { case none, keepsNothing, forgetsEnds, passesBounds }

    /// One run.
    private struct Run {
        var state: State
        var now: Int64 = 0
        var log: [(Event.Change, Timestamp)] = []
        var fault = Fault.none
        /// What was found to be wrong.
        var complaints: [String] = []
        var granted = 0
        /// How often an unused guarantee was asked for.
        var asked = 0
        var borrowed = 0
        /// How often others went for an owner.
        var givenBack = 0

        var clock: Now { Now(wall: Timestamp(milliseconds: 1_000_000 + now), uptime: now) }

        @discardableResult
        mutating func take(_ command: Command) -> Decision {
            let decision = state.decide(command, clock)
            for change in decision.changes { apply(change) }
            return decision
        }

        mutating func apply(_ change: Event.Change) {
            let before = state
            if case .freed(let id, let usage) = change, fault == .forgetsEnds {
                // What it held is counted still.
                let pool = state.reservations[id].map { $0.pool }
                state.apply(.freed(id, usage), at: clock.wall)
                if let pool, pool != .standard, var leftover = before.reservations[id] {
                    leftover.state = .released
                    state.apply(.granted(leftover), at: clock.wall)
                    complaintsOfSums(beside: id)
                    state.apply(.freed(id, usage), at: clock.wall)
                    return
                }
            }
            state.apply(change, at: clock.wall)
            log.append((change, clock.wall))
            switch change {
            case .granted(let reservation):
                granted += 1
                complaintsOfBounds(reservation.pool, before)
            case .resized(let id, _), .moved(let id, _):
                if let pool = state[id]?.pool { complaintsOfBounds(pool, before) }
            default: break
            }
            complaintsOfSums(beside: nil)
        }

        /// What each pool holds is the sum of what its reservations hold.
        mutating func complaintsOfSums(beside hidden: ReservationID?) {
            guard !state.pools.isTrivial else { return }
            for pool in state.pools.all {
                var sum = Amounts()
                for reservation in state.reservations.values where reservation.id != hidden {
                    let path = state.pools.path(of: reservation.pool)
                    if path.contains(where: { $0.name == pool.name }) { sum.add(Amounts(reservation.grant)) }
                }
                if sum != state.poolHoldings[pool.name] { complaints.append("\(pool.name) holds another sum") }
            }
        }

        /// No pool on the way to the root grows beyond its most.
        mutating func complaintsOfBounds(_ name: PoolName, _ before: State) {
            for pool in state.pools.path(of: name) {
                for type in state.pools.types {
                    guard let most = pool.most(of: type).map({ Int128($0.units) }) else { continue }
                    let (was, held) = (before.poolHoldings[pool.name][type], state.poolHoldings[pool.name][type])
                    if held > most, held > was { complaints.append("\(pool.name) holds \(held) \(type) of \(most)") }
                }
            }
        }

        /// What a static or dynamic pool without pools within it is guaranteed and does not hold is granted at once; what
        /// an elastic one is, but for what others beside it have borrowed.
        mutating func complaintsOfGuarantees() {
            for pool in state.pools.all where state.pools.within(pool.name).isEmpty {
                if state.waiters.all.contains(where: { $0.pool == pool.name }) { continue }
                let path = state.pools.path(of: pool.name)
                let asks = [ResourceType.cpu, .memory, .pids, .gpu].compactMap { type -> Ask? in
                    let free = Int128(pool.guaranteed[type]?.units ?? 0) - state.poolHoldings[pool.name][type]
                    return free >= (type == .cpu ? 10 : type == .gpu ? 1000 : 1)
                        ? Ask(type, amount: Quantity(Int64(free))) : nil
                }
                guard !asks.isEmpty else { continue }
                var request = ReservationRequest(resources: Resources(asks))
                request.pool = pool.name
                let decision = state.decide(.reserve(id(999_999), request, user, nil), clock)
                guard path.contains(where: { $0.kind == .elastic }) else {
                    asked += 1
                    guard case .refused(let refusal) = decision.answer else { continue }
                    complaints.append("\(pool.name) is refused its own: \(refusal)")
                    continue
                }
                guard path.count == 1, case .refused(.insufficient(let shortfalls, _)) = decision.answer else {
                    continue
                }
                for shortfall in shortfalls {
                    let lent = state.pools.within(nil).reduce(Int128(0)) { sum, name in
                        guard let other = state.pools[name], other.kind == .elastic, name != pool.name else {
                            return sum
                        }
                        let own = Int128(other.guaranteed[shortfall.type]?.units ?? 0)
                        let inner = state.pools.within(name).reduce(Int128(0)) { $0 + need($1, shortfall.type) }
                        return sum + max(0, state.poolHoldings[name][shortfall.type] + inner - own)
                    }
                    borrowed += 1
                    if Int128((shortfall.asked - shortfall.free).units) > lent {
                        complaints.append("\(pool.name) is short of \(shortfall.type), and nobody has borrowed it")
                    }
                }
            }
        }

        /// What a pool is guaranteed and does not hold, with the pools within it.
        func need(_ name: PoolName, _ type: ResourceType) -> Int128 {
            let own = Int128(state.pools[name]?.guaranteed[type]?.units ?? 0) - state.poolHoldings[name][type]
            return max(own, state.pools.within(name).reduce(Int128(0)) { $0 + need($1, type) })
        }

        /// What an elastic pool of the host that takes back at once is guaranteed and does not hold, it has when those have
        /// ended who have to go for it, and all of them had to.
        mutating func complaintsOfGivingBack() {
            for pool in state.pools.all where pool.giveBack == .preempt && pool.parent == nil {
                guard state.pools.within(pool.name).isEmpty,
                    !state.waiters.all.contains(where: { $0.pool == pool.name })
                else { continue }
                let asks = [ResourceType.cpu, .memory, .gpu].compactMap { type -> Ask? in
                    let free = Int128(pool.guaranteed[type]?.units ?? 0) - state.poolHoldings[pool.name][type]
                    return free >= (type == .gpu ? 1000 : 10) ? Ask(type, amount: Quantity(Int64(free))) : nil
                }
                guard !asks.isEmpty else { continue }
                var request = ReservationRequest(resources: Resources(asks), wait: .seconds(60))
                request.pool = pool.name
                var next = state
                let decision = next.decide(.reserve(id(999_999), request, user, nil), clock)
                for change in decision.changes { next.apply(change, at: clock.wall) }
                let gone = next.reservations.values.filter { $0.preemption != nil }.map(\.id).sorted()
                for id in gone {
                    next.apply(.ended(id, .expired, .preempted), at: clock.wall)
                    next.apply(.freed(id, nil), at: clock.wall)
                }
                for change in next.decide(.admit(depth: 1000), clock).changes { next.apply(change, at: clock.wall) }
                givenBack += gone.isEmpty ? 0 : 1
                if next.reservations[id(999_999)] == nil {
                    complaints.append("\(pool.name) has not back what it lent: \(gone.count) have gone")
                }
            }
        }

        mutating func step(_ number: Int, _ pools: [Pool], _ generator: inout SeededGenerator) {
            now += Int64.random(in: 0...1500, using: &generator)
            let some = state.kept.map(\.id).sorted().randomElement(using: &generator) ?? id(1)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...4:
                var request = PoolDrawing.request(pools, &generator)
                let pool = request.pool
                let isPlanted = fault == .keepsNothing || fault == .passesBounds
                if isPlanted, number % 5 == 0 {
                    guard let capacity = state.capacity else { return }
                    var bare = TestHost.state(capacity)
                    bare.restore(Array(state.reservations.values), nil)
                    request.pool = .standard
                    let decision = bare.decide(.reserve(id(UInt64(number)), request, user, nil), clock)
                    for case .granted(var reservation) in decision.changes {
                        reservation.pool = fault == .keepsNothing ? .standard : pool
                        apply(.granted(reservation))
                    }
                    return
                }
                take(.reserve(id(UInt64(number)), request, user, nil))
            case 5, 6: take(.release(some, admin))
            case 7: take(.move(some, to: pools.randomElement(using: &generator)?.name ?? .standard, admin))
            case 8:
                let amount = Quantity(.random(in: 10...3000, using: &generator))
                let part = ResourceChange.Part(type: .cpu, amount: amount)
                take(.resize(some, ResourceChange(parts: [part], storage: []), admin))
            default: take(.tick)
            }
            for ended in state.reservations.values.filter({ !$0.isLive }).map(\.id).sorted() {
                take(.noteFreed(ended, nil))
            }
            take(.admit(depth: State.admitDepth))
        }
    }

    private func run(_ generator: inout SeededGenerator, steps: Int, fault: Fault = .none, isLive: Bool = false) throws
        -> Run
    {
        var run = Run(state: TestHost.state(try TestHost.capacity()))
        run.fault = fault
        var pools = PoolDrawing.pools(&generator)
        let decision = run.take(.configurePools(pools))
        if let refusal = decision.answer.refusal { run.complaints.append("\(refusal)") }
        for number in 1...steps {
            run.step(number, pools, &generator)
            if isLive, number % 20 == 0 {
                pools = PoolDrawing.pools(&generator)
                run.take(.configurePools(pools))
            }
            if !isLive, run.complaints.isEmpty { run.complaintsOfGuarantees() }
            if !isLive, run.complaints.isEmpty { run.complaintsOfGivingBack() }
        }
        return run
    }

    @Test("hold what their reservations hold, within their bounds, and have what they are guaranteed")
    func guarantees() throws {
        var generator = SeededGenerator.named("pools")
        var (granted, asked, borrowed, givenBack) = (0, 0, 0, 0)
        for round in 0..<100 {
            let run = try run(&generator, steps: 60)
            #expect(run.complaints.isEmpty, "\(run.complaints.first ?? "") in round \(round), \(generator.note)")
            (granted, asked, borrowed) = (granted + run.granted, asked + run.asked, borrowed + run.borrowed)
            givenBack += run.givenBack
        }
        let counts = "\(granted) \(asked) \(borrowed) \(givenBack)"
        #expect(granted > 1000 && asked > 1000 && borrowed > 0 && givenBack > 0, "\(counts), \(generator.note)")
        print("pools: granted, asked for their own, short of what was lent, given back: \(counts)")
    }

    @Test("are changed live, and a replay of what happened gives the same")
    func replay() throws {
        var generator = SeededGenerator.named("pools live")
        for round in 0..<15 {
            let run = try run(&generator, steps: 150, isLive: true)
            #expect(run.complaints.isEmpty, "\(run.complaints.first ?? "") in round \(round), \(generator.note)")
            let again = try State.replaying(run.log, on: try TestHost.capacity())
            #expect(again.pools == run.state.pools, "round \(round), \(generator.note)")
            #expect(again.poolHoldings == run.state.poolHoldings, "round \(round), \(generator.note)")
            #expect(again.holdings == run.state.holdings, "round \(round), \(generator.note)")
        }
    }

    @Test(
        "are seen to be wrong where nothing is kept, where what ended is counted on, and where bounds are passed",
        arguments: [Fault.keepsNothing, .forgetsEnds, .passesBounds])
    func planted(_ fault: Fault) throws {
        var generator = SeededGenerator.named("pools planted")
        var broken = 0
        for _ in 0..<60 where broken == 0 {
            broken += try run(&generator, steps: 120, fault: fault).complaints.isEmpty ? 0 : 1
        }
        #expect(broken > 0, "\(generator.note)")
    }
}
