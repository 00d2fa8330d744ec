import BerthCore
import BerthModel
import Support
import Testing

/// Random gangs that compete with each other and with others, from a printed seed.
@Suite("Gangs that compete") struct GangPropertyTests {
    private struct Run {
        var state: State
        let capacity: Capacity
        var checker: LogChecker
        var log: [(Event.Change, Timestamp)] = []
        var now: Int64 = 0
        /// What was found wrong.
        var problems: [String] = []
        var wholeGangs = 0
        /// Plants a fault: whoever fits is granted, without the rest of its gang.
        var isPiecemeal = false
        var next: UInt64 = 1

        init(isPiecemeal: Bool) throws {
            capacity = try TestHost.capacity()
            state = TestHost.state(capacity)
            checker = LogChecker(capacity)
            self.isPiecemeal = isPiecemeal
        }

        mutating func take(_ command: Command) {
            let time = Timestamp(milliseconds: 1_000_000 + now)
            apply(state.decide(command, Now(wall: time, uptime: now)).changes)
        }

        mutating func apply(_ changes: [Event.Change]) {
            let time = Timestamp(milliseconds: 1_000_000 + now)
            var granted: [GangKey: [ReservationID]] = [:]
            var ended: [GangKey: Int] = [:]
            for change in changes {
                if case .granted(let reservation) = change, let key = reservation.gangKey {
                    granted[key, default: []].append(reservation.id)
                }
                if case .ended(let id, .failed, .gang) = change, let key = state.reservations[id]?.gangKey {
                    ended[key, default: 0] += 1
                }
                state.apply(change, at: time)
                log.append((change, time))
                if let problem = checker.problem(with: change) { problems.append(problem) }
            }
            for (key, ids) in granted {
                let size = state[ids[0]]?.gang?.size
                if ids.count == size { wholeGangs += 1 } else { problems.append("\(key.name) is granted by half") }
            }
            for key in ended.keys where state.reservations.values.contains(where: { $0.isLive && $0.gangKey == key }) {
                problems.append("\(key.name) goes on by half")
            }
        }

        mutating func admit() {
            guard isPiecemeal else { return take(.admit(depth: 1000)) }
            for waiter in state.waiters.all.sorted(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) {
                guard var request = waiter.waiting?.request else { continue }
                request.gang = nil
                request.wait = nil
                var alone = TestHost.state(capacity)
                alone.restore(Array(state.reservations.values), nil)
                let caller = Caller(user: waiter.user, isAdmin: false, caps: Caps())
                let time = Timestamp(milliseconds: 1_000_000 + now)
                let decision = alone.decide(.reserve(waiter.id, request, caller, nil), Now(wall: time, uptime: now))
                for case .granted(var granted) in decision.changes {
                    granted.gang = waiter.gang
                    apply([.granted(granted)])
                }
            }
        }

        mutating func arrive(_ generator: inout SeededGenerator) {
            let number = Int.random(in: 0..<6, using: &generator)
            var asks = [Ask(.cpu, amount: Quantity(.random(in: 1...5, using: &generator) * 800))]
            if Bool.random(using: &generator) {
                asks.append(Ask(.memory, amount: Quantity(.random(in: 1...400, using: &generator))))
            }
            if Int.random(in: 0..<4, using: &generator) == 0 { asks.append(Ask(.gpu, amount: Quantity(1000))) }
            if Int.random(in: 0..<4, using: &generator) == 0 {
                asks[0].exclusive = true
                asks[0].amount = Quantity(1000)
            }
            var request = ReservationRequest(
                resources: Resources(asks),
                lease: Bool.random(using: &generator) ? .seconds(Int.random(in: 1...20, using: &generator)) : nil,
                wait: .seconds(Int.random(in: 0..<5, using: &generator) == 0 ? 20 : 1_000_000))
            if Int.random(in: 0..<4, using: &generator) > 0 {
                request.gang = Gang(id: "g\(number)", size: 2 + number % 3)
            }
            let caller = Caller(user: UInt32(1 + number % 2), isAdmin: false, caps: Caps())
            take(.reserve(id(next), request, caller, nil))
            next += 1
        }

