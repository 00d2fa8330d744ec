import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Random commands about what plugins provide, from a printed seed; what must hold after each of them.
@Suite("Whatever plugins provide and whoever asks for it") struct ProvidedPropertyTests {
    private static let seat = ResourceType(provided: "a.b/seat") ?? .gpu

    @Test("no unit is held twice or by parts, none is left over, and a replay of the log makes the same state")
    func random() throws {
        var generator = SeededGenerator.named("provided")
        var seen: [String: Int] = [:]
        for round in 0..<20 {
            let capacity = try ProvidedDrawing.capacity()
            var state = TestHost.state(capacity)
            var drawing = ProvidedDrawing()
            var log: [(Event.Change, Timestamp)] = []
            for step in 0..<400 {
                let now = Now(wall: Timestamp(milliseconds: Int64(step * 500)), uptime: Int64(step * 500))
                let command = drawing.command(&generator, state)
                let decision = state.decide(command, now)
                drawing.note(command, decision)
                var problems: [String] = []
                for change in decision.changes {
                    // What a failed resize leads back to may have failed meanwhile.
                    if case .noteResized = command {
                    } else {
                        problems += ProvidedChecker.problems(
                            with: change, of: state.reservations, in: try #require(state.capacity))
                    }
                    seen[change.kind(of: command), default: 0] += 1
                    state.apply(change, at: now.wall)
                    log.append((change, now.wall))
                }
                problems += Self.problems(state, drawing.offered)
                #expect(
                    problems.isEmpty, "\(generator.note), step \(step) of round \(round): \(problems) by \(command)")
                if !problems.isEmpty { return }
            }
            try replay(log, on: capacity, mustMake: state, generator.note)
        }
        // A drawing that is refused whatever it asks proves nothing.
        for kind in ["granted", "resized", "units", "provided", "resized back", "withdrawn", "freed"] {
            #expect(seen[kind] ?? 0 > 50, "\(kind) came \(seen[kind] ?? 0) times, \(generator.note)")
        }
    }

    private func replay(
        _ log: [(Event.Change, Timestamp)], on capacity: Capacity, mustMake state: State, _ note: String
    ) throws {
        let replayed = try State.replaying(log, on: capacity)
        #expect(Self.difference(replayed, state) == nil, "\(note)")
    }

    private static func problems(_ state: State, _ offered: Set<ResourceType>) -> [String] {
        guard let capacity = state.capacity else { return ["there is no capacity"] }
        return ProvidedChecker(
            reservations: Array(state.reservations.values), capacity: capacity, holdings: state.holdings,
            offered: offered
        ).problems
    }

    private static func difference(_ one: State, _ another: State) -> String? {
        if one.reservations != another.reservations { return "the reservations differ" }
        if one.holdings != another.holdings { return "the holdings differ" }
        if one.capacity != another.capacity { return "the units differ" }
        return one.nextDeadline == another.nextDeadline ? nil : "the deadlines differ"
    }
}

// MARK: - Planted bugs

extension ProvidedPropertyTests {
    private static func unit(_ name: String, failure: String? = nil, parent: String? = nil) -> Capacity.Unit {
        Capacity.Unit(name: name, capacity: Quantity(1), failure: failure, parent: parent)
    }

