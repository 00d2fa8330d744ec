import BerthModel
import Support
import Testing

@testable import BerthCore

/// Random requests of random priorities on a virtual clock, from a printed seed: who goes for whom, and for what.
@Suite("Whoever has others go") struct PreemptionPropertyTests {
    /// What is planted to see it noticed.
    private enum Fault {
        /// One goes that is of no lower priority.
        case equal
        /// One goes without whom it would be granted as well.
        case needless
        /// One goes though that does not help.
        case vain
        /// Another goes than the one that loses least.
        case costly
        /// What was freed goes to others.
        case stolen
    }

    /// One run: what is asked arrives one after the other, what ends is freed a little later.
    private struct Run {
        var state: State
        var now: Int64 = 0
        var log: [(Event.Change, Timestamp)] = []
        /// What was seen to be wrong, and how many had to go.
        var problems: [String] = []
        var went = 0
        /// Those for whom others go, and by when.
        var awaited: [ReservationID: Int64] = [:]
        /// When what has ended is freed.
        var frees: [ReservationID: Int64] = [:]
        var fault: Fault?

        var clock: Now { Now(wall: Timestamp(milliseconds: 1_000_000 + now), uptime: now) }

        mutating func take(_ command: Command) {
            let before = state
            var decision = state.decide(command, clock)
            plant(&decision)
            for change in decision.changes {
                state.apply(change, at: clock.wall)
                log.append((change, clock.wall))
                switch change {
                case .ended(let id, _, _): if state.reservations[id] != nil { frees[id] = now + 3000 }
                case .granted(let reservation): awaited[reservation.id] = nil
                case .freed(let id, _): awaited[id] = nil
                // It was to be gone by then, and others were let in for that.
                case .renewed(_, _, _, let deadline): awaited = awaited.mapValues { max($0, deadline) }
                default: break
                }
            }
            check(decision, before)
            let held = state.holdings
            if held.cpu > Quantity(8000) || held.memory > Quantity(1000) || held[.gpu] > Quantity(2000) {
                problems.append("overbooked at \(now)")
            }
        }

        /// Who goes is of lower priority, and without any of them the one they go for would not be granted.
        private mutating func check(_ decision: Decision, _ before: State) {
            var victims: [ReservationID: [ReservationID]] = [:]
            var order: [ReservationID] = []
            var last = (frees.values.max() ?? 0) - 3000
            for held in before.reservations.values where held.isLive && held.preemption != nil {
                last = max(last, held.deadline ?? 0)
            }
            for case .preempted(let id, let preemption, let deadline) in decision.changes {
                if victims[preemption.by] == nil { order.append(preemption.by) }
                victims[preemption.by, default: []].append(id)
                // What goes for others already, or ends, is counted on too.
                last = max(last, deadline)
                awaited[preemption.by] = last
            }
            // Of those who come after one another in one look, the later see what became of the earlier.
            var before = before
            for preemptor in order {
                let victims = victims[preemptor] ?? []
                defer {
                    for case .queued(let waiter) in decision.changes where waiter.id == preemptor {
                        before.apply(.queued(waiter), at: clock.wall)
                    }
                    for change in decision.changes {
                        if case .preempted(_, let preemption, _) = change, preemption.by == preemptor {
                            before.apply(change, at: clock.wall)
                        }
                    }
                }
                went += victims.count
                guard let waiter = state.waiters[preemptor], let waiting = waiter.waiting else {
                    problems.append("\(victims.count) go for \(preemptor), which does not wait")
                    continue
                }
                let gone = victims.compactMap { before.reservations[$0] }
                if gone.contains(where: { $0.priority >= waiter.priority || $0.preemption != nil || !$0.isLive }) {
                    problems.append("one goes for \(preemptor) that need not")
                }
                // By sums alone, in other code than the core's: with all of them gone it fits, and without any one not.
                var rest = Run.rest(before, besides: gone.map(\.id), and: preemptor)
                if !Run.fits(waiting.request, rest) { problems.append("they go for \(preemptor) in vain") }
                // What is meant for those before it is not to be had.
                for other in before.waiters.all
                where other.waiting?.nominatedAt == nil && Run.goes(other, before: waiter) {
                    if let asked = other.waiting?.request.resources { rest.add(asked) }
                }
                if let cheaper = cheaper(than: gone, for: waiter, waiting.request, beside: rest, before) {
                    problems.append("\(gone.map(\.id)) go for \(preemptor), and \(cheaper) would lose less")
                }
                for one in gone {
                    var kept = rest
                    kept.add(one.grant)
                    if Run.fits(waiting.request, kept) {
                        problems.append("\(one.id) goes for \(preemptor) without need")
                    }
                }
            }
        }