        /// Whether all of its gang run too, without which it does not come to its end.
        func canFinish(_ reservation: Reservation) -> Bool {
            guard let gang = reservation.gang, let key = reservation.gangKey else { return true }
            let waits = state.waiters.all.contains { $0.gangKey == key }
            // What runs by half here was never whole.
            return !waits && !(isPiecemeal && state.reservations.values.count { $0.gangKey == key } < gang.size)
        }

        /// Frees what has ended, and lets what can finish do so.
        mutating func finish() {
            for reservation in state.reservations.values.sorted(by: { $0.id < $1.id }) {
                if reservation.isLive, canFinish(reservation) { take(.release(reservation.id, admin)) }
            }
            for reservation in state.reservations.values.sorted(by: { $0.id < $1.id }) where !reservation.isLive {
                take(.noteFreed(reservation.id, nil))
            }
            admit()
        }

        /// The complete gangs that still wait.
        var stuck: Int { state.waiters.all.count { !state.waiters.gang(of: $0).isEmpty || $0.gang == nil } }
    }

    private func run(_ generator: inout SeededGenerator, isPiecemeal: Bool = false) throws -> Run {
        var run = try Run(isPiecemeal: isPiecemeal)
        for _ in 0..<250 {
            run.now += .random(in: 0...1500, using: &generator)
            let some = run.state.kept.map(\.id).sorted().randomElement(using: &generator) ?? id(0)
            switch Int.random(in: 0..<13, using: &generator) {
            case 0..<5: run.arrive(&generator)
            case 5..<8:
                let held = run.state.reservations.keys.sorted().randomElement(using: &generator) ?? some
                run.take(.release(held, admin))
                run.take(.noteFreed(held, nil))
            case 8..<10: run.take(.noteFreed(some, nil))
            case 10 where run.state.reservations[some]?.receipts.isEmpty == true:
                run.take(.noteUnenforced(some, [Receipt(.cpu, status: .unsupported)], reason: "no"))
            case 11: run.take(.noteAttachFailed(some))
            default: run.take(.tick)
            }
            run.admit()
        }
        for _ in 0..<400 where run.stuck > 0 {
            run.now += 1
            run.finish()
        }
        return run
    }

    @Test("are never granted by half, overbook nothing, and all that are complete are granted in the end")
    func random() throws {
        var generator = SeededGenerator.named("gangs")
        var whole = 0
        for round in 0..<30 {
            let run = try run(&generator)
            #expect(run.problems == [], "round \(round), \(generator.note)")
            #expect(run.stuck == 0, "\(run.stuck) wait for ever, round \(round), \(generator.note)")
            let replayed = try State.replaying(run.log, on: run.capacity)
            for reservation in run.state.reservations.values {
                #expect(replayed.reservations[reservation.id] == reservation, "\(generator.note)")
            }
            #expect(replayed.holdings == run.state.holdings, "\(generator.note)")
            #expect(Set(replayed.waiters.all.map(\.id)) == Set(run.state.waiters.all.map(\.id)))
            let moment = Now(wall: Timestamp(milliseconds: 1_000_000 + run.now), uptime: run.now)
            #expect(replayed.standings(moment) == run.state.standings(moment))
            whole += run.wholeGangs
        }
        #expect(whole > 100, "\(whole) gangs were granted, \(generator.note)")
    }

    @Test("are seen to wait for each other for ever where their members are granted one by one")
    func planted() throws {
        var generator = SeededGenerator.named("gangs planted")
        var (halves, stuck) = (0, 0)
        for _ in 0..<60 where halves == 0 || stuck == 0 {
            let run = try run(&generator, isPiecemeal: true)
            halves += run.problems.count { $0.hasSuffix("granted by half") }
            stuck += run.stuck
        }
        #expect(halves > 0 && stuck > 0, "\(halves) granted by half, \(stuck) stuck, \(generator.note)")
    }
}
