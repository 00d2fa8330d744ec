import BerthCore
import BerthJSON
import BerthModel
import Testing

/// Worked examples on a host of two NUMA nodes, each with four cores of one thread, 512 of memory, four GPUs and an interface.
@Suite("A strategy") struct StrategyTests {
    static func capacity(shapes: [Shape]? = nil) throws -> Capacity {
        let places = (0..<8).map { cpu in
            CPUTopology.Place(cpu: cpu, core: cpu, l3: cpu / 2, die: cpu / 4, package: cpu / 4, node: cpu / 4)
        }
        var capacity = Capacity(
            topology: try CPUTopology(places), cpu: Quantity(8000), memory: Quantity(1024),
            nodeMemory: [0: Quantity(512), 1: Quantity(512)],
            gpus: (0..<8).map { Capacity.Unit(name: "g\($0 as Int)", capacity: Quantity(1000), node: $0 / 4) },
            interfaces: (0..<2).map { Capacity.Unit(name: "eth\($0 as Int)", capacity: Quantity(1000), node: $0) })
        capacity.shapes = shapes
        return capacity
    }

    static func cpus(_ count: Int64) -> Ask { Ask(.cpu, amount: Quantity(count * 1000), exclusive: true) }
    static func gpus(_ thousandths: Int64) -> Ask { Ask(.gpu, amount: Quantity(thousandths)) }
    static func network(_ amount: Int64) -> Ask { Ask(.network, amount: Quantity(amount)) }

    /// What is granted, as a text.
    static func text(_ state: State, _ number: UInt64) -> String {
        (state.reservations[id(number)]?.grant.holds ?? []).map { hold in
            hold.cpus?.description ?? hold.units.map(\.name).joined(separator: ",")
        }.joined(separator: " ")
    }

    @Test(
        "takes the first, spreads, or keeps together",
        arguments: [
            (Strategy.greedy, "1-3 eth0 g1,g2", 1), (.balanced, "4-6 eth1 g1,g4", 2),
            (.optimized, "1-3 eth0 g1,g2", 1),
        ])
    func first(strategy: Strategy, text: String, nodes: Int) throws {
        var state = TestHost.state(try Self.capacity())
        #expect(state.reserve(1, [Self.cpus(1), Self.network(100), Self.gpus(1000)], strategy: .greedy) == nil)
        #expect(Self.text(state, 1) == "0 eth0 g0")
        #expect(state.reserve(2, [Self.cpus(3), Self.network(100), Self.gpus(2000)], strategy: strategy) == nil)
        #expect(Self.text(state, 2) == text)
        let choice = try #require(state.reservations[id(2)]?.choice)
        #expect(choice == UnitChoice(strategy: strategy, isExact: true, nodes: nodes))
    }

    @Test("keeps all types of a request on one node where that can be, and says on how many it is")
    func near() throws {
        var state = TestHost.state(try Self.capacity())
        // Node 0 has the CPUs, and too few GPUs: a choice of CPUs alone would be far from the GPUs.
        #expect(state.reserve(1, [Self.gpus(3000)]) == nil)
        #expect(Self.text(state, 1) == "g0,g1,g2")
        #expect(state.reserve(2, [Self.cpus(2), Self.gpus(2000), Self.network(10)]) == nil)
        #expect(Self.text(state, 2) == "4-5 eth1 g4,g5")
        #expect(state.reserve(3, [Self.cpus(2), Self.gpus(3000)]) == nil)
        #expect(state.reservations[id(3)]?.choice?.nodes == 2)
        #expect(state.reserve(4, [Self.cpus(1)], strategy: .greedy) == nil)
        #expect(state.reservations[id(4)]?.choice?.nodes == 1)
        #expect(state.reserve(5, [Ask(.memory, amount: Quantity(10))]) == nil)
        #expect(state.reservations[id(5)]?.choice == UnitChoice(strategy: .optimized, isExact: true, nodes: 0))
    }

