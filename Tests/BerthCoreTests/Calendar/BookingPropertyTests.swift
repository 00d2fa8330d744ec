import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Random requests on a virtual clock, from a printed seed: what is promised for later is granted then.
@Suite("Whatever is asked meanwhile") struct BookingPropertyTests {
    private struct Run {
        var state: State
        let capacity: Capacity
        var checker: LogChecker
        var log: [(Event.Change, Timestamp)] = []
        var now: Int64 = 0
        /// The starts that were promised and not given back, and when each was granted.
        var promised: [ReservationID: Int64] = [:]
        var granted: [ReservationID: Int64] = [:]
        var problems: [String] = []
        /// Plants a fault: what is promised keeps nobody from anything.
        var isForgetful = false

        var clock: Now { Now(wall: Timestamp(milliseconds: 1_000_000 + now), uptime: now) }

        init(_ capacity: Capacity) {
            self.capacity = capacity
            state = TestHost.state(capacity)
            checker = LogChecker(capacity)
        }

        mutating func take(_ command: Command) {
            var deciding = state
            if isForgetful, case .reserve(_, let request, _, _) = command, request.start == nil {
                deciding = TestHost.state(capacity)
                deciding.restore(state.kept.filter { $0.start == nil || $0.isLive }, nil)
            }
            for change in deciding.decide(command, clock).changes {
                if case .granted(let reservation) = change { granted[reservation.id] = now }
                if case .queued(let reservation) = change, let start = reservation.start {
                    promised[reservation.id] = start.milliseconds - 1_000_000
                }
                state.apply(change, at: clock.wall)
                log.append((change, clock.wall))
                if let problem = checker.problem(with: change) { problems.append(problem) }
            }
        }

        mutating func release(_ reservation: ReservationID) {
            if state.waiters[reservation] != nil { promised[reservation] = nil }
            take(.release(reservation, admin))
            settle()
        }

        /// What has ended is freed at once, and others get it.
        mutating func settle() {
            for reservation in state.reservations.values.filter({ !$0.isLive }).map(\.id).sorted() {
                take(.noteFreed(reservation, nil))
            }
            take(.admit(depth: 1000))
        }

        mutating func pass(to moment: Int64) {
            while let next = state.nextMoment(clock), next <= moment {
                now = max(next, now)
                take(.tick)
                settle()
            }
            now = moment
        }
    }

    private func asks(_ generator: inout SeededGenerator) -> [Ask] {
        var asks: [Ask] = []
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: asks.append(Ask(.cpu, amount: Quantity(.random(in: 1...2, using: &generator) * 2000), exclusive: true))
        default: asks.append(Ask(.cpu, amount: Quantity(.random(in: 100...6000, using: &generator))))
        }
        if Bool.random(using: &generator) {
            let numa: [String: Constraint] = Bool.random(using: &generator) ? ["numa": 1] : [:]
            asks.append(Ask(.memory, amount: Quantity(.random(in: 1...400, using: &generator)), constraints: numa))
        }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: asks.append(Ask(.gpu, amount: Quantity(.random(in: 1...2, using: &generator) * 1000)))
        case 1: asks.append(Ask(.gpu, amount: Quantity(.random(in: 100...900, using: &generator))))
        case 2: asks.append(Ask(.pids, amount: Quantity(.random(in: 1...400, using: &generator))))
        default: break
        }
        return asks
    }

    private func run(_ generator: inout SeededGenerator, isForgetful: Bool = false) throws -> Run {
        var run = Run(try TestHost.capacity())
        run.isForgetful = isForgetful
        for number in 1...150 as ClosedRange<UInt64> {
            run.pass(to: run.now + .random(in: 0...3000, using: &generator))
            let live = run.state.kept.map(\.id).sorted()
            let some = live.randomElement(using: &generator) ?? id(0)
            var request = ReservationRequest(resources: Resources(asks(&generator)))
            let lease = Duration.milliseconds(Int64.random(in: 500...20_000, using: &generator))
            switch Int.random(in: 0..<12, using: &generator) {
            case 0..<4:
                request.lease = lease
                request.start = run.clock.wall + .milliseconds(Int64.random(in: 1...60_000, using: &generator))
                run.take(.reserve(id(number), request, user, nil))
            case 4..<7:
                request.lease = lease
                if Bool.random(using: &generator) { request.wait = .seconds(60) }
                run.take(.reserve(id(number), request, other, nil))
            case 7:
                if Bool.random(using: &generator) { request.wait = .seconds(60) }
                run.take(.reserve(id(number), request, other, nil))
            case 8: run.take(.renew(some, lease, admin))
            case 9:
                guard let change = try? ResourceChange.reader.read(["cpu": 3, "memory": 90]) else { continue }
                run.take(.resize(some, change, admin))
            default: run.release(some)
            }
            run.settle()
        }
        run.pass(to: run.now + 10_000_000)
        return run
    }

    @Test("it is granted at its start, nothing is overbooked at any moment, and a replay makes the same state")
    func promises() throws {
        var generator = SeededGenerator.named("bookings")
        var kept = 0
        for round in 0..<60 {
            let run = try self.run(&generator)
            for (reservation, start) in run.promised {
                #expect(
                    run.granted[reservation] == start,
                    "\(reservation) for \(start): \(run.granted[reservation] ?? -1), round \(round), \(generator.note)")
            }
            kept += run.promised.count
            #expect(run.problems.isEmpty, "\(run.problems.first ?? "") round \(round), \(generator.note)")
            let replayed = try State.replaying(run.log, on: run.capacity)
            #expect(replayed.reservations == run.state.reservations && replayed.holdings == run.state.holdings)
            #expect(replayed.nextMoment(run.clock) == run.state.nextMoment(run.clock), "\(generator.note)")
        }
        #expect(kept > 600, "\(kept) were promised, \(generator.note)")
    }

    @Test("a core that forgets what is promised is seen to break it")
    func planted() throws {
        var generator = SeededGenerator.named("bookings planted")
        var broken = 0
        for _ in 0..<10 {
            let run = try self.run(&generator, isForgetful: true)
            broken += run.promised.count { reservation, start in run.granted[reservation] != start }
        }
        #expect(broken > 0, "\(generator.note)")
    }
}
