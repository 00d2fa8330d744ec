import BerthAgent
import BerthCore
import BerthModel
import Synchronization
import Testing

@Suite("The agent and what the kernel says")
struct EnforcementTests {
    private let failure = EnforcementError.kernel("write \"1\" to cpu.max: EBUSY", [])

    @Test("a grant that the kernel refuses is none")
    func refusedGrant() async throws {
        let bench = Bench()
        try await bench.start()
        bench.enforcer.failure.withLock { $0 = failure }
        await #expect(throws: AgentError.refused(.enforcement("write \"1\" to cpu.max: EBUSY", []))) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
        #expect(await bench.until { await bench.heldCPU() == 0 })
    }

    @Test(
        "a resize that the kernel refuses leaves all as it was",
        arguments: [
            (500, EnforcementError.inUse(.cpu, used: Quantity(900), asked: Quantity(500))),
            (2000, .kernel("write \"2\" to cpu.max: EBUSY", [])),
        ] as [(Int64, EnforcementError)])
    func refusedResize(amount: Int64, failure: EnforcementError) async throws {
        let bench = Bench()
        try await bench.start()
        let id = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        bench.enforcer.failure.withLock { $0 = failure }
        let change = ResourceChange(parts: [.init(type: .cpu, amount: Quantity(amount))], storage: [])
        await #expect(throws: AgentError.self) { try await bench.agent.resize(id, change, by: bench.peer(1)) }
        #expect(await bench.heldCPU() == 1000)
        bench.enforcer.failure.withLock { if case .kernel = failure { $0 = nil } }
        let forced = try await bench.agent.resize(id, change, force: true, by: bench.peer(1))
        #expect(forced.reservation.grant[.cpu]?.amount == Quantity(amount))
        #expect(await bench.heldCPU() == amount)
    }

