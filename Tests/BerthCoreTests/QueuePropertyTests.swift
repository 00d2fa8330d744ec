import BerthCore
import BerthModel
import Support
import Testing

/// Random arrivals on a virtual clock, from a printed seed: what is promised to those who wait, and what they get.
@Suite("Whoever waits") struct QueuePropertyTests {
    /// One run: requests arrive one after the other, each is held for as long as its lease, and nothing ends sooner.
    private struct Run {
        var state: State
        /// The first moment that each was promised, and when each was granted.
        var promised: [ReservationID: Int64] = [:]
        var granted: [ReservationID: Int64] = [:]
        var now: Int64 = 0
        var log: [(Event.Change, Timestamp)] = []
        /// Plants a fault: whoever fits is granted, whomever that delays.
        var isGreedy = false

        var clock: Now { Now(wall: Timestamp(milliseconds: 1_000_000 + now), uptime: now) }

        mutating func take(_ command: Command) -> Answer {
            let decision = state.decide(command, clock)
            for change in decision.changes { apply(change) }
            return decision.answer
        }

        mutating func apply(_ change: Event.Change) {
            if case .granted(let reservation) = change { granted[reservation.id] = now }
            state.apply(change, at: clock.wall)
            log.append((change, clock.wall))
        }

        mutating func arrive(_ request: ReservationRequest, _ number: UInt64) {
            let reservation = id(number)
            guard case .done = take(.reserve(reservation, request, user, nil)) else { return }
            if state.waiters[reservation] != nil {
                promised[reservation] = state.standing(of: reservation, clock)?.expected
            }
            // As the agent does within a second, for those who are far behind.
            _ = take(.admit(depth: 1000))
            if isGreedy { passOver() }
        }

        /// Lets time pass until then: what is over ends and is freed at once.
        mutating func pass(to moment: Int64) {
            while let next = state.nextDeadline, next <= moment {
                now = next
                _ = take(.tick)
                for reservation in state.reservations.values.filter({ !$0.isLive }).map(\.id).sorted() {
                    _ = take(.noteFreed(reservation, nil))
                }
                _ = take(.admit(depth: 1000))
                if isGreedy { passOver() }
            }
            now = moment
        }

        private mutating func passOver() {
            for reservation in state.inOrder(at: now).dropFirst() {
                guard let request = reservation.waiting?.request else { continue }
                guard let capacity = state.capacity else { continue }
                var without = TestHost.state(capacity)
                without.restore(Array(state.reservations.values), nil)
                let decision = without.decide(.reserve(reservation.id, request, user, nil), clock)
                for case .granted(let granted) in decision.changes { apply(.granted(granted)) }
            }
        }
    }

    private func run(
        _ generator: inout SeededGenerator, hasUnits: Bool = false, isGreedy: Bool = false
    ) throws -> Run {
        var run = Run(state: TestHost.state(try TestHost.capacity()))
        run.isGreedy = isGreedy
        for number in 1...120 {
            run.pass(to: run.now + .random(in: 0...4000, using: &generator))
            var asks = [Ask(.cpu, amount: Quantity(.random(in: 500...8000, using: &generator)))]
            if Bool.random(using: &generator) {
                asks.append(Ask(.memory, amount: Quantity(.random(in: 1...1000, using: &generator))))
            }
            if hasUnits, Int.random(in: 0..<3, using: &generator) == 0 {
                asks.append(Ask(.gpu, amount: Quantity(.random(in: 1...2, using: &generator) * 1000)))
            }
            let request = ReservationRequest(
                resources: Resources(asks), lease: .seconds(Int64.random(in: 1...20, using: &generator)),
                wait: .seconds(100_000))
            run.arrive(request, UInt64(number))
        }
        run.pass(to: run.now + 10_000_000)
        return run
    }

    @Test("is granted when it was promised or before, and everybody in the end")
    func promises() throws {
        var generator = SeededGenerator.named("queue")
        var waited = 0
        for round in 0..<20 {
            let run = try self.run(&generator)
            for (reservation, promise) in run.promised {
                let granted = run.granted[reservation]
                #expect(
                    granted.map { $0 <= promise } == true,
                    "\(reservation) was promised \(promise) and granted \(granted ?? -1), round \(round), \(generator.note)"
                )
            }
            waited += run.promised.count
            #expect(run.state.waiters.isEmpty && run.granted.count == 120, "round \(round), \(generator.note)")
        }
        #expect(waited > 500, "\(waited) waited, \(generator.note)")
    }

    @Test("is granted in the end, of units too")
    func units() throws {
        var generator = SeededGenerator.named("queue units")
        for round in 0..<10 {
            let run = try self.run(&generator, hasUnits: true)
            #expect(run.state.waiters.isEmpty && run.granted.count == 120, "round \(round), \(generator.note)")
        }
    }

    @Test("is seen to be delayed where whoever fits is granted")
    func planted() throws {
        var generator = SeededGenerator.named("queue planted")
        var broken = 0
        for _ in 0..<10 {
            let run = try self.run(&generator, isGreedy: true)
            broken += run.promised.count { reservation, promise in (run.granted[reservation] ?? .max) > promise }
        }
        #expect(broken > 0, "\(generator.note)")
    }

    @Test("waits for a reason: the first of all does not fit")
    func work() throws {
        var generator = SeededGenerator.named("queue work")
        for _ in 0..<20 {
            var state = TestHost.state(try TestHost.capacity())
            for step in 0..<300 {
                let known = state.kept.map(\.id).sorted()
                let some = known.randomElement(using: &generator) ?? id(1)
                let lease: Duration? = Bool.random(using: &generator) ? .seconds(9) : nil
                let request = ReservationRequest(
                    resources: Resources([Ask(.cpu, amount: Quantity(.random(in: 100...8000, using: &generator)))]),
                    lease: lease, wait: .seconds(60))
                let command: Command =
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0, 1: .reserve(id(UInt64(step + 1)), request, user, nil)
                    case 2: .release(some, user)
                    default: .tick
                    }
                state.run(command, at: Int64(step * 100))
                for ended in state.reservations.values.filter({ !$0.isLive }) {
                    state.run(.noteFreed(ended.id, nil), at: Int64(step * 100))
                }
                state.run(.admit(depth: State.admitDepth), at: Int64(step * 100))
                guard let first = state.inOrder(at: Int64(step * 100)).first else { continue }
                let asked = first.waiting?.request.resources[.cpu]?.amount ?? .zero
                #expect(asked > Quantity(8000) - state.holdings.cpu, "\(generator.note), step \(step)")
            }
        }
    }
}