    @Test("is given GPUs of which nobody knows where they lie beside cores of any node", arguments: Strategy.choosing)
    func unknownNode(strategy: Strategy) throws {
        var capacity = try Self.capacity()
        for index in capacity.gpus.indices { capacity.gpus[index].node = nil }
        var state = TestHost.state(capacity)
        #expect(state.reserve(1, [Self.cpus(2), Self.gpus(2000), Self.network(10)], strategy: strategy) == nil)
        #expect(state.reserve(2, [Self.cpus(3), Self.gpus(3000)], strategy: strategy) == nil)
        #expect(state.reserve(3, [Self.cpus(3), Self.gpus(3000)], strategy: strategy) == nil)
        #expect(state.holdings.exclusiveCPUs.count == 8 && state.holdings[.gpu] == Quantity(8000))
    }

    @Test("searches among what is preferred, and near others, as among all")
    func preferred() throws {
        var capacity = try Self.capacity()
        for index in capacity.gpus.indices { capacity.gpus[index].capabilities["model"] = index < 4 ? "A" : "B" }
        var state = TestHost.state(capacity)
        var gpu = Self.gpus(2000)
        gpu.preferences["model"] = "B"
        // Type by type the cores would be the first ones, on the other node than the GPUs.
        #expect(state.reserve(1, [Self.cpus(2), gpu, Self.network(10)]) == nil)
        #expect(Self.text(state, 1) == "4-5 eth1 g4,g5")
        #expect(state.reservations[id(1)]?.choice == UnitChoice(strategy: .optimized, isExact: true, nodes: 1))
        let hold = try #require(state.reservations[id(1)]?.grant[.gpu])
        #expect(hold.constraints.isEmpty && hold.preferences == ["model": "B"])
        // All on one node: on that which has what is preferred.
        #expect(state.reserve(2, [Self.cpus(1), gpu], same: .numa) == nil)
        #expect(Self.text(state, 2) == "6 g6,g7")
        // There are no more: one that is not preferred will do, and nothing says that this is the best.
        #expect(state.reserve(3, [Self.cpus(1), gpu]) == nil)
        #expect(Self.text(state, 3) == "7 g0,g1")
        #expect(state.reservations[id(3)]?.choice?.isExact == false)
        // With "same": "numa" memory lies somewhere too.
        let memory = Ask(.memory, amount: Quantity(10), preferences: ["numa": 1])
        #expect(state.reserve(9, [Self.network(1), memory], same: .numa) == nil)
        #expect(state.reservations[id(9)]?.grant[.memory]?.nodes == [1])
        #expect(Self.text(state, 9).contains("eth1"))
        var near = ReservationRequest(resources: Resources([Self.cpus(1), Self.gpus(1000)]))
        near.affinity = [Affinity(.reservation(id(3)), isPreferred: true)]
        state.run(.reserve(id(4), near, user, nil))
        #expect(Self.text(state, 4) == "0 g2")
        #expect(state.reservations[id(4)]?.choice == UnitChoice(strategy: .optimized, isExact: true, nodes: 1))
    }

    @Test("balanced spreads GPUs and shares over nodes, and takes the emptiest interface")
    func balanced() throws {
        var state = TestHost.state(try Self.capacity())
        #expect(state.reserve(1, [Self.gpus(2000), Self.network(500)], strategy: .balanced) == nil)
        #expect(Self.text(state, 1) == "eth0 g0,g4")
        #expect(state.reserve(2, [Self.gpus(100), Self.network(100)], strategy: .balanced) == nil)
        #expect(Self.text(state, 2) == "eth1 g1")
        #expect(state.reserve(3, [Self.gpus(100)], strategy: .balanced) == nil)
        #expect(Self.text(state, 3) == "g5")
    }

