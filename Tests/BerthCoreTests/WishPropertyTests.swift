import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Random requests from a printed seed; what each of them must be granted.
@Suite("Whatever will do") struct WishPropertyTests {
    private static let capped = Caller(
        user: 3, isAdmin: false,
        caps: Caps(quantities: [.cpu: Quantity(3000), .memory: Quantity(300), .gpu: Quantity(2000)]))

    @Test("the first choice that fits is granted, as much as there is of it, where it may lie")
    func random() throws {
        var generator = SeededGenerator.named("wishes")
        var seen: [String: Int] = [:]
        for _ in 0..<30 {
            let capacity = try WishDrawing.capacity(
                reservedCPU: .random(in: 0...1500, using: &generator), cpu: .random(in: 4000...8000, using: &generator))
            var state = TestHost.state(capacity)
            var log: [(Event.Change, Timestamp)] = []
            for step in 0..<300 {
                let now = Now(wall: Timestamp(milliseconds: Int64(step)), uptime: Int64(step))
                let command = command(&generator, state)
                let decision = state.decide(command, now)
                let problems = problems(command, decision, state, capacity)
                #expect(problems.isEmpty, "\(generator.note), step \(step): \(problems) by \(command)")
                if !problems.isEmpty { return }
                for change in decision.changes {
                    count(change, decision, &seen)
                    state.apply(change, at: now.wall)
                    log.append((change, now.wall))
                }
                for reservation in state.reservations.values {
                    #expect(WishOracle.problems(reservation) == [], "\(generator.note), step \(step)")
                }
            }
            let replayed = try State.replaying(log, on: capacity)
            #expect(replayed.reservations == state.reservations, "\(generator.note)")
        }
        // A drawing that is refused whatever it asks proves nothing.
        for kind in ["whole", "partial", "alternative", "near", "apart", "grown", "shrunk"] {
            #expect(seen[kind] ?? 0 > 50, "\(kind) came \(seen[kind] ?? 0) times, \(generator.note)")
        }
    }

    private func count(_ change: Event.Change, _ decision: Decision, _ seen: inout [String: Int]) {
        switch change {
        case .granted(let reservation):
            seen[reservation.state == .partial ? "partial" : "whole", default: 0] += 1
            if reservation.alternative != nil { seen["alternative", default: 0] += 1 }
            if !reservation.affinity.isEmpty { seen["near", default: 0] += 1 }
            if !reservation.antiAffinity.isEmpty { seen["apart", default: 0] += 1 }
        case .resized:
            guard case .resize(_, let former, let grant)? = decision.effects.first else { return }
            seen[former.meet(grant) == former ? "grown" : "shrunk", default: 0] += 1
        default: break
        }
    }

    private func command(_ generator: inout SeededGenerator, _ state: State) -> Command {
        let some = state.reservations.keys.sorted().randomElement(using: &generator) ?? id(999)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0..<6:
            let caller = [user, user, other, Self.capped, admin].randomElement(using: &generator) ?? user
            return .reserve(
                id(.random(in: 1...1 << 40, using: &generator)), WishDrawing.request(&generator, state), caller, nil)
        case 6..<9: return .release(some, admin)
        case 9: return .resize(some, ResourceChange(parts: [], storage: []), admin)
        case 10:
            let type = state.reservations[some]?.grant.holds.randomElement(using: &generator)?.type ?? .pids
            let ask = WishDrawing.ask(type, &generator)
            let part = ResourceChange.Part(type: type, amount: ask.amount, minimum: ask.minimum ?? ask.amount)
            return .resize(some, ResourceChange(parts: [part], storage: []), admin)
        default: return .noteFreed(some, nil)
        }
    }

    private func problems(
        _ command: Command, _ decision: Decision, _ state: State, _ capacity: Capacity
    ) -> [String] {
        switch command {
        case .reserve(_, let request, let caller, _):
            let oracle = WishOracle(others: Array(state.reservations.values), capacity: capacity, caller: caller)
            var granted: Reservation?
            for case .granted(let reservation) in decision.changes { granted = reservation }
            return oracle.problems(request, granted)
        case .resize(let id, let change, let caller):
            guard let reservation = state.reservations[id], reservation.isLive, reservation.affinity.isEmpty,
                reservation.antiAffinity.isEmpty, reservation.grant[.cpu]?.cpus == nil,
                let resources = try? change.resolved(over: reservation.grant.resources)
            else { return [] }
            let oracle = WishOracle(
                others: state.reservations.values.filter { $0.id != id }, capacity: capacity, caller: caller)
            guard let amounts = oracle.amounts(resources, WishOracle.Place()) else {
                return decision.answer.refusal == nil ? ["it does not fit, and is resized"] : []
            }
            if decision.answer.refusal != nil { return ["it fits, and is not resized"] }
            var grant = reservation.grant
            for case .resized(_, let resized) in decision.changes { grant = resized }
            return resources.asks.filter { grant[$0.type]?.amount.units != amounts[$0.type] }.map {
                "\(grant[$0.type]?.amount.units ?? 0) of \($0.type) is held, and \(amounts[$0.type] ?? 0) fits"
            }
        default: return []
        }
    }
}

