import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("The least that will do") struct MinimumTests {
    private static func ask(_ type: ResourceType, _ minimum: Int64, _ amount: Int64, exclusive: Bool = false) -> Ask {
        Ask(type, amount: Quantity(amount), minimum: Quantity(minimum), exclusive: exclusive)
    }

    @Test(
        "what there is between it and the amount is granted",
        arguments: [
            // What others hold, what is asked, what is granted.
            (Ask(.cpu, amount: Quantity(5500)), ask(.cpu, 100, 8000), 2500),
            (Ask(.memory, amount: Quantity(300)), ask(.memory, 1, 900), 700),
            (Ask(.pids, amount: Quantity(499)), ask(.pids, 1, 2), 1),
            (Ask(.network, amount: Quantity(999)), ask(.network, 1, 1000), 1),
            (Ask(.gpu, amount: Quantity(1000)), ask(.gpu, 1000, 2000), 1000),
            (Ask(.cpu, amount: Quantity(1)), ask(.cpu, 1000, 8000, exclusive: true), 6000),
            (Ask(.cpu, amount: Quantity(6000), exclusive: true), ask(.cpu, 2000, 3000, exclusive: true), 2000),
            (Ask(.pids, amount: Quantity(1)), ask(.cpu, 1000, 7000, exclusive: true), 8000),
        ] as [(Ask, Ask, Int64)])
    func partial(others: Ask, ask: Ask, granted: Int64) throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, [others]) == nil)
        #expect(state.reserve(2, [ask]) == nil)
        let reservation = try #require(state.reservations[id(2)])
        let hold = try #require(reservation.grant[ask.type])
        #expect(hold.amount == Quantity(granted))
        #expect(hold.asked == (hold.amount == ask.amount ? nil : ask.amount))
        #expect(hold.minimum == ask.minimum)
        #expect(reservation.state == (hold.amount < ask.amount ? .partial : .confirmed))
        #expect(reservation.isLive)
        #expect(hold.ask == ask)
    }

    @Test("the ceiling is what is granted, or what was said")
    func limit() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Ask(.cpu, amount: Quantity(6000))])
        state.reserve(2, [Ask(.cpu, amount: Quantity(4000), minimum: Quantity(500))])
        #expect(state.reservations[id(2)]?.grant[.cpu]?.limit == Quantity(2000))
        state.run(.release(id(2), user))
        state.run(.noteFreed(id(2), nil))
        state.reserve(3, [Ask(.cpu, amount: Quantity(4000), minimum: Quantity(500), limit: Quantity(8000))])
        #expect(state.reservations[id(3)]?.grant[.cpu]?.limit == Quantity(8000))
    }

    @Test("less than it is refused, with what was asked and what would have done")
    func refusal() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Ask(.memory, amount: Quantity(900)), Ask(.pids, amount: Quantity(450))])
        let refusal = state.reserve(
            2, [Self.ask(.memory, 101, 200), Self.ask(.pids, 50, 60), Ask(.gpu, amount: Quantity(3000))])
        var memory = Shortfall(.memory, asked: Quantity(200), free: Quantity(100), capacity: Quantity(1000))
        memory.minimum = Quantity(101)
        let gpu = Shortfall(.gpu, asked: Quantity(3000), free: Quantity(2000), capacity: Quantity(2000))
        #expect(refusal == .insufficient([memory, gpu], ever: false))
        #expect(state.reservations[id(2)] == nil)
    }

    @Test("several types are each as much as there is, in their order where they hinder each other")
    func several() throws {
        var state = TestHost.state(try TestHost.capacity(cpu: 5000))
        state.reserve(1, [Ask(.memory, amount: Quantity(800)), Ask(.gpu, amount: Quantity(1000))])
        let asks = [
            Self.ask(.cpu, 1000, 8000, exclusive: true), Self.ask(.memory, 50, 300), Self.ask(.pids, 1, 20),
            Self.ask(.gpu, 1000, 2000),
        ]
        #expect(state.reserve(2, asks) == nil)
        let grant = try #require(state.reservations[id(2)]?.grant)
        #expect(grant.holds.map(\.amount) == [4000, 200, 20, 1000].map { Quantity($0) })
    }

    @Test("what a cap leaves is granted, and no less than the minimum")
    func cap() throws {
        var state = TestHost.state(try TestHost.capacity())
        let caps = Caps(quantities: [.cpu: Quantity(3000), .memory: Quantity(100)])
        #expect(state.reserve(1, [Self.ask(.cpu, 1000, 2500, exclusive: true)], caps: caps) == nil)
        #expect(state.reservations[id(1)]?.grant[.cpu]?.amount == Quantity(2000))
        #expect(state.reserve(2, [Self.ask(.cpu, 500, 2500), Self.ask(.memory, 10, 200)], caps: caps) == nil)
        #expect(state.reservations[id(2)]?.grant.holds.map(\.amount) == [Quantity(1000), Quantity(100)])
        let refusal = state.reserve(3, [Self.ask(.memory, 1, 2)], caps: caps)
        #expect(
            refusal
                == .overCap(.quantity(.memory, cap: Quantity(100), held: Quantity(100), asked: Quantity(1))))
    }

    @Test("a change makes it grow as far as there is room, up to what was asked")
    func growth() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Ask(.cpu, amount: Quantity(4000), exclusive: true)])
        state.reserve(2, [Ask(.memory, amount: Quantity(900))])
        state.reserve(3, [Self.ask(.cpu, 2000, 6000, exclusive: true), Self.ask(.memory, 50, 400)])
        #expect(state.reservations[id(3)]?.grant.holds.map(\.amount) == [Quantity(4000), Quantity(100)])
        let nothing = Command.resize(id(3), ResourceChange(parts: [], storage: []), user)
        #expect(state.run(nothing).changes.isEmpty)
        for (over, amounts, isPartial) in [(2, [4000, 400], true), (1, [6000, 400], false)] as [(UInt64, [Int64], Bool)]
        {
            state.run(.release(id(over), user))
            state.run(.noteFreed(id(over), nil))
            #expect(state.run(nothing).answer == .done(id(3)))
            let reservation = try #require(state.reservations[id(3)])
            #expect(reservation.grant.holds.map(\.amount) == amounts.map { Quantity($0) })
            #expect(reservation.state == (isPartial ? .partial : .confirmed))
        }
        #expect(state.reservations[id(3)]?.grant[.cpu]?.asked == nil)
        let less = ResourceChange.Part(type: .cpu, amount: Quantity(1000))
        let refusal = state.run(.resize(id(3), ResourceChange(parts: [less], storage: []), user)).answer.refusal
        guard case .invalid(let violations) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(violations.map(\.pointer) == ["/resources/cpu/minimum"])
    }

    @Test("a change of one type takes nothing from another, though that could not be granted any more")
    func keeps() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(2, [Ask(.pids, amount: Quantity(100), minimum: Quantity(10)), Ask(.cpu, amount: Quantity(2000))])
        func resize(_ type: ResourceType, _ amount: Int64) -> Refusal? {
            let part = ResourceChange.Part(type: type, amount: Quantity(amount))
            return state.run(.resize(id(2), ResourceChange(parts: [part], storage: []), user)).answer.refusal
        }
        #expect(resize(.cpu, 3000) == nil)
        #expect(state.reservations[id(2)]?.grant[.pids]?.amount == Quantity(100))
        #expect(state.reservations[id(2)]?.grant[.pids]?.minimum == Quantity(10))
        // The host has fewer processes now than it holds.
        state.run(.setCapacity(try TestHost.capacity(pids: 50)))
        #expect(resize(.cpu, 1000) == nil)
        #expect(state.reservations[id(2)]?.grant[.pids]?.amount == Quantity(100))
        #expect(state.reservations[id(2)]?.grant[.cpu]?.amount == Quantity(1000))
    }

    @Test("an end and a grant that is given up say what they are")
    func states() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, [Self.ask(.pids, 1, 600)], lease: .seconds(60))
        #expect(state.reservations[id(1)]?.state == .partial)
        #expect(state.run(.renew(id(1), .seconds(60), user)).answer == .done(id(1)))
        #expect(state.run(.attach(id(1), user)).answer == .done(id(1)))
        state.run(.release(id(1), user))
        #expect(state.reservations[id(1)]?.state == .released)
        let less = Grant([Hold(.pids, amount: Quantity(5), limit: nil, asked: Quantity(600), minimum: Quantity(1))])
        state.apply(.resized(id(1), less), at: Timestamp(milliseconds: 0))
        #expect(state.reservations[id(1)]?.state == .released)
    }
}