        /// Others with whom gone it would fit, and who lose less: of all sets of all who may go.
        private func cheaper(
            than gone: [Reservation], for waiter: Reservation, _ request: ReservationRequest, beside rest: Sums,
            _ state: State
        ) -> [ReservationID]? {
            let all = state.reservations.values.filter {
                $0.isLive && $0.preemption == nil && $0.priority < waiter.priority
            }.sorted { $0.id < $1.id }
            guard all.count <= 8 else { return nil }
            var held = rest
            for one in gone { held.add(one.grant) }
            let most = toll(of: gone)
            for bits in 1..<(1 << all.count) {
                let victims = all.indices.filter { bits >> $0 & 1 == 1 }.map { all[$0] }
                var kept = held
                for one in victims { kept.remove(one.grant) }
                // What rounding makes is no difference.
                guard Run.fits(request, kept), toll(of: victims).isLess(than: most) else { continue }
                return victims.map(\.id)
            }
            return nil
        }

        /// How many of each priority go and what these lose, the highest first.
        private struct Toll {
            var parts: [(count: Int, lost: Double)]

            func isLess(than other: Toll) -> Bool {
                for (one, two) in zip(parts, other.parts) {
                    if (one.count > 0) != (two.count > 0) { return one.count == 0 }
                    if abs(one.lost - two.lost) > 1e-9 * max(one.lost, two.lost) { return one.lost < two.lost }
                    if one.count != two.count { return one.count < two.count }
                }
                return false
            }
        }

        private func toll(of victims: [Reservation]) -> Toll {
            Toll(
                parts: stride(from: 2, through: -2, by: -1).map { priority in
                    let own = victims.filter { $0.priority == priority }
                    let lost = own.map { one in
                        var sums = Sums()
                        sums.add(one.grant)
                        let since = (one.grantedAt ?? one.createdAt).milliseconds
                        return sums.share * Double(clock.wall.milliseconds - since)
                    }
                    return (own.count, lost.reduce(0, +))
                })
        }

        /// What is held when all that end or go have gone and those for whom they go have got theirs, by sums.
        private static func rest(_ state: State, besides gone: [ReservationID], and preemptor: ReservationID) -> Sums {
            var sums = Sums()
            let all = state.reservations.values
            for held in all where held.isLive && held.preemption == nil && !gone.contains(held.id) {
                sums.add(held.grant)
            }
            let since = state.waiters[preemptor]?.waiting?.nominatedAt
            for waiter in state.waiters.all where waiter.id != preemptor {
                // What became free for those that others went for later goes to it first.
                guard let waiting = waiter.waiting, let nominatedAt = waiting.nominatedAt,
                    since.map({ nominatedAt <= $0 }) ?? true
                else { continue }
                sums.add(waiting.request.resources)
            }
            return sums
        }

        private static func goes(_ one: Reservation, before other: Reservation) -> Bool {
            func rank(_ one: Reservation) -> (Int64, Int64, ReservationID) {
                let since = one.createdAt.milliseconds
                return (since - Int64(one.priority) * Policy.standardAgeing, since, one.id)
            }
            return rank(one) < rank(other)
        }

        private static func fits(_ request: ReservationRequest, _ sums: Sums) -> Bool {
            var (sums, own) = (sums, Sums())
            sums.add(request.resources)
            own.add(request.resources)
            // What it does not ask for others may wait for.
            return (own.cpu == 0 || sums.cpu <= 8000) && (own.memory == 0 || sums.memory <= 1000)
                && (own.gpu == 0 || sums.gpu <= 2000)
        }

