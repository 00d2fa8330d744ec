import BerthAgent
import BerthCore
import BerthJSON
import BerthModel
import Synchronization
import Testing

@Suite("What a plugin knows of the host's own GPUs") struct ExtendingTests {
    private static let nvidia = "0000:17:00.0"
    private static let intel = "0000:00:02.0"

    private static func gpu(
        _ name: String, _ facts: [String: JSONValue] = [:], parent: String? = nil
    ) -> Capacity.Unit {
        Capacity.Unit(name: name, capacity: Quantity(1000), capabilities: facts, parent: parent)
    }

    /// The GPU with two parts, as the plugin has it.
    private static var cut: [Capacity.Unit] {
        [gpu(nvidia)] + ["MIG-1", "MIG-2"].map { gpu($0, ["partition": "1g"], parent: nvidia) }
    }

    private static func bench(_ gpus: [Capacity.Unit]) async throws -> Bench {
        let bench = Bench(disk: Disk())
        try await bench.start()
        var capacity = try Bench.capacity()
        capacity.gpus = gpus
        await bench.agent.setCapacity(capacity)
        return bench
    }

    private static func mixed() async throws -> Bench {
        let bench = try await bench([gpu(intel, ["vendor": "8086"]), gpu(nvidia, ["vendor": "10de"])])
        await bench.agent.setUnits(.gpu, [gpu(nvidia, ["uuid": "GPU-1", "vendor": "10de"])])
        return bench
    }

    private static func ask(_ count: Int64, _ constraints: [String: Constraint] = [:]) -> ReservationRequest {
        ReservationRequest(
            resources: Resources([Ask(.gpu, amount: Quantity(1000 * count), constraints: constraints)]),
            lease: .seconds(60))
    }

    private static func change(_ part: ResourceChange.Part) -> ResourceChange {
        ResourceChange(parts: [part], storage: [])
    }

    private static func units(_ view: ReservationView) -> [String] {
        view.reservation.grant[.gpu]?.units.map(\.name) ?? []
    }

    private static func report(_ bench: Bench) async throws -> ResourceReport {
        try #require(try await bench.agent.resources(for: bench.peer(0)).first { $0.type == .gpu })
    }

    @Test("may be what it knows of the host's own GPUs, and their parts")
    func extending() async throws {
        let bench = try await Self.bench([Self.gpu(Self.nvidia)])
        let whole = Self.nvidia
        func units(_ failure: String? = nil) -> [Capacity.Unit] {
            [Capacity.Unit(name: whole, capacity: Quantity(1000), capabilities: ["uuid": "GPU-1"], failure: failure)]
                + ["MIG-1", "MIG-2"].map { name in
                    Capacity.Unit(
                        name: name, capacity: Quantity(1000), capabilities: ["partition": "1g.10gb"], parent: whole)
                }
        }
        await bench.agent.setUnits(.gpu, units())
        func reserve(_ constraints: [String: Constraint] = [:]) async throws -> ReservationView {
            let ask = Ask(.gpu, amount: Quantity(1000), constraints: constraints)
            return try await bench.agent.reserve(
                ReservationRequest(resources: Resources([ask]), lease: .seconds(60)), by: bench.peer(1))
        }
        func states() async throws -> [ResourceReport.UnitState] {
            try await bench.agent.resources(for: bench.peer(0)).first { $0.type == .gpu }?.units.map(\.state) ?? []
        }
        let parts = [try await reserve(["partition": "1g.10gb"]), try await reserve(["partition": "1g.10gb"])]
        #expect(parts.map(\.environment["UNITS"]) == ["MIG-1", "MIG-2"])
        #expect(try await states() == [.reserved, .reserved, .reserved])
        await #expect(throws: AgentError.self) { try await reserve() }
        let report = try await bench.agent.resources(for: bench.peer(0)).first { $0.type == .gpu }
        #expect(report?.capacity == Quantity(1000) && report?.held == Quantity(1000))
        _ = try await bench.agent.release(parts[0].reservation.id, by: bench.peer(1))
        await #expect(throws: AgentError.self) { try await reserve() }
        _ = try await bench.agent.release(parts[1].reservation.id, by: bench.peer(1))
        #expect(try await states() == [.available, .available, .available])
        let held = try await reserve()
        #expect(held.reservation.grant[.gpu]?.units.map(\.name) == [whole])
        #expect(try await states() == [.reserved, .reserved, .reserved])
        await #expect(throws: AgentError.self) { try await reserve(["partition": "1g.10gb"]) }
        _ = try await bench.agent.release(held.reservation.id, by: bench.peer(1))
        await bench.agent.setUnits(.gpu, units("Xid 79"))
        await #expect(throws: AgentError.self) { try await reserve() }
        #expect(bench.providers.asked.withLock { $0 }.prefix(2) == ["allocate gpu MIG-1", "allocate gpu MIG-2"])
        #expect(bench.providers.asked.withLock { $0.last } == "release gpu")
    }

