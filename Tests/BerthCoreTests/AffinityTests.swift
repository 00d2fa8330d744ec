import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("Near to others, and apart from them") struct AffinityTests {
    /// A host on which user 1 has whole cores of node 1, labelled `app=db`, and user 2 a GPU of node 0 with that label.
    private func state() throws -> State {
        var state = TestHost.state(try WishDrawing.capacity())
        let cores = Ask(.cpu, amount: Quantity(2000), exclusive: true, constraints: ["numa": 1])
        let network = Ask(.network, amount: Quantity(10), constraints: ["numa": 0])
        state.reserve(1, [cores, network], lease: .seconds(60), labels: ["app": "db"])
        state.reserve(2, [Ask(.gpu, amount: Quantity(1000))], user: 2, lease: .seconds(60), labels: ["app": "db"])
        #expect(state.reservations[id(1)]?.grant[.network]?.units.first?.name == "eth0")
        return state
    }

    private static let db = Affinity.Target.labels(["app": "db"])
    private static let first = Affinity.Target.reservation(id(1))

    private static func request(_ asks: [Ask], near: [Affinity] = [], apart: [Affinity] = []) -> ReservationRequest {
        var request = ReservationRequest(resources: Resources(asks), lease: .seconds(60))
        request.affinity = near
        request.antiAffinity = apart
        return request
    }

    private static let gpu = Ask(.gpu, amount: Quantity(1000))
    private static let cores = Ask(.cpu, amount: Quantity(2000), exclusive: true)
    private static let bound = Ask(.memory, amount: Quantity(10), constraints: ["numa": ">=0"])

    @Test("the same NUMA nodes are those of whole cores, bound memory, GPUs and interfaces")
    func near() throws {
        var state = try state()
        state.run(.reserve(id(3), Self.request([Self.cores], near: [Affinity(.reservation(id(2)))]), admin, nil))
        #expect(state.reservations[id(3)]?.grant[.cpu]?.nodes == [0])
        let near = [Affinity(.reservation(id(3)))]
        for (number, ask, name) in [(4, Self.gpu, "gpu1"), (5, Self.bound, ""), (6, Self.cores, "")]
            as [(UInt64, Ask, String)]
        {
            state.run(.reserve(id(number), Self.request([ask], near: near), admin, nil))
            let hold = try #require(state.reservations[id(number)]?.grant.holds.first)
            #expect(hold.units.map(\.name) == (name.isEmpty ? [] : [name]))
            #expect(hold.nodes == (name.isEmpty ? [0] : nil))
            #expect(hold.constraints == ask.constraints)
        }
    }

    @Test("apart from others is on none of their nodes")
    func apart() throws {
        var state = try state()
        let apart = [Affinity(Self.db)]
        // An admin's labels are anybody's, a user's its own.
        let refusal = state.run(.reserve(id(3), Self.request([Self.cores], apart: apart), admin, nil)).answer.refusal
        guard case .unmet(let shortfalls, let violations) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(shortfalls.map(\.type) == [.cpu])
        #expect(violations.map(\.pointer) == ["/anti_affinity"])
        #expect(violations.first?.message == "it must not lie on NUMA node 0-1, where what is labelled \"app=db\" lies")
        // Its interface is on node 0, its cores are on node 1.
        state.run(.release(id(1), user))
        state.run(.reserve(id(4), Self.request([Self.cores], apart: apart), admin, nil))
        #expect(state.reservations[id(4)]?.grant[.cpu]?.nodes == [1])
    }

    @Test("those who get something in the same moment are apart from each other too", arguments: [nil, "a"])
    func together(gang: String?) throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, [Ask(.cpu, amount: Quantity(8000), exclusive: true)]) == nil)
        let cores = Ask(.cpu, amount: Quantity(2000), exclusive: true)
        for number in [2, 3] as [UInt64] {
            var request = ReservationRequest(
                resources: Resources([cores]), lease: .seconds(60), labels: ["app": "db"], wait: .seconds(60))
            request.antiAffinity = [Affinity(Self.db)]
            if number == 3, let gang { request.gang = Gang(id: gang, size: 1) }
            #expect(state.run(.reserve(id(number), request, user, nil)).answer.refusal == nil)
        }
        state.end(1, at: 0)
        let nodes = [2, 3].map { state.reservations[id($0)]?.grant[.cpu]?.nodes }
        #expect(nodes == [[0], [1]])
    }

    @Test("what is refused for it alone says so, and what would be short anyway is short")
    func unmet() throws {
        var state = try state()
        let near = [Affinity(.reservation(id(2)))]
        let three = Ask(.gpu, amount: Quantity(3000))
        guard
            case .unmet(let shortfalls, let violations) = state.run(
                .reserve(id(3), Self.request([three], near: near), admin, nil)
            ).answer.refusal
        else {
            Issue.record("it is not refused for what it lies near to")
            return
        }
        #expect(shortfalls == [Shortfall(.gpu, asked: Quantity(3000), free: Quantity(1000), capacity: Quantity(2000))])
        #expect(violations.map(\.message) == ["it must lie on NUMA node 0, with reservation \(id(2))"])
        let four = Ask(.gpu, amount: Quantity(4000))
        let refusal = state.run(.reserve(id(4), Self.request([four], near: near), admin, nil)).answer.refusal
        guard case .insufficient = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        let some = Ask(.gpu, amount: Quantity(3000), minimum: Quantity(1000))
        state.run(.reserve(id(5), Self.request([some], near: near), admin, nil))
        #expect(state.reservations[id(5)]?.grant[.gpu]?.units.map(\.name) == ["gpu1"])
        #expect(state.reservations[id(5)]?.state == .partial)
    }

    @Test("where it is only preferred, as much as there is comes first, and the first thing said before the next")
    func preferred() throws {
        var state = try state()
        func affinity(_ target: Affinity.Target) -> Affinity { Affinity(target, isPreferred: true) }
        let second = Ask(.cpu, amount: Quantity(2000), exclusive: true, constraints: ["numa": 1])
        #expect(state.reserve(9, [second], lease: .seconds(60)) == nil)
        // On node 1 as the first of them, which cannot be on node 0 as the next: it would go there unasked.
        let near = [affinity(.reservation(id(9))), affinity(.reservation(id(2)))]
        for (number, near, name) in [(3, near, "gpu2"), (8, [], "gpu1")] as [(UInt64, [Affinity], String)] {
            state.run(.reserve(id(number), Self.request([Self.gpu], near: near), admin, nil))
            #expect(state.reservations[id(number)]?.grant[.gpu]?.units.map(\.name) == [name])
            state.run(.release(id(number), admin))
            state.run(.noteFreed(id(number), nil))
        }
        let two = Ask(.gpu, amount: Quantity(2000))
        state.run(.reserve(id(4), Self.request([two], near: [affinity(.reservation(id(2)))]), admin, nil))
        #expect(state.reservations[id(4)]?.grant[.gpu]?.units.map(\.name) == ["gpu2", "gpu3"])
        let gone = [affinity(.reservation(id(99))), affinity(.labels(["app": "none"]))]
        #expect(
            state.run(.reserve(id(5), Self.request([Self.cores], near: gone, apart: gone), user, nil)).answer
                == .done(id(5)))
    }

    @Test("others' reservations are none of a user's, by id or by label")
    func visible() throws {
        var state = try state()
        let near = Self.request([Self.gpu], near: [Affinity(.reservation(id(2)))])
        guard case .invalid(let violations) = state.run(.reserve(id(3), near, user, nil)).answer.refusal else {
            Issue.record("it lies near to another's")
            return
        }
        #expect(violations.map(\.code) == ["unknown_reservation"])
        let labels = Self.request([Self.gpu], apart: [Affinity(Self.db)])
        #expect(state.run(.reserve(id(4), labels, other, nil)).answer == .done(id(4)))
        #expect(state.reservations[id(4)]?.grant[.gpu]?.units.first?.name == "gpu2")
    }

    @Test("the first of those that lie near each other by a label lies anywhere, and no other kind")
    func firstOfKind() throws {
        var state = try state()
        var request = Self.request([Self.gpu], near: [Affinity(.labels(["app": "web"]))])
        guard case .unmet([], let violations) = state.run(.reserve(id(3), request, user, nil)).answer.refusal else {
            Issue.record("it lies near to nothing")
            return
        }
        #expect(violations.map(\.code) == ["affinity"])
        request.labels = ["app": "web", "n": "1"]
        #expect(state.run(.reserve(id(4), request, user, nil)).answer == .done(id(4)))
        #expect(state.run(.reserve(id(5), request, user, nil)).answer.refusal?.isInsufficient == true)
    }

    @Test("what lies nowhere can be neither near nor apart")
    func nowhere() throws {
        var state = try state()
        let shared = [Ask(.cpu, amount: Quantity(1000)), Ask(.memory, amount: Quantity(1))]
        for request in [
            Self.request(shared, near: [Affinity(Self.first)]), Self.request(shared, apart: [Affinity(Self.first)]),
            Self.request([Self.cores], apart: [Affinity(Self.first, by: .unit)]),
            Self.request([Self.gpu], near: [Affinity(Self.first, by: .unit)]),
        ] {
            guard case .invalid(let violations) = state.run(.reserve(id(3), request, user, nil)).answer.refusal else {
                Issue.record("\(request) lies somewhere")
                continue
            }
            #expect(violations.map(\.code) == ["no_place"])
        }
        #expect(state.reserve(4, shared, lease: .seconds(60)) == nil)
        let near = Self.request([Self.gpu], near: [Affinity(.reservation(id(4)))])
        guard case .unmet([], let violations) = state.run(.reserve(id(5), near, user, nil)).answer.refusal else {
            Issue.record("it lies near to what lies nowhere")
            return
        }
        #expect(violations.first?.message == "reservation \(id(4)) lies on no NUMA node")
    }

    @Test("an interface is shared, or is not")
    func unit() throws {
        var state = try state()
        let network = Ask(.network, amount: Quantity(10))
        let unit = [Affinity(Self.first, by: .unit)]
        state.run(.reserve(id(3), Self.request([network], apart: unit), user, nil))
        #expect(state.reservations[id(3)]?.grant[.network]?.units.first?.name == "eth1")
        state.run(
            .reserve(
                id(4), Self.request([network, Self.gpu], near: [Affinity(.reservation(id(3)), by: .unit)]), user, nil))
        #expect(state.reservations[id(4)]?.grant[.network]?.units.first?.name == "eth1")
    }

    @Test("a change keeps what is held, and adds only where it may lie")
    func change() throws {
        var state = try state()
        let near = [Affinity(.reservation(id(2)))]
        state.run(.reserve(id(3), Self.request([Self.gpu], near: near), admin, nil))
        func resize(_ count: Int64) -> Refusal? {
            let part = ResourceChange.Part(type: .gpu, amount: Quantity(1000 * count))
            return state.run(.resize(id(3), ResourceChange(parts: [part], storage: []), admin)).answer.refusal
        }
        guard case .unmet = resize(2) else {
            Issue.record("it grows where it must not lie")
            return
        }
        state.run(.release(id(2), admin))
        // What is no more there says nothing.
        #expect(resize(2) == nil)
        #expect(state.reservations[id(3)]?.grant[.gpu]?.units.map(\.name) == ["gpu1", "gpu2"])
    }

    @Test("units that are as they should be come first, and the others after them")
    func preference() throws {
        var state = TestHost.state(try WishDrawing.capacity())
        func gpus(_ number: UInt64, _ count: Int64, _ preferences: [String: Constraint]) -> [String]? {
            let ask = Ask(.gpu, amount: Quantity(1000 * count), preferences: preferences)
            #expect(state.reserve(number, [ask]) == nil)
            return state.reservations[id(number)]?.grant[.gpu]?.units.map(\.name)
        }
        #expect(gpus(1, 1, ["model": "B"]) == ["gpu1"])
        // One of the other model is taken after the last that is as it should be.
        #expect(gpus(2, 2, ["model": "B"])?.contains("gpu3") == true)
        #expect(gpus(3, 1, ["model": "Z", "speed": ">1"]) != nil)
        let nodes: [String: Constraint] = ["numa": 1]
        state.reserve(
            4,
            [
                Ask(.memory, amount: Quantity(10), constraints: ["numa": ">=0"], preferences: nodes),
                Ask(.cpu, amount: Quantity(2000), exclusive: true, preferences: nodes),
                Ask(.network, amount: Quantity(1), preferences: nodes),
            ])
        let grant = try #require(state.reservations[id(4)]?.grant)
        #expect(grant[.memory]?.nodes == [1])
        #expect(grant[.cpu]?.nodes == [1])
        #expect(grant[.network]?.units.first?.name == "eth1")
        #expect(grant[.memory]?.preferences == nodes)
        #expect(state.reserve(5, [Ask(.cpu, amount: Quantity(6000), exclusive: true, preferences: nodes)]) == nil)
    }
}
