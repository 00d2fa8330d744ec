import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("Constraints")
struct ConstraintTests {
    private func state() throws -> State {
        var capacity = try TestHost.capacity()
        capacity.gpus = zip(["a", "b", "c"], [32, 64, 80] as [Int64]).map { name, vram in
            Capacity.Unit(
                name: name, capacity: Quantity(1000), node: name == "c" ? 1 : 0,
                capabilities: ["vram": JSONValue(vram << 30), "model": .string("Model \(name)")])
        }
        capacity.gpus.append(
            Capacity.Unit(
                name: "part", capacity: Quantity(1000), capabilities: ["partition": "1g.10gb"], parent: "a"))
        return TestHost.state(capacity)
    }

    @Test(
        "choose units by comparison and pattern",
        arguments: [
            (["vram": ">=64GiB"], ["b", "c"]), (["vram": "<=32GiB"], ["a"]), (["numa": "!=0"], ["c"]),
            (["model": "~*b", "vram": ">1"], ["b"]), (["model": "!=Model a"], ["b", "c"]), (["vram": ">80GiB"], []),
            (["partition": "~1g.*"], ["part"]), (["partition": "!=2g.20gb"], ["part"]),
            (["numa": "<9", "model": "~*"], ["a", "b", "c"]),
        ] as [([String: Constraint], [String])])
    func units(constraints: [String: Constraint], names: [String]) throws {
        var state = try state()
        for number in 0..<UInt64(names.count) {
            #expect(state.reserve(number, [Ask(.gpu, amount: Quantity(1000), constraints: constraints)]) == nil)
        }
        #expect(state.reservations.values.flatMap { $0.grant[.gpu]?.units.map(\.name) ?? [] }.sorted() == names)
        let refusal = state.reserve(9, [Ask(.gpu, amount: Quantity(1000), constraints: constraints)])
        #expect(refusal?.shortTypes == [.gpu])
    }

    @Test("on nodes leave memory the first with room, and keep it where it is")
    func memory() throws {
        var state = try state()
        func ask(_ amount: Int64, _ node: Constraint) -> Ask {
            Ask(.memory, amount: Quantity(amount), constraints: ["numa": node])
        }
        #expect(state.reserve(1, [ask(400, "<9")]) == nil)
        #expect(state.reserve(2, [ask(200, "<9")]) == nil)
        #expect(state.reserve(3, [ask(200, "!=1")])?.shortTypes == [.memory])
        #expect(state.reserve(4, [ask(100, "!=1")]) == nil)
        #expect((1...4).map { state.reservations[id($0)]?.grant[.memory]?.nodes } == [[0], [1], nil, [0]])
        // Once node 0 has room for it, it stays on 1 all the same while that has.
        for (number, amount, node) in [(1, 10, [0]), (2, 350, [1]), (3, 50, nil), (2, 500, [1]), (4, 300, [0])]
            as [(UInt64, Int64, CPUSet?)]
        {
            let change = ResourceChange(parts: [.init(type: .memory, amount: Quantity(amount))], storage: [])
            for case .resize(_, _, let grant) in state.run(.resize(id(number), change, user)).effects {
                state.run(.noteResized(id(number), grant, []))
            }
            #expect(state.reservations[id(number)]?.grant[.memory]?.nodes == node)
        }
        #expect(state.reservations[id(2)]?.grant[.memory]?.amount == Quantity(500))
    }

    @Test("of a resize that says nothing of them stay, and are as it says where it does")
    func resize() throws {
        var state = try state()
        #expect(state.reserve(1, [Ask(.gpu, amount: Quantity(1000), constraints: ["vram": ">=64GiB"])]) == nil)
        func change(_ amount: Int64, _ constraints: [String: Constraint]? = nil) -> Refusal? {
            let part = ResourceChange.Part(type: .gpu, amount: Quantity(amount), constraints: constraints)
            let decision = state.run(.resize(id(1), ResourceChange(parts: [part], storage: []), user))
            for case .resize(_, _, let grant) in decision.effects { state.run(.noteResized(id(1), grant, [])) }
            return decision.answer.refusal
        }
        #expect(change(3000)?.shortTypes == [.gpu])
        #expect(change(2000) == nil)
        #expect(state.reservations[id(1)]?.grant[.gpu]?.units.map(\.name) == ["b", "c"])
        #expect(change(1000, ["vram": "<80GiB"]) == nil)
        #expect(state.reservations[id(1)]?.grant[.gpu]?.units.map(\.name) == ["b"])
        #expect(state.reservations[id(1)]?.grant[.gpu]?.constraints == ["vram": "<80GiB"])
    }

    @Test("on nodes hold for whole cores, also for more than one node")
    func cores() throws {
        var state = try state()
        func ask(_ cpus: Int64, _ node: Constraint) -> Ask {
            Ask(.cpu, amount: Quantity(cpus * 1000), exclusive: true, constraints: ["numa": node])
        }
        #expect(state.reserve(1, [ask(4, ">0")]) == nil)
        #expect(state.reservations[id(1)]?.grant[.cpu]?.cpus == CPUSet(4...7))
        #expect(state.reserve(2, [ask(2, "!=0")])?.shortTypes == [.cpu])
        #expect(state.reserve(3, [ask(4, "<2")]) == nil)
        guard case .invalid(let violations) = state.reserve(4, [ask(2, ">1")]) else {
            Issue.record("it was not refused as invalid")
            return
        }
        #expect(violations.map(\.code) == ["unknown_node"] && violations.first?.hint?.contains("0-1") == true)
    }
}