    private static func reservation(_ number: UInt64, _ type: ResourceType, _ names: [String]) -> Reservation {
        let units = names.map { Hold.UnitShare(name: $0, quantity: type.whole) }
        let amount = Quantity(Int64(names.count) * type.whole.units)
        return Reservation(
            id: id(number), user: 1, request: ReservationRequest(resources: Resources()),
            grant: Grant([Hold(type, amount: amount, limit: nil, units: units)]), retry: nil,
            createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
    }

    /// What is wrong after these changes of a host with what `ProvidedDrawing` has, and a plugin with three seats.
    private static func problems(after changes: [Event.Change], offered: Set<ResourceType> = [.gpu, seat]) throws
        -> [String]
    {
        var state = TestHost.state(try ProvidedDrawing.capacity())
        let gpus = [unit("A"), unit("A:0", parent: "A"), unit("C"), unit("C:0", parent: "C")]
        for change in [
            .unitsChanged(.gpu, gpus, gone: [], isProvided: true),
            .unitsChanged(seat, ["s0", "s1", "s2"].map { unit($0) }, gone: [], isProvided: true),
        ] + changes {
            state.apply(change, at: Timestamp(milliseconds: 0))
        }
        return problems(state, offered)
    }

    @Test(
        "two that hold one thing are seen, and two that do not are let be",
        arguments: [
            (["A"], ["A"], true), (["A"], ["A:0"], true), (["A:0"], ["A"], true), (["C/0"], ["C:0"], true),
            (["C:0"], ["C/1"], true), (["C"], ["C/1"], true), (["A", "A"], [], true),
            (["C/0"], ["C/1"], false), (["A:0"], ["C:0"], false), (["A"], ["B"], false),
        ])
    func twice(_ one: [String], _ another: [String], _ isSeen: Bool) throws {
        let problems = try Self.problems(
            after: [.granted(Self.reservation(1, .gpu, one)), .granted(Self.reservation(2, .gpu, another))])
        #expect(problems.contains { $0.contains("is held beside") } == isSeen, "\(problems)")
    }

    @Test("shares of more than a GPU, and a share beside a whole, are seen")
    func shares() throws {
        func problems(_ one: Int64, _ another: Int64) throws -> [String] {
            let changes = [one, another].enumerated().map { place, amount in
                var reservation = Self.reservation(UInt64(place + 1), .gpu, ["A"])
                reservation.grant.holds[0].amount = Quantity(amount)
                reservation.grant.holds[0].units[0].quantity = Quantity(amount)
                return Event.Change.granted(reservation)
            }
            return try Self.problems(after: changes)
        }
        #expect(try problems(500, 500) == [])
        #expect(try problems(500, 501) == ["more than the whole of gpu A is held"])
        #expect(try problems(1000, 10).contains { $0.contains("is held beside") })
    }

    @Test("what is held and there is none of is seen")
    func unknown() throws {
        let held = Event.Change.granted(Self.reservation(1, Self.seat, ["s2"]))
        #expect(try Self.problems(after: [held]) == [])
        let gone = Event.Change.unitsChanged(Self.seat, [], gone: ["s2"], isProvided: true)
        #expect(try Self.problems(after: [held, gone]) == ["a.b/seat s2 is held, and there is none"])
        let none = Event.Change.unitsChanged(Self.seat, [], gone: ["s0", "s1", "s2"], isProvided: true)
        #expect(try Self.problems(after: [held, none]).contains("less than no a.b/seat is free"))
    }

    @Test("what is left over is seen")
    func leftOver() throws {
        var withdrawn = Self.unit("s2", failure: "gone")
        withdrawn.withdrawn = .unit
        let held = Event.Change.granted(Self.reservation(1, Self.seat, ["s2"]))
        let change = Event.Change.unitsChanged(Self.seat, [withdrawn], gone: [], isProvided: true)
        #expect(try Self.problems(after: [held, change]) == [])
        #expect(try Self.problems(after: [change]) == ["a.b/seat s2 is withdrawn, and nobody holds it"])
        let empty = Event.Change.unitsChanged(Self.seat, [], gone: ["s0", "s1", "s2"], isProvided: true)
        #expect(try Self.problems(after: [empty]) == [])
        #expect(
            try Self.problems(after: [empty], offered: [.gpu]) == [
                "a.b/seat is known, without units and without a plugin"
            ])
        #expect(
            try Self.problems(after: [], offered: [.gpu]) == [
                "a.b/seat has units that are not withdrawn, without a plugin"
            ])
        let gone = Event.Change.unitsChanged(Self.seat, [], gone: ["s0", "s1", "s2"], isProvided: false)
        #expect(try Self.problems(after: [gone]) == ["a.b/seat is unknown, and a plugin provides it"])
    }

    @Test("sums that are not what is held are seen")
    func sums() throws {
        let state = TestHost.state(try ProvidedDrawing.capacity())
        let checker = ProvidedChecker(
            reservations: [Self.reservation(1, .gpu, ["A"])], capacity: try #require(state.capacity),
            holdings: Holdings(),
            offered: [])
        #expect(
            checker.problems == ["the sums of gpu are not what is held", "the sum of gpu is not what is held"])
        var half = Self.reservation(1, .gpu, ["A"])
        half.grant.holds[0].amount = Quantity(500)
        #expect(try Self.problems(after: [.granted(half)]).count == 1)
    }

    @Test("a grant of what has failed, of what nobody knows and of a part for a whole is seen")
    func granted() throws {
        let capacity = try ProvidedDrawing.capacity()
        func problems(_ names: [String], held: [String] = []) -> [String] {
            ProvidedChecker.problems(
                with: .resized(id(1), Self.reservation(1, .gpu, names).grant),
                of: [id(1): Self.reservation(1, .gpu, held)], in: capacity)
        }
        #expect(problems(["A"]) == [])
        #expect(problems(["E/1"]) == ["E/1 is granted, and failed: it fell off the bus"])
        #expect(problems(["E/1"], held: ["E/1"]) == [])
        #expect(problems(["Z"]) == ["Z is granted, and unknown"])
        var cut = capacity
        cut.provided[.gpu] = [Self.unit("A"), Self.unit("A:0", parent: "A")]
        let part = ProvidedChecker.problems(with: .granted(Self.reservation(1, .gpu, ["A:0"])), of: [:], in: cut)
        #expect(part == ["A:0 is granted, and is not what was asked for"])
        var share = Self.reservation(1, .gpu, ["C/0"])
        share.grant.holds[0].units[0].quantity = Quantity(500)
        #expect(
            ProvidedChecker.problems(with: .granted(share), of: [:], in: capacity) == ["a share of C/0 is granted"])
    }

    @Test("a log that lacks a change is seen")
    func replayed() throws {
        let changes: [Event.Change] = [
            .unitsChanged(Self.seat, [Self.unit("s0")], gone: [], isProvided: true),
            .granted(Self.reservation(1, Self.seat, ["s0"])), .provided(id(1), [Self.seat: Provision(units: ["s0"])]),
        ]
        func state(lacking place: Int?) throws -> State {
            var state = TestHost.state(try ProvidedDrawing.capacity())
            for (index, change) in changes.enumerated() where index != place {
                state.apply(change, at: Timestamp(milliseconds: 0))
            }
            return state
        }
        let whole = try state(lacking: nil)
        #expect(Self.difference(try state(lacking: nil), whole) == nil)
        for place in changes.indices { #expect(Self.difference(try state(lacking: place), whole) != nil) }
    }
}

extension Event.Change {
    /// What a change is counted as: which command it came of tells some apart.
    fileprivate func kind(of command: Command) -> String {
        switch self {
        case .granted: "granted"
        case .resized: if case .noteResized = command { "resized back" } else { "resized" }
        case .unitsChanged(_, let changed, _, _): changed.contains { $0.withdrawn != nil } ? "withdrawn" : "units"
        case .provided: "provided"
        case .freed: "freed"
        default: "other"
        }
    }
}