    @Test("a process with which what must be enforced would not be is not attached, and the reservation goes on")
    func burden() async throws {
        let bench = Bench(status: .enforced)
        try await bench.start()
        for pid: Int32 in [200, 201] { bench.processes.start(pid) }
        bench.enforcer.burdened.withLock { $0 = [200] }
        let peer = bench.peer(1)
        let request = Bench.request(lease: .seconds(60), enforce: .required)
        let id = try await bench.agent.reserve(request, by: peer).reservation.id
        let receipts = [Receipt(.cpu, status: .advisory, reason: "a burden")]
        await #expect(throws: AgentError.attach(.unenforceable(receipts))) {
            try await bench.agent.attach(200, to: id, by: peer)
        }
        let attached = try await bench.agent.attach(201, to: id, by: peer).reservation
        #expect(attached.isLive && attached.attached.map(\.pid) == [201])
        // In doubt already, by something else than a process: one more changes nothing of that.
        bench.enforcer.failure.withLock { $0 = .kernel("EIO", receipts) }
        await bench.agent.verify()
        bench.enforcer.failure.withLock { $0 = nil }
        #expect(try await bench.agent.attach(200, to: id, by: peer).reservation.isLive)
        #expect(try await bench.agent.release(id, by: peer).reservation.state == .released)
        bench.processes.start(200)
        let other = try await bench.agent.reserve(Bench.request(lease: .seconds(60)), by: peer).reservation.id
        #expect(try await bench.agent.attach(200, to: other, by: peer).reservation.attached.map(\.pid) == [200])
    }

    @Test("of a resize that takes one thing and gives another nothing is stored where what it gives is in use")
    func refusedExchange() async throws {
        let bench = Bench()
        try await bench.start()
        let request = ReservationRequest(
            resources: Resources([Ask(.cpu, amount: Quantity(1000)), Ask(.memory, amount: Quantity(800))]))
        let id = try await bench.agent.reserve(request, by: bench.peer(1)).reservation.id
        // Boot, capacity, grant and receipts.
        #expect(await bench.until { await bench.agent.lastEvent == 4 })
        bench.enforcer.failure.withLock { $0 = .inUse(.memory, used: Quantity(700), asked: Quantity(100)) }
        let change = ResourceChange(
            parts: [.init(type: .cpu, amount: Quantity(3000)), .init(type: .memory, amount: Quantity(100))], storage: []
        )
        await #expect(throws: AgentError.refused(.inUse(.memory, used: Quantity(700), asked: Quantity(100)))) {
            try await bench.agent.resize(id, change, by: bench.peer(1))
        }
        #expect(await bench.agent.lastEvent == 4)
        #expect(bench.enforcer.resizes.withLock { $0.map { [$0[.cpu]?.amount, $0[.memory]?.amount] } } == [])
        bench.enforcer.failure.withLock { $0 = nil }
        _ = try await bench.agent.resize(id, change, by: bench.peer(1))
        // Down to what both cover first, then up.
        #expect(
            bench.enforcer.resizes.withLock { $0.map { [$0[.cpu]?.amount, $0[.memory]?.amount] } } == [
                [Quantity(1000), Quantity(100)], [Quantity(3000), Quantity(100)],
            ])
    }

    @Test("a reservation goes on while something runs in its leaf, though every attached process has ended")
    func children() async throws {
        let bench = Bench()
        try await bench.start()
        bench.processes.start(100)
        let view = try await bench.agent.reserve(Bench.request(attach: true), by: bench.peer(1))
        let id = view.reservation.id
        #expect(view.cgroup == "/leaf/\(id)" && view.environment["BERTH_CGROUP"] == "/leaf/\(id)")
        bench.enforcer.populated.withLock { _ = $0.insert(id) }
        bench.processes.end(100)
        #expect(
            await bench.until {
                (try? await bench.agent.reservation(id, for: bench.peer(1)).reservation.attached.isEmpty) == true
            })
        #expect(await bench.heldCPU() == 1000)
        bench.enforcer.empty(id)
        #expect(await bench.until { await bench.heldCPU() == 0 })
        let ended = try await bench.agent.reservation(id, for: bench.peer(1))
        #expect(ended.reservation.reason == .lastProcess && ended.usage == Usage(cpuMicroseconds: 1))
        #expect(ended.cgroup == nil)
    }

    @Test("a request is not refused for what is over, though nobody has told yet")
    func predecessor() async throws {
        let bench = Bench()
        try await bench.start()
        bench.processes.start(100)
        _ = try await bench.agent.reserve(Bench.request(cpu: 4000, attach: true), by: bench.peer(1))
        await #expect(throws: AgentError.self) {
            try await bench.agent.reserve(Bench.request(cpu: 4000), by: bench.peer(2))
        }
        // Its watcher is never called.
        bench.processes.table.withLock { $0.live[100] = nil }
        _ = try await bench.agent.reserve(Bench.request(cpu: 4000), by: bench.peer(2))
    }

    @Test(
        "what cannot be killed keeps its units until it is gone, and so does what cannot be looked at",
        arguments: [[7], []] as [[Int32]])
    func quarantine(processes: [Int32]) async throws {
        let bench = Bench()
        try await bench.start()
        let id = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        let quarantine = Quarantine(processes: processes, reason: "cannot empty it")
        bench.enforcer.unkillable.withLock { $0 = quarantine }
        let released = try await bench.agent.release(id, by: bench.peer(1))
        #expect(released.reservation.state == .released)
        #expect(await bench.heldCPU() == 1000)
        #expect(try await bench.agent.reservation(id, for: bench.peer(1)).quarantine == quarantine)
        bench.enforcer.unkillable.withLock { $0 = nil }
        bench.enforcer.empty(id)
        #expect(await bench.until { await bench.heldCPU() == 0 })
    }

    @Test(
        "leaves that the ledger does not know are adopted where something runs in them, and cleaned where nothing does")
    func strays() async throws {
        let bench = Bench()
        func stray(_ number: UInt64) throws -> Reservation {
            Reservation(
                id: ReservationID(bits: number), user: 1, request: Bench.request(),
                grant: Grant([Hold(.cpu, amount: Quantity(1000), limit: Quantity(1000))]), retry: nil,
                createdAt: Timestamp(milliseconds: 0), expiresAt: nil, deadline: nil)
        }
        let (running, over) = (try stray(1001), try stray(1002))
        bench.processes.start(500)
        bench.enforcer.found.withLock {
            $0 = [FoundLeaf(id: running.id, processes: [500]), FoundLeaf(id: over.id, processes: [])]
        }
        bench.enforcer.populated.withLock { $0 = [running.id] }
        bench.enforcer.notes.withLock { $0 = [running.id: running, over.id: over] }
        let report = try await bench.start()
        #expect(report.strays.count == 2)
        #expect(await bench.heldCPU() == 1000)
        #expect(bench.enforcer.ended.withLock { $0 } == [over.id])
        let view = try await bench.agent.reservation(running.id, for: bench.peer(1))
        #expect(view.reservation.isLive && view.reservation.wasAttached)
        bench.processes.end(500)
        bench.enforcer.empty(running.id)
        #expect(await bench.until { await bench.heldCPU() == 0 })
    }

    @Test("what runs where nobody can say what it was granted is left alone, and told of")
    func unknown() async throws {
        let bench = Bench()
        let (unreadable, unmarked, empty) = (
            ReservationID(bits: 1001), ReservationID(bits: 1002), ReservationID(bits: 1003)
        )
        bench.enforcer.found.withLock {
            $0 = [
                FoundLeaf(id: unreadable, processes: [500]), FoundLeaf(id: unmarked, processes: [501, 502]),
                FoundLeaf(id: empty, processes: []),
            ]
        }
        bench.enforcer.unreadable.withLock { $0 = [unreadable] }
        let strays = try await bench.start().strays
        #expect(
            strays == [
                "\(unreadable): left alone, and nothing is counted for what runs in it (500): cannot read it",
                "\(unmarked): left alone, and nothing is counted for what runs in it (501, 502): nothing is noted at it",
                "\(empty): cleaned, for nothing runs in it",
            ])
        #expect(bench.enforcer.ended.withLock { $0 } == [empty])
    }

    @Test("an attach whose answer a crash took away counts")
    func unansweredAttach() async throws {
        let disk = Disk()
        let first = Bench(disk: disk)
        try await first.start()
        let id = try await first.agent.reserve(Bench.request(), by: first.peer(1)).reservation.id
        _ = await first.until { disk.content.withLock { !$0.events.isEmpty } }
        first.ledger.crash()
        let second = Bench(disk: disk, firstID: 100)
        second.processes.start(600)
        second.enforcer.found.withLock { $0 = [FoundLeaf(id: id, processes: [600])] }
        second.enforcer.populated.withLock { $0 = [id] }
        try await second.start()
        second.clock.advance(61_000)
        let view = try await second.agent.reservation(id, for: second.peer(1))
        #expect(view.reservation.isLive && view.reservation.attached.map(\.pid) == [600])
    }
}
