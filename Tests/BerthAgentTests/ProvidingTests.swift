import BerthAgent
import BerthCore
import BerthJSON
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

    @Test("is prepared again as it was where a resize takes none of it away after all")
    func inUse() async throws {
        let bench = try await Self.bench()
        let seat = try #require(Self.seat)
        let id = try await bench.agent.reserve(try Self.request([seat: 2]), by: bench.peer(1)).reservation.id
        bench.enforcer.failure.withLock { $0 = .inUse(.memory, used: Quantity(2), asked: Quantity(1)) }
        let part = ResourceChange.Part(type: seat, amount: Quantity(1))
        await #expect(throws: AgentError.self) {
            try await bench.agent.resize(id, ResourceChange(parts: [part], storage: []), by: bench.peer(1))
        }
        let asked = bench.providers.asked.withLock { $0 }
        #expect(asked.count == 3 && asked.first == asked.last)
    }

    @Test("may be folders: the receipt says what holds them, and whoever takes them back knows of them")
    func folders() async throws {
        let bench = try await Self.bench()
        let seat = try #require(Self.seat)
        let folder = SizedFolder(home: "/h", name: "f", bytes: 4096, project: 7)
        bench.providers.folders.withLock { $0 = [folder] }
        func receipt(_ view: ReservationView) -> Receipt? { view.reservation.receipts.first { $0.type == seat } }
        let first = try await bench.agent.reserve(try Self.request([seat: 1]), by: bench.peer(1))
        #expect(receipt(first)?.folders == [Receipt.Folder(name: "f", bytes: 4096, project: 7)])
        #expect(receipt(first)?.status == .enforced)
        bench.providers.folders.withLock { $0[0].bytes = 8192 }
        let part = ResourceChange.Part(type: seat, amount: Quantity(2))
        let id = first.reservation.id
        let grown = try await bench.agent.resize(id, ResourceChange(parts: [part], storage: []), by: bench.peer(1))
        #expect(receipt(grown)?.folders == [Receipt.Folder(name: "f", bytes: 8192, project: 7)])
        _ = try await bench.agent.release(id, by: bench.peer(1))
        #expect(bench.providers.asked.withLock { $0.last } == "release acme.example/seat f")
        var request = try Self.request([seat: 1])
        request.enforce = .required
        _ = try await bench.agent.reserve(request, by: bench.peer(1))
        bench.providers.folders.withLock { $0[0].project = nil }
        await #expect(throws: AgentError.self) { try await bench.agent.reserve(request, by: bench.peer(1)) }
        // Those of a grant that came to nothing, too.
        bench.providers.failing.withLock { $0 = [seat.name] }
        await #expect(throws: AgentError.self) {
            try await bench.agent.reserve(try Self.request([seat: 1, Self.phone: 1]), by: bench.peer(1))
        }
        #expect(bench.providers.asked.withLock { $0.contains("release acme.example/phone f") })
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
        // What was prepared is stored a little later than what was granted.
        #expect(
            await bench.until {
                disk.content.withLock { content in
                    content.events.contains { if case .provided = $0.change { true } else { false } }
                }
            })
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

    @Test("is asked for in words that its plugin looks at")
    func check() async throws {
        let bench = try await Self.bench()
        let violation = Violation(
            code: "colour", pointer: "/x", message: "there is no blue one", hint: nil, validator: "a")
        let id = try await bench.agent.reserve(try Self.request([Self.seat: 1]), by: bench.peer(1)).reservation.id
        bench.providers.violations.withLock { $0 = ["acme.example/seat": [violation]] }
        let rejection = AgentError.refused(.rejected([violation]))
        await #expect(throws: rejection) {
            try await bench.agent.reserve(try Self.request([Self.seat: 1, Self.phone: 1]), by: bench.peer(1))
        }
        let part = ResourceChange.Part(type: try #require(Self.seat), amount: Quantity(2))
        await #expect(throws: rejection) {
            try await bench.agent.resize(id, ResourceChange(parts: [part], storage: []), by: bench.peer(1))
        }
        let explained = try await bench.agent.explain(try Self.request([Self.seat: 1]), by: bench.peer(1))
        #expect(explained.answer == .refused(.rejected([violation])))
        _ = try await bench.agent.reserve(try Self.request([Self.phone: 1]), by: bench.peer(1))
    }

    @Test("is used in words of the plugin's own")
    func usage() async throws {
        let bench = try await Self.bench()
        let id = try await bench.agent.reserve(try Self.request([Self.seat: 1]), by: bench.peer(1)).reservation.id
        let view = try await bench.agent.reservation(id, for: bench.peer(1))
        let use: JSONValue = ["acme.example/seat": ["of": "acme.example/seat"]]
        #expect(view.usageJSON?[JSONPointer(["types"])] == use)
    }

    @Test("is forgotten with the plugin where there was nothing of it, and with the units where they were given up")
    func forgotten() async throws {
        let bench = try await Self.bench()
        let (seat, phone) = (try #require(Self.seat), try #require(Self.phone))
        await bench.agent.setUnits(phone, [])
        await bench.agent.setUnits(phone, nil)
        #expect(await bench.agent.providedTypes() == [seat])
        let id = try await bench.agent.reserve(try Self.request([seat: 2]), by: bench.peer(1)).reservation.id
        await bench.agent.setUnits(seat, [Capacity.Unit(name: "2", capacity: Quantity(1))])
        let part = ResourceChange.Part(type: seat, amount: Quantity(1))
        let shrunk = try await bench.agent.resize(id, ResourceChange(parts: [part], storage: []), by: bench.peer(1))
        // What works stays.
        #expect(shrunk.reservation.grant[seat]?.units.map(\.name) == ["2"])
        let report = try await bench.agent.resources(for: bench.peer(0)).first { $0.type == seat }
        #expect(report?.units.map(\.name) == ["2"])
        await bench.agent.setUnits(seat, nil)
        _ = try await bench.agent.release(id, by: bench.peer(1))
        #expect(await bench.agent.providedTypes().isEmpty)
    }
}
