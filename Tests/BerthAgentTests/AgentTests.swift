import BerthAgent
import BerthCore
import BerthModel
import Synchronization
import Testing

@Suite("The agent")
struct AgentTests {
    @Test("grants, shows, renews, resizes and releases")
    func life() async throws {
        let bench = Bench()
        try await bench.start()
        let peer = bench.peer(1)
        let granted = try await bench.agent.reserve(Bench.request(lease: .seconds(60)), by: peer)
        let id = granted.reservation.id
        #expect(granted.reservation.state == .confirmed)
        #expect(granted.reservation.receipts.map(\.status) == [.unsupported])
        #expect(granted.environment["BERTH_CPU"] == "1")
        #expect(try await bench.agent.reservation(id, for: peer).usage == Usage(pids: 1))
        let renewed = try await bench.agent.renew(id, .seconds(120), by: peer)
        #expect(renewed.reservation.lease == .seconds(120))
        let change = ResourceChange(parts: [.init(type: .cpu, amount: Quantity(3000))], storage: [])
        let resized = try await bench.agent.resize(id, change, by: peer)
        #expect(resized.reservation.grant[.cpu]?.amount == Quantity(3000))
        #expect(await bench.heldCPU() == 3000)
        let released = try await bench.agent.release(id, by: peer)
        #expect(released.reservation.state == .released)
        #expect(await bench.heldCPU() == 0)
        let again = try await bench.agent.release(id, by: peer)
        #expect(again.reservation.state == .released && again.reservation.id == id)
        await #expect(throws: AgentError.self) { try await bench.agent.renew(id, .seconds(1), by: peer) }
        let shown = try await bench.agent.reservation(id, for: peer)
        #expect(shown.reservation.reason == .released && shown.reservation.endedAt != nil)
    }

