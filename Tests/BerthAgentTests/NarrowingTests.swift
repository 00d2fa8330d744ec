import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Synchronization
import Testing

@Suite("What plugins narrow of a reservation") struct NarrowingTests {
    private static let seat = ResourceType("acme.example/seat")
    private static let phone = ResourceType("acme.example/phone")

    private static func bench(_ disk: Disk = Disk(), firstID: UInt64 = 1) async throws -> Bench {
        let bench = Bench(disk: disk, firstID: firstID)
        var capacity = try Bench.capacity()
        capacity.nodeMemory = [0: Quantity(500), 1: Quantity(500)]
        _ = try await bench.agent.start(capacity: capacity, boot: "b")
        for type in [seat, phone] {
            let units = (1...3).map { Capacity.Unit(name: "\($0)", capacity: Quantity(1)) }
            await bench.agent.setUnits(try #require(type), units)
        }
        return bench
    }

    private static func request(_ more: [Ask] = [], user: [ResourceType?] = [seat]) throws -> ReservationRequest {
        ReservationRequest(
            resources: Resources(try user.map { Ask(try #require($0), amount: Quantity(1)) } + more),
            lease: .seconds(60))
    }

    private static func narrow(_ bench: Bench, _ narrowings: [String: Narrowing]) {
        bench.providers.narrowings.withLock { narrowed in
            narrowed = Dictionary(uniqueKeysWithValues: narrowings.map { ("acme.example/\($0)", $1) })
        }
    }

    private static func change(_ type: ResourceType?, _ amount: Int64, node: Int? = nil) throws -> ResourceChange {
        let type = try #require(type)
        let constraints = node.map { ["numa": Constraint(integerLiteral: Int64($0))] }
        return ResourceChange(
            parts: [ResourceChange.Part(type: type, amount: Quantity(amount), constraints: constraints)], storage: [])
    }

    @Test("is what the kernel is told with the grant, the tighter of two")
    func whole() async throws {
        let bench = try await Self.bench()
        Self.narrow(
            bench,
            ["seat": Narrowing(nodes: [0, 1], pids: Quantity(9)), "phone": Narrowing(nodes: [1], pids: Quantity(7))])
        _ = try await bench.agent.reserve(try Self.request(user: [Self.seat, Self.phone]), by: bench.peer(1))
        #expect(bench.enforcer.narrowings.withLock { $0 } == [Narrowing(nodes: [1], pids: Quantity(7))])
    }

    @Test("is no grant where it is looser, or leaves nothing: what others prepared is given back")
    func refused() async throws {
        let bench = try await Self.bench()
        for (narrowing, reason) in [
            (Narrowing(pids: Quantity(4097)), "it gives pids.max 4097, and 4096 are the most where none are asked"),
            (Narrowing(nodes: [1]), "it gives cpuset.mems 1, and another plugin 0: no node is in both"),
        ] {
            Self.narrow(bench, ["phone": Narrowing(nodes: [0]), "seat": narrowing])
            let refusal = Refusal.provider(try #require(Self.seat), reason: reason, hint: nil)
            await #expect(throws: AgentError.refused(refusal)) {
                try await bench.agent.reserve(try Self.request(user: [Self.seat, Self.phone]), by: bench.peer(1))
            }
            #expect(bench.providers.asked.withLock { $0.contains("release acme.example/phone") })
            #expect(
                await bench.until { (try? await bench.agent.reservations(in: nil, for: bench.peer(1)).isEmpty) == true }
            )
        }
        let ended = try await bench.agent.reservations(in: .failed, for: bench.peer(1))
        #expect(ended.map(\.reservation.reason) == [.provider, .provider])
        #expect(bench.enforcer.narrowings.withLock { $0.isEmpty })
    }

    @Test("changes with what the plugin says at a resize, and stays where it is not asked")
    func resize() async throws {
        let bench = try await Self.bench()
        Self.narrow(bench, ["seat": Narrowing(pids: Quantity(9))])
        let request = try Self.request([Ask(.pids, amount: Quantity(20))])
        let id = try await bench.agent.reserve(request, by: bench.peer(1)).reservation.id
        func narrowing() async throws -> Narrowing? {
            let reservation = try await bench.agent.reservation(id, for: bench.peer(1)).reservation
            return reservation.narrowings(for: reservation.grant).met
        }
        _ = try await bench.agent.resize(id, try Self.change(.pids, 5), by: bench.peer(1))
        #expect(try await narrowing() == Narrowing(pids: Quantity(9)))
        let told = bench.enforcer.narrowings.withLock { $0.count }
        // What fewer processes leave no room for is refused, and all is as before.
        await #expect(throws: AgentError.self) {
            try await bench.agent.resize(id, try Self.change(Self.seat, 2), by: bench.peer(1))
        }
        #expect(try await narrowing() == Narrowing(pids: Quantity(9)))
        Self.narrow(bench, ["seat": Narrowing(pids: Quantity(4))])
        _ = try await bench.agent.resize(id, try Self.change(Self.seat, 2), by: bench.peer(1))
        #expect(bench.enforcer.narrowings.withLock { $0.last } == Narrowing(pids: Quantity(4)))
        Self.narrow(bench, [:])
        _ = try await bench.agent.resize(id, try Self.change(Self.seat, 1), by: bench.peer(1))
        #expect(bench.enforcer.narrowings.withLock { $0.last } == Narrowing())
        #expect(bench.enforcer.narrowings.withLock { $0.count } > told + 1)
    }

    @Test("keeps memory from being brought to other nodes")
    func nodes() async throws {
        let bench = try await Self.bench()
        Self.narrow(bench, ["seat": Narrowing(nodes: [0])])
        let request = try Self.request([Ask(.memory, amount: Quantity(10))])
        let id = try await bench.agent.reserve(request, by: bench.peer(1)).reservation.id
        let refusal = Refusal.provider(
            try #require(Self.seat), reason: "it keeps the memory on nodes 0, and this would bring it to 1",
            hint: "ask for nodes that have one of those")
        await #expect(throws: AgentError.refused(refusal)) {
            try await bench.agent.resize(id, try Self.change(.memory, 10, node: 1), by: bench.peer(1))
        }
        #expect(bench.enforcer.resizes.withLock { $0.isEmpty })
        _ = try await bench.agent.resize(id, try Self.change(.memory, 10, node: 0), by: bench.peer(1))
    }

    @Test("goes on after a crash, from the ledger")
    func crash() async throws {
        let disk = Disk()
        let bench = try await Self.bench(disk)
        Self.narrow(bench, ["seat": Narrowing(nodes: [0], pids: Quantity(9))])
        _ = try await bench.agent.reserve(try Self.request(), by: bench.peer(1))
        #expect(
            await bench.until {
                disk.content.withLock { content in
                    content.events.contains { if case .provided = $0.change { true } else { false } }
                }
            })
        bench.ledger.crash()
        let second = try await Self.bench(disk, firstID: 100)
        #expect(
            await second.until {
                second.enforcer.narrowings.withLock { $0.last } == Narrowing(nodes: [0], pids: Quantity(9))
            })
    }
}