        private struct Sums {
            var cpu: Int64 = 0
            var memory: Int64 = 0
            var gpu: Int64 = 0

            /// The largest part that it is of any one thing.
            var share: Double { max(Double(cpu) / 8000, Double(memory) / 1000, Double(gpu) / 2000) }

            mutating func add(_ grant: Grant) { for hold in grant.holds { add(hold.type, hold.amount) } }

            mutating func remove(_ grant: Grant) {
                for hold in grant.holds { add(hold.type, .zero - hold.amount) }
            }

            mutating func add(_ resources: Resources) { for ask in resources.asks { add(ask.type, ask.amount) } }

            private mutating func add(_ type: ResourceType, _ amount: Quantity) {
                switch type {
                case .cpu: cpu += amount.units
                case .memory: memory += amount.units
                default: gpu += amount.units
                }
            }
        }

        private mutating func plant(_ decision: inout Decision) {
            guard let fault else { return }
            var by: ReservationID?
            for case .preempted(_, let preemption, _) in decision.changes { by = preemption.by }
            func notice(_ id: ReservationID, by: ReservationID) -> Event.Change {
                .preempted(id, Preemption(by: by, at: clock.wall), deadline: now + 10_000)
            }
            let spared = state.reservations.values.filter { $0.isLive && $0.preemption == nil }.sorted { $0.id < $1.id }
            switch fault {
            case .equal:
                guard let by, let waiter = decision.waiter(by) ?? state.waiters[by] else { return }
                if let one = spared.first(where: { $0.priority >= waiter.priority }) {
                    decision.changes.append(notice(one.id, by: by))
                }
            case .needless:
                guard let by else { return }
                let victims = decision.changes.compactMap { if case .preempted(let id, _, _) = $0 { id } else { nil } }
                if let one = spared.first(where: { !victims.contains($0.id) }) {
                    decision.changes.append(notice(one.id, by: by))
                }
            case .vain:
                guard by == nil, case .queued(let waiter)? = decision.changes.first else { return }
                let lower = spared.first { $0.priority < waiter.priority }
                if let lower { decision.changes.append(notice(lower.id, by: waiter.id)) }
            case .costly:
                guard let by, let waiter = decision.waiter(by) ?? state.waiters[by] else { return }
                let victims = decision.changes.indices.filter {
                    if case .preempted = decision.changes[$0] { true } else { false }
                }
                guard victims.count == 1, let place = victims.first,
                    case .preempted(let victim, _, _) = decision.changes[place],
                    let one = spared.last(where: { one in
                        one.id != victim && one.priority < waiter.priority
                            && state.reservations[victim]?.grant.holds.allSatisfy {
                                one.grant[$0.type]?.amount ?? .zero > $0.amount
                            } == true
                    })
                else { return }
                decision.changes[place] = notice(one.id, by: by)
            case .stolen:
                for (index, change) in decision.changes.enumerated() {
                    guard case .preempted(let id, _, let deadline) = change else { continue }
                    // Nobody is named, so nobody's is what becomes free.
                    decision.changes[index] = .preempted(
                        id, Preemption(by: BerthCoreTests.id(1 << 50), at: clock.wall), deadline: deadline)
                    awaited[by ?? id] = deadline
                }
            }
        }

        /// Lets time pass until then. Those for whom others went have got theirs when these have gone.
        mutating func pass(to moment: Int64) {
            while true {
                let next = [state.nextDeadline, frees.values.min()].compactMap { $0 }.min()
                guard let next, next <= moment else { break }
                now = max(now, next)
                for id in frees.filter({ $0.value <= now }).keys.sorted() {
                    frees[id] = nil
                    take(.noteFreed(id, nil))
                }
                take(.tick)
                take(.admit(depth: 1000))
                seeGranted()
            }
            now = moment
        }

        private mutating func seeGranted() {
            // They take three seconds to be gone, as does what others passed with until then.
            for (id, deadline) in awaited where now > deadline + 3000 + 3000 {
                problems.append("\(id) was to be granted by \(deadline + 3000), and waits at \(now)")
                awaited[id] = nil
            }
        }
    }

