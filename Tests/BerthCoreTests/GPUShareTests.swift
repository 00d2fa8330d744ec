import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("Shares of a GPU") struct GPUShareTests {
    private static func share(_ thousandths: Int64, _ constraints: [String: Constraint] = [:]) -> Ask {
        Ask(.gpu, amount: Quantity(thousandths), constraints: constraints)
    }

    private static func units(_ state: State, _ number: UInt64) -> [Hold.UnitShare] {
        state.reservations[id(number)]?.grant[.gpu]?.units ?? []
    }

    private static func state() throws -> State { TestHost.state(try TestHost.capacity()) }

    @Test("are of one GPU, and add up to no more than it")
    func sum() throws {
        var state = try Self.state()
        #expect(state.reserve(1, [Self.share(600)]) == nil)
        #expect(state.reserve(2, [Self.share(400)]) == nil)
        #expect(Self.units(state, 1) == [Hold.UnitShare(name: "gpu0", quantity: Quantity(600))])
        #expect(Self.units(state, 2) == [Hold.UnitShare(name: "gpu0", quantity: Quantity(400))])
        #expect(state.reserve(3, [Self.share(999)]) == nil)
        // Nobody has 0.01 left on either: a share is never of two.
        let refusal = state.reserve(4, [Self.share(10)])
        #expect(
            refusal
                == .insufficient(
                    [Shortfall(.gpu, asked: Quantity(10), free: Quantity(1), capacity: Quantity(2000))], ever: true))
        #expect(state.holdings[.gpu] == Quantity(1999))
    }

    @Test("keep whole GPUs out, and whole GPUs keep them out")
    func whole() throws {
        var state = try Self.state()
        #expect(state.reserve(1, [Self.share(10)]) == nil)
        #expect(state.reserve(2, [Self.share(2000)])?.shortTypes == [.gpu])
        #expect(state.reserve(3, [Self.share(1000)]) == nil)
        #expect(Self.units(state, 3).map(\.name) == ["gpu1"])
        #expect(state.reserve(4, [Self.share(1000)])?.shortTypes == [.gpu])
        #expect(state.reserve(5, [Self.share(990)]) == nil)
        #expect(Self.units(state, 5).map(\.name) == ["gpu0"])
    }

    @Test(
        "go to the fullest GPU that has room, or as the strategy has it",
        arguments: [(Strategy.optimized, "gpu1"), (.balanced, "gpu0"), (.greedy, "gpu0")])
    func strategies(strategy: Strategy, name: String) throws {
        var state = try Self.state()
        #expect(state.reserve(1, [Self.share(300, ["model": "A"])]) == nil)
        #expect(state.reserve(2, [Self.share(500, ["model": "B"])]) == nil)
        #expect(state.reserve(3, [Self.share(500)], strategy: strategy) == nil)
        #expect(Self.units(state, 3).map(\.name) == [name])
    }

    @Test("grow where they are while there is room, else on another GPU, and back")
    func resize() throws {
        var state = try Self.state()
        #expect(state.reserve(1, [Self.share(500)]) == nil)
        #expect(state.reserve(2, [Self.share(300)]) == nil)
        func resize(_ amount: Int64) -> Refusal? {
            let part = ResourceChange.Part(type: .gpu, amount: Quantity(amount))
            return state.run(.resize(id(1), ResourceChange(parts: [part], storage: []), user)).answer.refusal
        }
        #expect(resize(700) == nil && Self.units(state, 1).map(\.name) == ["gpu0"])
        #expect(resize(800) == nil && Self.units(state, 1).map(\.name) == ["gpu1"])
        #expect(resize(1000) == nil && Self.units(state, 1) == [.init(name: "gpu1", quantity: Quantity(1000))])
        #expect(resize(2000)?.shortTypes == [.gpu])
        #expect(resize(200) == nil && Self.units(state, 1) == [.init(name: "gpu1", quantity: Quantity(200))])
    }

    @Test("cannot be held again once others have the room")
    func again() throws {
        var state = try Self.state()
        #expect(state.reserve(1, [Self.share(900)]) == nil)
        let former = try #require(state.reservations[id(1)]?.grant)
        let part = ResourceChange.Part(type: .gpu, amount: Quantity(100))
        #expect(
            state.run(.resize(id(1), ResourceChange(parts: [part], storage: []), user)).answer.refusal == nil)
        #expect(state.canHoldAgain(former, try #require(state.reservations[id(1)])))
        #expect(state.reserve(2, [Self.share(101)]) == nil)
        #expect(!state.canHoldAgain(former, try #require(state.reservations[id(1)])))
    }

    @Test("are never of a part, which is held whole")
    func parts() throws {
        var capacity = try TestHost.capacity()
        let gpu = capacity.gpus[0]
        capacity.gpus = [0, 1].map { part in
            var unit = gpu
            unit.name = "gpu0/\(part)"
            unit.capabilities["pci"] = "gpu0"
            return unit
        }
        var state = TestHost.state(capacity)
        #expect(state.reserve(1, [Self.share(100)])?.shortTypes == [.gpu])
        #expect(state.reserve(2, [Self.share(1000)]) == nil)
        capacity.provided[.gpu] = [
            Capacity.Unit(name: "gpu0:0", capacity: nil, capabilities: ["partition": "1g"], parent: "gpu0")
        ]
        state = TestHost.state(capacity)
        guard case .invalid(let violations) = state.reserve(1, [Self.share(500, ["partition": "1g"])]) else {
            Issue.record("a share of a part was not refused")
            return
        }
        #expect(violations.map(\.code) == ["not_divisible"])
    }
}