    @Test(
        "balanced goes by what would be left: a request may be much of a small node or interface, and little of a large one"
    )
    func left() throws {
        var capacity = try Self.capacity()
        capacity.nodeMemory = [0: Quantity(300), 1: Quantity(700)]
        capacity.interfaces[1].capacity = Quantity(10_000)
        var state = TestHost.state(capacity)
        let memory = Ask(.memory, amount: Quantity(250), constraints: ["numa": ">=0"])
        #expect(state.reserve(1, [memory, Self.network(500)], strategy: .balanced) == nil)
        #expect(state.reservations[id(1)]?.grant[.memory]?.nodes == [1])
        #expect(Self.text(state, 1) == " eth1")
    }

    @Test("optimized leaves room for what is common, balanced and greedy do not")
    func shapes() throws {
        // Four GPUs and four cores of one node are what most ask for.
        let common = [Shape(cpus: 4, gpu: 4000, weight: 10), Shape(gpu: 700, weight: 1)]
        for (strategy, fits) in [(Strategy.optimized, true), (.greedy, false), (.balanced, false)] {
            var state = TestHost.state(try Self.capacity(shapes: common))
            // Node 1 is broken already.
            #expect(state.reserve(1, [Ask(.gpu, amount: Quantity(300), constraints: ["numa": 1])]) == nil)
            for number in UInt64(2)...4 {
                #expect(state.reserve(number, [Self.gpus(700)], strategy: strategy) == nil)
            }
            let refusal = state.reserve(9, [Self.cpus(4), Self.gpus(4000)], same: .numa)
            #expect((refusal == nil) == fits, "\(strategy): \((1...4).map { Self.text(state, $0) })")
        }
    }

    @Test("optimized learns what is common, and the configured list goes before what is thought")
    func learned() throws {
        // 0.6 is common here, so that a share of 0.3 goes where 0.6 has no room anyway.
        func text(after count: Int, _ shapes: [Shape]? = nil) throws -> String {
            var state = TestHost.state(try Self.capacity(shapes: shapes))
            for number in 0..<count {
                #expect(state.reserve(UInt64(1000 + number), [Self.gpus(600)]) == nil)
                state.run(.release(id(UInt64(1000 + number)), user))
                state.run(.noteFreed(id(UInt64(1000 + number)), nil))
            }
            #expect(
                state.reserve(1, [Ask(.gpu, amount: Quantity(380), constraints: ["numa": 0])], strategy: .greedy) == nil
            )
            #expect(
                state.reserve(2, [Ask(.gpu, amount: Quantity(640), constraints: ["numa": 0])], strategy: .greedy) == nil
            )
            #expect(Self.text(state, 1) == "g0" && Self.text(state, 2) == "g1")
            #expect(state.reserve(3, [Self.gpus(30)]) == nil)
            return Self.text(state, 3)
        }
        #expect(try text(after: 0, [Shape(gpu: 600)]) == "g1")
        #expect(try text(after: 0, [Shape(gpu: 340)]) == "g0")
        #expect(try text(after: 200, [Shape(gpu: 340)]) == "g1")
    }

    @Test("a resize chooses as the grant did, and keeps what is held")
    func resize() throws {
        var state = TestHost.state(try Self.capacity())
        #expect(state.reserve(1, [Self.gpus(1000)], strategy: .balanced) == nil)
        let change = ResourceChange(parts: [.init(type: .gpu, amount: Quantity(3000))], storage: [])
        #expect(state.run(.resize(id(1), change, user)).answer.refusal == nil)
        #expect(Self.text(state, 1) == "g0,g4,g5" || Self.text(state, 1) == "g0,g1,g4")
        #expect(state.reserve(2, [Self.cpus(1), Self.gpus(1000)]) == nil)
        let before = Self.text(state, 2)
        let more = ResourceChange(parts: [.init(type: .gpu, amount: Quantity(2000))], storage: [])
        #expect(state.run(.resize(id(2), more, user)).answer.refusal == nil)
        let nodes = state.reservations[id(2)]?.grant[.gpu]?.units.compactMap { Int($0.name.dropFirst()) }.map { $0 / 4 }
        #expect(Set(nodes ?? []).count == 1 && !before.isEmpty, "\(before), then \(Self.text(state, 2))")
    }
}