    private func run(_ generator: inout SeededGenerator, _ fault: Fault? = nil) throws -> Run {
        var run = Run(state: TestHost.state(try TestHost.capacity()))
        run.fault = fault
        for number in 1...150 {
            run.pass(to: run.now + .random(in: 0...4000, using: &generator))
            var asks = [Ask(.cpu, amount: Quantity(.random(in: 1...60, using: &generator) * 100))]
            if Bool.random(using: &generator) {
                asks.append(Ask(.memory, amount: Quantity(.random(in: 1...600, using: &generator))))
            }
            if Int.random(in: 0..<3, using: &generator) == 0 {
                asks.append(Ask(.gpu, amount: Quantity(.random(in: 1...2, using: &generator) * 1000)))
            }
            let mayPreempt = Bool.random(using: &generator)
            var request = ReservationRequest(
                resources: Resources(asks),
                lease: Bool.random(using: &generator) ? .seconds(Int.random(in: 1...40, using: &generator)) : nil,
                end: .released, strategy: mayPreempt ? .priority : nil,
                wait: Bool.random(using: &generator) ? .seconds(Int.random(in: 1...60, using: &generator)) : nil,
                priority: .random(in: -2...2, using: &generator))
            if Int.random(in: 0..<3, using: &generator) == 0 {
                let most = request.lease.map { Int($0.milliseconds / 1000) - 1 } ?? 30
                let before = most > 0 ? Int.random(in: 1...most, using: &generator) : nil
                request.warning = before.map { Warning(.user1, before: .seconds($0)) }
            }
            request.isRequeued = Int.random(in: 0..<3, using: &generator) == 0
            let caller = [user, other].randomElement(using: &generator) ?? user
            run.take(.reserve(id(UInt64(number)), request, caller, nil))
            run.take(.admit(depth: 1000))
            let known = run.state.reservations.keys.sorted()
            guard let some = known.randomElement(using: &generator) else { continue }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: run.take(.release(some, admin))
            case 1: run.take(.renew(some, .seconds(Int.random(in: 1...40, using: &generator)), admin))
            case 2:
                let process = ProcessIdentity(pid: .random(in: 1...5, using: &generator), startTicks: 1, boot: "b")
                run.take(.noteAttached(some, process))
            default: break
            }
        }
        return run
    }

    @Test("has only lower priorities go, as few as must, never in vain, and is granted when they have gone")
    func promises() throws {
        var generator = SeededGenerator.named("preemption")
        var went = 0
        for round in 0..<20 {
            let run = try self.run(&generator)
            #expect(run.problems == [], "round \(round), \(generator.note)")
            went += run.went
            let replayed = try State.replaying(run.log, on: try TestHost.capacity())
            let isSame = replayed.reservations == run.state.reservations && replayed.holdings == run.state.holdings
            #expect(isSame && replayed.nextDeadline == run.state.nextDeadline, "round \(round), \(generator.note)")
            let waitSame = Set(replayed.waiters.all) == Set(run.state.waiters.all)
            #expect(waitSame, "round \(round), \(generator.note)")
            #expect(replayed.preemptions.going.sorted() == run.state.preemptions.going.sorted(), "\(generator.note)")
        }
        #expect(went > 100, "\(went) went, \(generator.note)")
    }

    @Test(
        "is seen to be wrong where that is planted",
        arguments: [Fault.equal, .needless, .vain, .costly, .stolen])
    private func planted(_ fault: Fault) throws {
        var generator = SeededGenerator.named("preemption planted")
        var problems: [String] = []
        for _ in 0..<20 where problems.isEmpty { problems = try run(&generator, fault).problems }
        #expect(!problems.isEmpty, "\(fault), \(generator.note)")
    }
}

extension Decision {
    /// One that it queues.
    fileprivate func waiter(_ id: ReservationID) -> Reservation? {
        for case .queued(let reservation) in changes where reservation.id == id { return reservation }
        return nil
    }
}