    @Test("gives each role what it may do")
    func roles() async throws {
        let bench = Bench()
        try await bench.start()
        await #expect(throws: AgentError.roleNeeded(.submit)) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(3))
        }
        await #expect(throws: AgentError.roleNeeded(.observe)) { try await bench.agent.resources(for: bench.peer(9)) }
        #expect(try await !bench.agent.resources(for: bench.peer(3)).isEmpty)
        _ = try await bench.agent.reserve(Bench.request(), by: bench.peer(9, groups: [50]))
    }

    @Test("keeps users apart, and shows an admin all")
    func users() async throws {
        let bench = Bench()
        try await bench.start()
        let id = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        bench.processes.start(200, user: 2)
        let stranger = bench.peer(2, pid: 200)
        let refusal = AgentError.refused(.notYours(id))
        await #expect(throws: refusal) { try await bench.agent.reservation(id, for: stranger) }
        await #expect(throws: refusal) { try await bench.agent.release(id, by: stranger) }
        await #expect(throws: refusal) { try await bench.agent.attach(nil, to: id, by: stranger) }
        await #expect(throws: refusal) { try await bench.agent.renew(id, .seconds(1), by: stranger) }
        #expect(try await bench.agent.reservations(in: nil, for: stranger).isEmpty)
        #expect(try await bench.agent.reservations(in: nil, for: bench.peer(0)).count == 1)
        _ = try await bench.agent.release(id, by: bench.peer(0))
        await #expect(throws: refusal) { try await bench.agent.release(id, by: stranger) }
    }

    @Test("attaches the caller with the grant, and ends with it")
    func attachCaller() async throws {
        let bench = Bench()
        try await bench.start()
        bench.processes.start(100)
        let view = try await bench.agent.reserve(Bench.request(attach: true), by: bench.peer(1))
        #expect(view.reservation.attached.map(\.pid) == [100])
        bench.processes.end(100)
        #expect(await bench.until { await bench.heldCPU() == 0 })
        let ended = try await bench.agent.reservation(view.reservation.id, for: bench.peer(1))
        #expect(ended.reservation.reason == .lastProcess)
    }

    @Test("gives a grant back whose caller is gone")
    func callerGone() async throws {
        let bench = Bench()
        try await bench.start()
        await #expect(throws: AgentError.attach(.gone(pid: 100))) {
            try await bench.agent.reserve(Bench.request(attach: true), by: bench.peer(1))
        }
        #expect(await bench.until { await bench.heldCPU() == 0 })
    }

    @Test("attaches only processes that are wholly the caller's, each to one reservation")
    func attach() async throws {
        let bench = Bench()
        try await bench.start()
        let peer = bench.peer(1)
        let first = try await bench.agent.reserve(Bench.request(), by: peer).reservation.id
        let second = try await bench.agent.reserve(Bench.request(), by: peer).reservation.id
        bench.processes.start(300)
        bench.processes.start(301, user: 2)
        bench.processes.start(302, user: 1, saved: 0)
        _ = try await bench.agent.attach(300, to: first, by: peer)
        _ = try await bench.agent.attach(300, to: first, by: peer)
        await #expect(throws: AgentError.attach(.heldElsewhere(pid: 300, first))) {
            try await bench.agent.attach(300, to: second, by: peer)
        }
        for pid in [301, 302] as [Int32] {
            await #expect(throws: AgentError.attach(.notYours(pid: pid))) {
                try await bench.agent.attach(pid, to: second, by: peer)
            }
        }
        await #expect(throws: AgentError.attach(.gone(pid: 999))) {
            try await bench.agent.attach(999, to: second, by: peer)
        }
        // Root attaches anybody's.
        _ = try await bench.agent.attach(301, to: second, by: bench.peer(0))
    }

    @Test("answers a retry the same, while the first runs and after its end")
    func retry() async throws {
        let bench = Bench()
        try await bench.start()
        let key = RetryKey(key: "k", digest: 7)
        let ids = try await withThrowingTaskGroup(of: ReservationID.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await bench.agent.reserve(Bench.request(), by: bench.peer(1), retry: key).reservation.id
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(await bench.heldCPU() == 1000)
        await #expect(throws: AgentError.refused(.keyReused("k"))) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1), retry: RetryKey(key: "k", digest: 8))
        }
        let id = try #require(ids.first)
        _ = try await bench.agent.release(id, by: bench.peer(1))
        let after = try await bench.agent.reserve(Bench.request(), by: bench.peer(1), retry: key)
        #expect(after.reservation.id == id && after.reservation.state == .released)
    }

    @Test("ends a lease when its time is over, by one alarm")
    func lease() async throws {
        let bench = Bench()
        try await bench.start()
        let id = try await bench.agent.reserve(Bench.request(lease: .seconds(10)), by: bench.peer(1)).reservation.id
        bench.clock.advance(9_999)
        #expect(await bench.heldCPU() == 1000)
        bench.clock.advance(1)
        #expect(await bench.until { await bench.heldCPU() == 0 })
        #expect(bench.enforcer.ended.withLock { $0 } == [id])
        #expect(try await bench.agent.reservation(id, for: bench.peer(1)).reservation.state == .expired)
        #expect(bench.clock.face.withLock { $0.alarm } == nil)
    }

    @Test("refuses a grant that must be enforced where nothing is, and frees it")
    func unenforceable() async throws {
        let bench = Bench()
        try await bench.start()
        let receipts = [Receipt(.cpu, status: .unsupported, reason: "a test")]
        await #expect(throws: AgentError.refused(.unenforceable(receipts))) {
            try await bench.agent.reserve(Bench.request(enforce: .required), by: bench.peer(1))
        }
        #expect(await bench.until { await bench.heldCPU() == 0 })
    }

    @Test("says no while it stops")
    func drain() async throws {
        let bench = Bench()
        await #expect(throws: AgentError.unavailable("the agent is starting")) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
        try await bench.start()
        await bench.agent.drain()
        await #expect(throws: AgentError.unavailable("the agent is stopping")) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
    }

    @Test("streams to each user its own events, from any id on, and waits for more")
    func streams() async throws {
        let bench = Bench()
        try await bench.start()
        let mine = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        let theirs = try await bench.agent.reserve(Bench.request(), by: bench.peer(2)).reservation.id
        func events(_ user: UInt32, after id: Int64 = 0) async throws -> [Event] {
            try await bench.agent.events(after: id, for: bench.peer(user)).events
        }
        _ = await bench.until { await bench.agent.lastEvent == 6 }
        #expect(try await events(0).map(\.id) == [1, 2, 3, 4, 5, 6])
        #expect(try await events(1).compactMap(\.reservation).allSatisfy { $0 == mine })
        #expect(try await events(2, after: 2).compactMap(\.reservation) == [theirs, theirs])
        async let next = events(1, after: 6)
        try await Task.sleep(for: .milliseconds(20))
        _ = try await bench.agent.release(mine, by: bench.peer(1))
        #expect(try await next.first?.name == "ended")
        await #expect(throws: AgentError.compacted(oldest: 0)) { try await events(1, after: 99) }
        _ = await bench.until { await bench.agent.lastEvent == 8 }
        let waiting = Task { try await events(1, after: 8) }
        try await Task.sleep(for: .milliseconds(20))
        waiting.cancel()
        #expect(try await waiting.value.isEmpty)
    }
}