// MARK: - Planted bugs

extension WishPropertyTests {
    /// What is seen in a decision that a bug has made: on a host where user 1 holds half of everything, for a request that
    /// asks for more than the rest of it.
    private static func seen(
        _ request: ReservationRequest, caller: Caller = user, _ plant: (inout Reservation) -> Void
    ) throws -> [String] {
        let capacity = try WishDrawing.capacity()
        var state = TestHost.state(capacity)
        state.reserve(
            1, [Ask(.cpu, amount: Quantity(4000), exclusive: true), Ask(.pids, amount: Quantity(250))],
            lease: .seconds(60),
            labels: ["app": "a"])
        let oracle = WishOracle(others: Array(state.reservations.values), capacity: capacity, caller: caller)
        let decision = state.decide(
            .reserve(id(2), request, caller, nil), Now(wall: Timestamp(milliseconds: 0), uptime: 0))
        guard case .granted(var reservation)? = decision.changes.first else { return ["nothing is granted"] }
        let before = oracle.problems(request, reservation)
        guard before.isEmpty else { return ["seen without a bug: \(before)"] }
        plant(&reservation)
        return oracle.problems(request, reservation)
    }

    private static func request(_ ask: Ask, or alternatives: [Ask] = []) -> ReservationRequest {
        var request = ReservationRequest(resources: Resources([ask]))
        request.alternatives = alternatives.map { Resources([$0]) }
        return request
    }

    @Test("less than fits is seen, and more")
    func amounts() throws {
        let request = Self.request(Ask(.pids, amount: Quantity(400), minimum: Quantity(10)))
        for bug in [249, 251] as [Int64] {
            let seen = try Self.seen(request) { $0.grant.holds[0].amount = Quantity(bug) }
            #expect(seen == ["\(bug) of pids is granted, and 250 fits"])
        }
    }

    @Test("less than the minimum, and a state that is not so, are seen")
    func state() throws {
        let request = Self.request(Ask(.pids, amount: Quantity(400), minimum: Quantity(10)))
        #expect(try Self.seen(request) { $0.state = .confirmed } == ["it is confirmed, and holds a part"])
        #expect(
            try Self.seen(request) { $0.grant.holds[0].minimum = Quantity(251) } == ["pids is less than the minimum"])
        let whole = Self.request(Ask(.pids, amount: Quantity(20), minimum: Quantity(10)))
        #expect(try Self.seen(whole) { $0.state = .partial } == ["it is partial, and holds all"])
    }

    @Test("a choice after the first that fits is seen, and a refusal of one that fits")
    func choice() throws {
        let request = Self.request(Ask(.pids, amount: Quantity(251)), or: [Ask(.pids, amount: Quantity(250))])
        #expect(try Self.seen(request) { $0.alternative = nil } == ["choice 1 fits, and 0 is granted"])
        let oracle = WishOracle(others: [], capacity: try WishDrawing.capacity(), caller: user)
        #expect(oracle.problems(request, nil) == ["choice 0 fits, and is refused"])
        let tooMuch = Self.request(Ask(.pids, amount: Quantity(501)))
        #expect(oracle.problems(tooMuch, nil) == [])
    }

    @Test("what lies where it must not is seen, and what could lie better")
    func place() throws {
        let unit = Ask(.gpu, amount: Quantity(1000), preferences: ["model": "A"])
        func moved(_ name: String) -> (inout Reservation) -> Void { { $0.grant.holds[0].units[0].name = name } }
        var near = Self.request(unit)
        near.affinity = [Affinity(.labels(["app": "a"]))]
        #expect(
            try Self.seen(near, moved("gpu2")).prefix(2) == [
                "it lies on node 1, where it must not lie", "it holds gpu2, where it must not lie",
            ])
        near.affinity[0].isPreferred = true
        #expect(try Self.seen(near, moved("gpu2")).first == "it lies on node 1, and could lie where it would rather")
        var apart = Self.request(unit)
        apart.antiAffinity = [Affinity(.reservation(id(1)))]
        #expect(try Self.seen(apart, moved("gpu0")).first == "it lies on node 0, where it must not lie")
        #expect(try Self.seen(Self.request(unit), moved("gpu1")) == ["0 GPUs are as preferred, and 1 could be"])
    }

    @Test("what is over a cap is seen")
    func cap() throws {
        let request = Self.request(Ask(.memory, amount: Quantity(400), minimum: Quantity(10)))
        let seen = try Self.seen(request, caller: Self.capped) { reservation in
            reservation.grant.holds[0].amount = Quantity(400)
            reservation.grant.holds[0].asked = nil
            reservation.state = .confirmed
        }
        #expect(seen == ["400 of memory is granted, and 300 fits"])
    }
}
