import BerthAgent
import BerthCore
import BerthModel
import Synchronization
import Testing

@Suite("What plugins provide") struct ProvidingTests {
    private static let seat = ResourceType("acme.example/seat")
    private static let phone = ResourceType("acme.example/phone")

    private static func bench(_ disk: Disk = Disk()) async throws -> Bench {
        let bench = Bench(disk: disk)
        try await bench.start()
        for type in [seat, phone] {
            let units = (1...3).map { Capacity.Unit(name: "\($0)", capacity: Quantity(1)) }
            await bench.agent.setUnits(try #require(type), units)
        }
        return bench
    }

    private static func request(_ amounts: [ResourceType?: Int64]) throws -> ReservationRequest {
        ReservationRequest(
            resources: Resources(try amounts.map { Ask(try #require($0), amount: Quantity($1)) }), lease: .seconds(60))
    }

    @Test("is prepared with a grant and given back with its end")
    func whole() async throws {
        let bench = try await Self.bench()
        let granted = try await bench.agent.reserve(try Self.request([Self.seat: 2]), by: bench.peer(1))
        #expect(granted.environment["UNITS"] == "1,2")
        _ = try await bench.agent.release(granted.reservation.id, by: bench.peer(1))
        #expect(
            bench.providers.asked.withLock { $0 } == ["allocate acme.example/seat 1,2", "release acme.example/seat"])
    }

    @Test("is nothing where one of the plugins cannot: what the others did is given back")
    func failure() async throws {
        let bench = try await Self.bench()
        bench.providers.failing.withLock { $0 = ["acme.example/seat"] }
        let refusal = Refusal.provider(try #require(Self.seat), reason: "it is empty", hint: nil)
        await #expect(throws: AgentError.refused(refusal)) {
            try await bench.agent.reserve(try Self.request([Self.seat: 1, Self.phone: 1]), by: bench.peer(1))
        }
        #expect(
            bench.providers.asked.withLock { $0.prefix(3) } == [
                "allocate acme.example/phone 1", "allocate acme.example/seat 1", "release acme.example/phone",
            ])
        #expect(
            await bench.until { (try? await bench.agent.reservations(in: nil, for: bench.peer(1)).isEmpty) == true })
        let ended = try await bench.agent.reservations(in: .failed, for: bench.peer(1))
        #expect(ended.map(\.reservation.reason) == [.provider])
    }

    @Test("follows a resize, and goes back where the plugin cannot")
    func resize() async throws {
        let bench = try await Self.bench()
        let seat = try #require(Self.seat)
        let id = try await bench.agent.reserve(try Self.request([seat: 1]), by: bench.peer(1)).reservation.id
        func change(_ amount: Int64) -> ResourceChange {
            ResourceChange(parts: [ResourceChange.Part(type: seat, amount: Quantity(amount))], storage: [])
        }
        let grown = try await bench.agent.resize(id, change(2), by: bench.peer(1))
        #expect(grown.environment["UNITS"] == "1,2")
        bench.providers.failing.withLock { $0 = [seat.name] }
        await #expect(throws: AgentError.refused(.provider(seat, reason: "it is empty", hint: nil))) {
            try await bench.agent.resize(id, change(3), by: bench.peer(1))
        }
        let held = try await bench.agent.reservation(id, for: bench.peer(1)).reservation.grant
        #expect(held[seat]?.units.map(\.name) == ["1", "2"])
    }

    @Test("that is down is failed and stays held, and is over a restart of the agent")
    func down() async throws {
        let disk = Disk()
        let bench = try await Self.bench(disk)
        let seat = try #require(Self.seat)
        let id = try await bench.agent.reserve(try Self.request([seat: 1]), by: bench.peer(1)).reservation.id
        await bench.agent.failUnits(seat, reason: "provider_down")
        await #expect(throws: AgentError.self) {
            try await bench.agent.reserve(try Self.request([seat: 1]), by: bench.peer(1))
        }
        bench.ledger.crash()
        let second = Bench(disk: disk, firstID: 100)
        try await second.start()
        let view = try await second.agent.reservation(id, for: second.peer(1))
        #expect(view.reservation.isLive && view.environment["UNITS"] == "1")
        #expect(await second.agent.held(of: [seat]).map(\.hold.units.first?.name) == ["1"])
        await second.agent.setUnits(seat, nil)
        let report = try await second.agent.resources(for: second.peer(0)).first { $0.type == seat }
        #expect(report?.units.map(\.name) == ["1"])
        #expect(report?.units.first?.state == .failed)
    }
}
