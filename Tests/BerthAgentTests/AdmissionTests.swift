import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Synchronization
import Testing

@Suite("Validators") struct AdmissionTests {
    private static let violation = Violation(
        code: "c", pointer: "/labels", message: "no", hint: nil, validator: "v")

    private static func bench() async throws -> Bench {
        let bench = Bench()
        try await bench.start()
        bench.validators.content.withLock { $0.isEmpty = false }
        return bench
    }

    @Test("see the request, who asks, and what would be granted")
    func question() async throws {
        let bench = try await Self.bench()
        _ = try await bench.agent.reserve(Bench.request(cpu: 1500), by: bench.peer(1, groups: [50]))
        let question = try #require(bench.validators.content.withLock { $0.asked.first })
        #expect(question.purpose == .reserve && question.user == 1 && question.groups == [50])
        #expect(
            JSONValue.object(question.request)[try JSONPointer(parsing: "/resources/cpu/amount")]?.description == "1.5")
        #expect(
            JSONValue.object(question.proposal)[try JSONPointer(parsing: "/resources/cpu/amount")]?.description == "1.5"
        )
        #expect(JSONValue.object(question.host)[try JSONPointer(parsing: "/resources/cpu/free")]?.description == "4")
    }

    @Test("that object refuse reserve, resize and explain, and nothing is held")
    func rejected() async throws {
        let bench = try await Self.bench()
        let peer = bench.peer(1)
        let id = try await bench.agent.reserve(Bench.request(), by: peer).reservation.id
        bench.validators.content.withLock { $0.violations = [Self.violation] }
        let refusal = Refusal.rejected([Self.violation])
        await #expect(throws: AgentError.refused(refusal)) { try await bench.agent.reserve(Bench.request(), by: peer) }
        let change = ResourceChange(parts: [.init(type: .cpu, amount: Quantity(2000))], storage: [])
        await #expect(throws: AgentError.refused(refusal)) { try await bench.agent.resize(id, change, by: peer) }
        #expect(try await bench.agent.explain(Bench.request(), by: peer).answer == .refused(refusal))
        #expect(await bench.heldCPU() == 1000)
        #expect(
            bench.validators.content.withLock { $0.asked.map(\.purpose) } == [.reserve, .reserve, .resize, .explain])
    }

    @Test("amend, and what they put in is granted, recorded and kept")
    func amended() async throws {
        let bench = try await Self.bench()
        let amendment = Amendment(validator: "v", pointer: "/labels/a", value: "b", reason: "r")
        bench.validators.content.withLock { $0.amendments = [amendment] }
        let reservation = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation
        #expect(reservation.labels == ["a": "b"] && reservation.amendments == [amendment])
        bench.validators.content.withLock { $0.amendments[0].pointer = "/lease" }
        let error = await #expect(throws: AgentError.self) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
        guard case .refused(.rejected(let violations))? = error else {
            Issue.record("it was \(String(describing: error))")
            return
        }
        #expect(violations.map(\.pointer) == ["/lease"] && violations.map(\.validator) == ["v"])
    }

    @Test("look again where something else would be granted meanwhile")
    func changed() async throws {
        let bench = try await Self.bench()
        let request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(1000), exclusive: true)]), lease: .seconds(60))
        let agent = bench.agent
        let other = bench.peer(2)
        bench.validators.content.withLock { content in
            content.meanwhile = { _ = try? await agent.reserve(request, by: other) }
        }
        let granted = try await agent.reserve(request, by: bench.peer(1)).reservation
        let last = try #require(bench.validators.content.withLock { $0.asked.last })
        #expect(last.user == 1)
        let cpus = JSONValue.object(last.proposal)[try JSONPointer(parsing: "/resources/cpu/cpus")]
        #expect(cpus?.description == granted.grant[.cpu]?.cpus.map { "\"\($0)\"" })
        #expect(bench.validators.content.withLock { $0.asked.count } == 3)
    }

    @Test("refuse nobody for what all others want as well")
    func crowd() async throws {
        let bench = try await Self.bench()
        let seat = try #require(ResourceType("acme.example/seat"))
        let names = (100..<132).map { "seat\($0)" }
        await bench.agent.setUnits(seat, names.map { Capacity.Unit(name: $0, capacity: seat.whole) })
        let request = ReservationRequest(
            resources: Resources([Ask(seat, amount: seat.whole)]), lease: .seconds(60))
        let granted = try await withThrowingTaskGroup { group in
            for _ in names {
                group.addTask { try await bench.agent.reserve(request, by: bench.peer(0)).reservation.grant }
            }
            return try await group.reduce(into: []) { $0 += $1[seat]?.units.map(\.name) ?? [] }
        }
        #expect(granted.sorted() == names)
    }

    @Test("that are not there let nothing pass, and the core's own refusal comes first")
    func absent() async throws {
        let bench = try await Self.bench()
        bench.validators.content.withLock { $0.failure = ValidatorFailure("v is down") }
        await #expect(throws: AgentError.unavailable("v is down")) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
        #expect(await bench.heldCPU() == 0)
        let error = await #expect(throws: AgentError.self) {
            try await bench.agent.reserve(Bench.request(cpu: 100_000), by: bench.peer(1))
        }
        let isShort = if case .refused(.insufficient)? = error { true } else { false }
        #expect(isShort)
    }
}