@Suite("Everything of one NUMA node") struct SameNodeTests {
    @Test("is granted on a node that has all of it, memory bound to it")
    func granted() throws {
        for strategy in Strategy.choosing {
            var state = TestHost.state(try StrategyTests.capacity())
            #expect(state.reserve(1, [StrategyTests.gpus(2000)], strategy: .greedy) == nil)
            let asks = [
                StrategyTests.cpus(2), Ask(.memory, amount: Quantity(300)), StrategyTests.network(10),
                StrategyTests.gpus(3000),
            ]
            #expect(state.reserve(2, asks, strategy: strategy, same: .numa) == nil)
            let grant = try #require(state.reservations[id(2)]?.grant)
            #expect(grant[.memory]?.nodes == [1] && grant[.cpu]?.nodes == [1])
            #expect(StrategyTests.text(state, 2) == "4-5  eth1 g4,g5,g6")
            #expect(state.reservations[id(2)]?.choice?.nodes == 1)
        }
    }

    @Test("is refused where no node has all of it, with what the least short node lacks")
    func refused() throws {
        var state = TestHost.state(try StrategyTests.capacity())
        #expect(state.reserve(1, [Ask(.gpu, amount: Quantity(1000), constraints: ["numa": 0])]) == nil)
        #expect(state.reserve(2, [StrategyTests.cpus(4)]) == nil)
        #expect(StrategyTests.text(state, 2) == "0-3")
        #expect(state.reserve(3, [Ask(.memory, amount: Quantity(500), constraints: ["numa": 1])]) == nil)
        let asks = [StrategyTests.cpus(2), Ask(.memory, amount: Quantity(100)), StrategyTests.gpus(2000)]
        guard case .insufficient(let shortfalls, let ever) = state.reserve(4, asks, same: .numa) else {
            Issue.record("it was not refused")
            return
        }
        #expect(ever && shortfalls.count == 1 && shortfalls.allSatisfy(\.isOfOneNode))
        #expect(state.reserve(5, asks) == nil)
        guard case .insufficient(_, let never) = state.reserve(6, [StrategyTests.gpus(5000)], same: .numa) else {
            Issue.record("it was not refused")
            return
        }
        #expect(!never)
    }

    @Test("names the node that is short of the least, of those that are short of as many things", arguments: [0, 1])
    func leastShort(fuller: Int) throws {
        var state = TestHost.state(try TestHost.capacity())
        let held: [Int64] = fuller == 0 ? [400, 100] : [100, 400]
        for (node, amount) in held.enumerated() {
            let memory = Ask(
                .memory, amount: Quantity(amount), constraints: ["numa": Constraint(integerLiteral: Int64(node))])
            #expect(state.reserve(UInt64(node + 1), [memory]) == nil)
        }
        let refusal = state.reserve(9, [Ask(.memory, amount: Quantity(450))], same: .numa)
        guard case .insufficient(let shortfalls, true)? = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(shortfalls.map(\.free) == [Quantity(400)] && shortfalls.allSatisfy(\.isOfOneNode))
    }

    @Test("stays true when it is resized")
    func resize() throws {
        var state = TestHost.state(try StrategyTests.capacity())
        #expect(state.reserve(1, [StrategyTests.gpus(1000), StrategyTests.cpus(1)], same: .numa) == nil)
        func resize(_ gpus: Int64) -> Refusal? {
            let change = ResourceChange(parts: [.init(type: .gpu, amount: Quantity(gpus))], storage: [])
            return state.run(.resize(id(1), change, user)).answer.refusal
        }
        #expect(resize(4000) == nil && StrategyTests.text(state, 1) == "0 g0,g1,g2,g3")
        #expect(resize(5000)?.shortTypes == [.gpu])
    }
}
