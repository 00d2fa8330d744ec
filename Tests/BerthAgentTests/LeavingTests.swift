import BerthAgent
import BerthCore
import BerthModel
import Synchronization
import Testing

@Suite("The agent and processes that leave")
struct LeavingTests {
    private let peer: UInt32 = 1

    /// A reservation with a process that is in it, whose receipts are enforced.
    private func held(_ bench: Bench) async throws -> ReservationID {
        try await bench.start()
        bench.processes.start(100)
        let view = try await bench.agent.reserve(Bench.request(attach: true), by: bench.peer(peer))
        bench.enforcer.populated.withLock { _ = $0.insert(view.reservation.id) }
        return view.reservation.id
    }

    /// The names of a reservation's events, without those before its first process.
    private func events(_ bench: Bench) async throws -> [String] {
        // An answer of the ledger comes after what was handed over before is stored.
        _ = try await bench.ledger.ended(ReservationID(bits: 0))
        let names = bench.ledger.disk.content.withLock { $0.events.filter { $0.reservation != nil }.map(\.name) }
        return Array(names.drop { $0 != "attached" }.dropFirst())
    }

    private func shown(_ bench: Bench, _ id: ReservationID) async throws -> Reservation {
        try await bench.agent.reservation(id, for: bench.peer(peer)).reservation
    }

    @Test("finds it out when the leaf empties, tells it, and waits for the process")
    func emptied() async throws {
        let bench = Bench(status: .enforced)
        let id = try await held(bench)
        bench.enforcer.strangers.withLock { $0 = [100] }
        bench.enforcer.empty(id)
        #expect(await bench.until { (try? await events(bench)) == ["left"] })
        let left = try await shown(bench, id)
        #expect(left.isLive && left.left.map(\.pid) == [100])
        #expect(left.shownReceipts.map(\.status) == [.advisory])
        bench.processes.end(100)
        #expect(await bench.until { await bench.heldCPU() == 0 })
        #expect(try await events(bench) == ["left", "exited", "ended", "freed"])
        let ended = try await shown(bench, id)
        #expect(ended.reason == .lastProcess && ended.left.isEmpty)
        #expect(ended.shownReceipts.map(\.status) == [.enforced])
    }

    @Test("says nothing where the leaf emptied because the process ended")
    func ended() async throws {
        let bench = Bench(status: .enforced)
        let id = try await held(bench)
        // The kernel tells of the empty leaf before it tells of the end.
        bench.enforcer.empty(id)
        bench.processes.end(100)
        #expect(await bench.until { await bench.heldCPU() == 0 })
        #expect(try await events(bench) == ["exited", "ended", "freed"])
    }

    @Test("finds it out when reservations are verified, and again when they are not outside any more")
    func verified() async throws {
        let bench = Bench(status: .enforced)
        _ = try await held(bench)
        await bench.agent.verify()
        #expect(try await events(bench) == [])
        bench.enforcer.strangers.withLock { $0 = [100] }
        await bench.agent.verify()
        await bench.agent.verify()
        #expect(try await events(bench) == ["left"])
        bench.enforcer.strangers.withLock { $0 = nil }
        await bench.agent.verify()
        #expect(try await events(bench) == ["left"])
        bench.enforcer.strangers.withLock { $0 = [] }
        await bench.agent.verify()
        #expect(try await events(bench) == ["left", "returned"])
    }

    @Test("finds it out when a reservation is shown")
    func shown() async throws {
        let bench = Bench(status: .enforced)
        let id = try await held(bench)
        #expect(try await shown(bench, id).shownReceipts.map(\.status) == [.enforced])
        bench.enforcer.strangers.withLock { $0 = [100] }
        #expect(try await shown(bench, id).shownReceipts.map(\.status) == [.advisory])
        #expect(try await shown(bench, id).left.map(\.pid) == [100])
        #expect(try await events(bench) == ["left"])
    }

    @Test("brings it back where it is attached again, and not to another reservation")
    func attachedAgain() async throws {
        let bench = Bench(status: .enforced)
        let id = try await held(bench)
        let other = try await bench.agent.reserve(Bench.request(), by: bench.peer(peer)).reservation.id
        bench.enforcer.strangers.withLock { $0 = [100] }
        await #expect(throws: AgentError.attach(.heldElsewhere(pid: 100, id))) {
            try await bench.agent.attach(nil, to: other, by: bench.peer(peer))
        }
        let back = try await bench.agent.attach(nil, to: id, by: bench.peer(peer)).reservation
        #expect(back.attached.map(\.pid) == [100] && back.left.isEmpty)
        #expect(bench.enforcer.strangers.withLock { $0 } == [])
        bench.processes.end(100)
        bench.enforcer.empty(id)
        #expect(await bench.until { await bench.heldCPU() == 1000 })
        #expect(try await shown(bench, id).reason == .lastProcess)
    }

    @Test("does not take the end of one that left for its return")
    func endedOutside() async throws {
        let bench = Bench(status: .enforced)
        let id = try await held(bench)
        bench.enforcer.strangers.withLock { $0 = [100] }
        _ = try await shown(bench, id)
        // Its watcher is never called.
        bench.processes.table.withLock { $0.live[100] = nil }
        #expect(try await shown(bench, id).left.map(\.pid) == [100])
        #expect(try await events(bench) == ["left"])
    }

    @Test("remembers it after a crash")
    func crash() async throws {
        let disk = Disk()
        let first = Bench(disk: disk, status: .enforced)
        let id = try await held(first)
        first.enforcer.strangers.withLock { $0 = [100] }
        await first.agent.verify()
        #expect(try await events(first) == ["left"])
        first.ledger.crash()
        let second = Bench(disk: disk, firstID: 100, status: .enforced)
        second.processes.start(100)
        second.enforcer.strangers.withLock { $0 = [100] }
        try await second.start()
        await second.agent.verify()
        #expect(try await shown(second, id).left.map(\.pid) == [100])
        #expect(try await events(second) == ["left"])
    }
}