    @Test("is granted once, though the kernel has names of its own for the parts")
    func partsOfTheKernel() async throws {
        let own = ["/0", "/1"].map { Self.gpu(Self.nvidia + $0, ["pci": .string(Self.nvidia)]) }
        let bench = try await Self.bench([Self.gpu(Self.nvidia)] + own)
        let held = try await bench.agent.reserve(
            Self.ask(1, ["pci": Constraint(stringLiteral: Self.nvidia)]), by: bench.peer(1))
        #expect(Self.units(held) == [Self.nvidia + "/0"])
        await bench.agent.setUnits(.gpu, Self.cut)
        // Nobody knows which of the plugin's parts is held under the kernel's name.
        for constraints in [[:], ["partition": "1g"], ["pci": Constraint(stringLiteral: Self.nvidia)]]
            as [[String: Constraint]]
        {
            await #expect(throws: AgentError.self) {
                try await bench.agent.reserve(Self.ask(1, constraints), by: bench.peer(1))
            }
        }
        #expect(try await Self.report(bench).held == Quantity(1000))
        _ = try await bench.agent.release(held.reservation.id, by: bench.peer(1))
        #expect(try await Self.report(bench).units.map(\.name) == [Self.nvidia, "MIG-1", "MIG-2"])
        #expect(try await Self.report(bench).capacity == Quantity(1000))
        _ = try await bench.agent.reserve(Self.ask(2, ["partition": "1g"]), by: bench.peer(1))
        await #expect(throws: AgentError.self) { try await bench.agent.reserve(Self.ask(1), by: bench.peer(1)) }
    }

    @Test("brings no GPU that the host does not have")
    func unknownWhole() async throws {
        let bench = try await Self.bench([])
        await bench.agent.setUnits(.gpu, Self.cut)
        for constraints in [[:], ["partition": "1g"]] as [[String: Constraint]] {
            await #expect(throws: AgentError.self) {
                try await bench.agent.reserve(Self.ask(1, constraints), by: bench.peer(1))
            }
        }
        #expect(try await Self.report(bench).units.map(\.state) == [.failed, .failed, .failed])
    }

    @Test("is told of what is its own, beside GPUs that are not")
    func beside() async throws {
        let bench = try await Self.mixed()
        let id = try await bench.agent.reserve(Self.ask(2), by: bench.peer(1)).reservation.id
        bench.providers.failing.withLock { $0 = ["gpu"] }
        _ = try await bench.agent.resize(id, Self.change(.init(type: .memory, amount: Quantity(10))), by: bench.peer(1))
        bench.providers.failing.withLock { $0 = [] }
        let shrunk = try await bench.agent.resize(
            id, Self.change(.init(type: .gpu, amount: Quantity(1000))), by: bench.peer(1))
        #expect(Self.units(shrunk) == [Self.intel] && shrunk.environment["UNITS"] == nil)
        let other = try await bench.agent.reserve(Self.ask(1), by: bench.peer(2))
        #expect(Self.units(other) == [Self.nvidia] && other.environment["UNITS"] == Self.nvidia)
        #expect(
            bench.providers.asked.withLock { $0 } == [
                "allocate gpu \(Self.nvidia)", "release gpu", "allocate gpu \(Self.nvidia)",
            ])
    }

    @Test("is told again of what is held when it comes back, and of what it comes to know")
    func back() async throws {
        let second = "0000:18:00.0"
        let bench = try await Self.bench([Self.gpu(Self.nvidia), Self.gpu(second)])
        await bench.agent.setUnits(.gpu, [Self.gpu(Self.nvidia)])
        let id = try await bench.agent.reserve(Self.ask(2), by: bench.peer(1)).reservation.id
        #expect(try await bench.agent.reservation(id, for: bench.peer(1)).environment["UNITS"] == Self.nvidia)
        await bench.agent.setUnits(.gpu, nil)
        #expect(await bench.agent.held(of: [.gpu]).map(\.hold.units.count) == [2])
        await bench.agent.setUnits(.gpu, [Self.gpu(Self.nvidia), Self.gpu(second)])
        #expect(
            await bench.until {
                (try? await bench.agent.reservation(id, for: bench.peer(1)).environment["UNITS"])
                    == "\(Self.nvidia),\(second)"
            })
        await bench.agent.setUnits(.gpu, [])
        _ = try await bench.agent.release(id, by: bench.peer(1))
        #expect(bench.providers.asked.withLock { $0.last } == "release gpu")
    }

    @Test("is not gone back to where another has it by now")
    func failedMove() async throws {
        let bench = try await Self.mixed()
        let id = try await bench.agent.reserve(Self.ask(1, ["vendor": "8086"]), by: bench.peer(1)).reservation.id
        bench.providers.failing.withLock { $0 = ["gpu"] }
        let (agent, peer) = (bench.agent, bench.peer(1))
        bench.providers.meanwhile.withLock { meanwhile in
            meanwhile = { _ = try? await agent.reserve(Self.ask(1, ["vendor": "8086"]), by: bench.peer(2)) }
        }
        await #expect(throws: AgentError.self) {
            try await agent.resize(id, Self.change(.init(type: .gpu, constraints: ["vendor": "10de"])), by: peer)
        }
        let views = try await agent.reservations(in: nil, for: bench.peer(0))
        #expect(views.map(Self.units) == [[Self.nvidia], [Self.intel]])
        #expect(try await Self.report(bench).held == Quantity(2000))
        // Nothing is prepared of what it holds now, until the plugin is asked again.
        bench.providers.failing.withLock { $0 = [] }
        await agent.setUnits(.gpu, [Self.gpu(Self.nvidia, ["uuid": "GPU-1", "vendor": "10de"])])
        #expect(
            await bench.until {
                (try? await agent.reservation(id, for: bench.peer(1)).environment["UNITS"]) == Self.nvidia
            })
    }

    @Test("has parts that are not free while what they are of cannot be ended")
    func quarantined() async throws {
        let bench = try await Self.bench([Self.gpu(Self.nvidia)])
        await bench.agent.setUnits(.gpu, Self.cut)
        let id = try await bench.agent.reserve(Self.ask(1), by: bench.peer(1)).reservation.id
        bench.enforcer.unkillable.withLock { $0 = Quarantine(processes: [77], reason: "it does not end") }
        _ = try await bench.agent.release(id, by: bench.peer(1))
        #expect(try await Self.report(bench).units.map(\.state) == [.failed, .failed, .failed])
    }

    @Test("does not end what runs when the plugin fails and the client asks again")
    func retry() async throws {
        let bench = try await Self.bench([Self.gpu(Self.nvidia)])
        let retry = RetryKey(key: "k", digest: 1)
        let id = try await bench.agent.reserve(Self.ask(1), by: bench.peer(1), retry: retry).reservation.id
        bench.providers.failing.withLock { $0 = ["gpu"] }
        await bench.agent.setUnits(.gpu, [Self.gpu(Self.nvidia)])
        let again = try await bench.agent.reserve(Self.ask(1), by: bench.peer(1), retry: retry)
        #expect(again.reservation.id == id && again.reservation.isLive)
    }

    @Test("is held for good, whatever is said of it since")
    func facts() async throws {
        let other = "0000:18:00.0"
        let bench = try await Self.bench([Self.gpu(Self.nvidia), Self.gpu(other)])
        await bench.agent.setUnits(.gpu, [Self.gpu(Self.nvidia, ["class": "a"]), Self.gpu(other, ["class": "b"])])
        let id = try await bench.agent.reserve(Self.ask(1, ["class": "a"]), by: bench.peer(1)).reservation.id
        await bench.agent.setUnits(.gpu, [Self.gpu(Self.nvidia, ["class": "b"]), Self.gpu(other, ["class": "a"])])
        let memory = try await bench.agent.resize(
            id, Self.change(.init(type: .memory, amount: Quantity(10))), by: bench.peer(1))
        #expect(Self.units(memory) == [Self.nvidia])
        // Who asks for something else gets it.
        let moved = try await bench.agent.resize(
            id, Self.change(.init(type: .gpu, constraints: ["class": "~a"])), by: bench.peer(1))
        #expect(Self.units(moved) == [other])
    }

    @Test("says why it is there no more, also to the next agent")
    func withdrawn() async throws {
        let bench = try await Self.bench([Self.gpu(Self.nvidia)])
        await bench.agent.setUnits(.gpu, Self.cut)
        _ = try await bench.agent.reserve(Self.ask(1, ["partition": "1g"]), by: bench.peer(1))
        await bench.agent.setUnits(.gpu, nil)
        await bench.agent.failAllUnits(reason: "provider_down")
        let part = try await Self.report(bench).units.first { $0.name == "MIG-1" }
        #expect(part?.failure == "no plugin provides it any more")
    }
}
