import BerthAgent
import BerthCore
import BerthModel
import Support
import Synchronization
import Testing

@Suite("An agent that is killed")
struct AgentCrashTests {
    @Test("at random moments has lost nothing that it acknowledged, and holds nothing twice")
    func randomCrashes() async throws {
        var generator = SeededGenerator.named("agent crash")
        for round in 0..<60 {
            let disk = Disk()
            let answers = Answers()
            for life in 0..<3 {
                let bench = Bench(disk: disk, firstID: UInt64(life + 1) << 20)
                try await bench.start()
                let told = answers.told.withLock { $0 }
                try await check(bench, told, "round \(round), life \(life), \(generator.note)")
                let load = (0..<4).map { client in
                    Task { await AgentCrashTests.client(UInt32(1 + client % 2), of: bench, answers) }
                }
                try await Task.sleep(for: .microseconds(Int.random(in: 100...6000, using: &generator)))
                bench.ledger.crash()
                for task in load { task.cancel() }
            }
        }
    }

    /// What clients were told, by an answer or by none.
    private struct Told: Sendable {
        var granted: Set<ReservationID> = []
        var releasing: Set<ReservationID> = []
        var released: Set<ReservationID> = []
    }

    private final class Answers: Sendable {
        let told = Mutex(Told())
    }

    /// Reserves, and releases two of three, until it is cancelled.
    private static func client(_ user: UInt32, of bench: Bench, _ answers: Answers) async {
        while !Task.isCancelled {
            let peer = bench.peer(user)
            guard let view = try? await bench.agent.reserve(Bench.request(cpu: 400), by: peer) else {
                await Task.yield()
                continue
            }
            let id = view.reservation.id
            answers.told.withLock { _ = $0.granted.insert(id) }
            if id.bits % 3 == 0 { continue }
            answers.told.withLock { _ = $0.releasing.insert(id) }
            if (try? await bench.agent.release(id, by: peer)) != nil {
                answers.told.withLock { _ = $0.released.insert(id) }
            }
        }
    }

    private func check(_ bench: Bench, _ told: Told, _ place: String) async throws {
        let live = Set(try await bench.agent.reservations(in: .confirmed, for: bench.peer(0)).map(\.reservation.id))
        #expect(told.granted.subtracting(told.releasing).isSubset(of: live), "a grant is lost: \(place)")
        #expect(live.isDisjoint(with: told.released), "a release is lost: \(place)")
        #expect(await bench.heldCPU() <= 4000, "overbooked: \(place)")
    }

    @Test("knows its live processes again, and notes those that ended meanwhile")
    func processes() async throws {
        let disk = Disk()
        let bench = Bench(disk: disk)
        try await bench.start()
        bench.processes.start(100)
        bench.processes.start(101)
        let stays = try await bench.agent.reserve(Bench.request(attach: true), by: bench.peer(1)).reservation.id
        let ends = try await bench.agent.reserve(Bench.request(attach: true), by: bench.peer(1, pid: 101)).reservation
            .id
        bench.ledger.crash()
        let second = Bench(disk: disk, firstID: 1000)
        second.processes.start(100)
        let report = try await second.start()
        #expect(report.live == 1 && report.ended == ["\(ends): last_process"])
        #expect(await second.until { await second.heldCPU() == 1000 })
        second.processes.end(100)
        #expect(await second.until { await second.heldCPU() == 0 })
        #expect(try await second.agent.reservation(stays, for: second.peer(1)).reservation.reason == .lastProcess)
    }

    @Test("has not granted what it could not store, and goes on when the disk has room again")
    func diskFull() async throws {
        let disk = Disk()
        let bench = Bench(disk: disk)
        try await bench.start()
        let kept = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        _ = await bench.until { await bench.agent.lastEvent == 4 }
        disk.content.withLock { $0.batchesLeft = 0 }
        await #expect(throws: AgentError.ledger(LedgerError("the disk is full"))) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
        #expect(await bench.until { await bench.agent.phase == .serving })
        #expect(await bench.heldCPU() == 1000)
        let next = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        let live = try await bench.agent.reservations(in: nil, for: bench.peer(1)).map(\.reservation.id)
        #expect(Set(live) == [kept, next])
        let ids = disk.content.withLock { $0.events.map(\.id) }
        #expect(ids == Array(1...Int64(ids.count)), "the log has gaps: \(ids)")
    }

    @Test("takes nothing while the disk stays full, answers what is asked, and catches up with what ended meanwhile")
    func diskStaysFull() async throws {
        let disk = Disk()
        let bench = Bench(disk: disk)
        try await bench.start()
        let peer = bench.peer(1, pid: 100)
        bench.processes.start(100)
        let kept = try await bench.agent.reserve(Bench.request(attach: true), by: peer).reservation.id
        disk.content.withLock { $0.isFull = true }
        await #expect(throws: AgentError.ledger(LedgerError("the disk is full"))) {
            try await bench.agent.reserve(Bench.request(), by: bench.peer(1))
        }
        bench.processes.end(100)
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(5))
            #expect(await bench.agent.phase == .reloading)
            #expect(try await bench.agent.reservation(kept, for: peer).reservation.id == kept)
            await #expect(throws: AgentError.self) { try await bench.agent.release(kept, by: peer) }
        }
        disk.content.withLock { $0.isFull = false }
        #expect(await bench.until { await bench.agent.phase == .serving })
        #expect(await bench.until { disk.content.withLock { $0.ended[kept]?.reason } == .lastProcess })
        #expect(await bench.heldCPU() == 0)
    }

    @Test("decides nothing any more when the ledger has lost what it had, keeps what it knows, and says so")
    func lost() async throws {
        let disk = Disk()
        let bench = Bench(disk: disk)
        try await bench.start()
        let kept = try await bench.agent.reserve(Bench.request(), by: bench.peer(1)).reservation.id
        disk.content.withLock { content in
            content.damage = "the file is malformed; it was set aside"
            content.batchesLeft = 0
        }
        await #expect(throws: AgentError.self) { try await bench.agent.reserve(Bench.request(), by: bench.peer(1)) }
        #expect(await bench.until { bench.losses.all.withLock { !$0.isEmpty } })
        try await Task.sleep(for: .milliseconds(1200))
        #expect(bench.losses.all.withLock { $0 } == ["the file is malformed; it was set aside"])
        #expect(await bench.agent.phase == .reloading)
        #expect(try await bench.agent.reservation(kept, for: bench.peer(1)).reservation.id == kept)
        await #expect(throws: AgentError.self) { try await bench.agent.release(kept, by: bench.peer(1)) }
    }

    @Test("grants those who waited nothing that is in use outside, also right after a start")
    func unmanaged() async throws {
        let disk = Disk()
        let first = Bench(disk: disk)
        try await first.start()
        let whole = try Bench.capacity().memory
        func request(_ memory: Quantity) -> ReservationRequest {
            var request = ReservationRequest(
                resources: Resources([Ask(.memory, amount: memory)]), lease: .seconds(600), wait: .seconds(600))
            request.isDetached = true
            return request
        }
        let use = HostUse(unmanagedMemory: Quantity(whole.units / 2))
        first.enforcer.use.withLock { $0 = use }
        first.clock.advance(2000)
        let waiter = try await first.agent.reserve(request(Quantity(whole.units * 3 / 4)), by: first.peer(1))
        #expect(waiter.reservation.state == .pending)
        await first.agent.storeSnapshot()
        let second = Bench(disk: disk, firstID: 100)
        second.enforcer.use.withLock { $0 = use }
        try await second.start()
        #expect(
            try await second.agent.reservation(waiter.reservation.id, for: second.peer(1)).reservation.state == .pending
        )
    }

    @Test("has granted nothing to the retry of a request that is not stored either, and says to try again")
    func retryTwice() async throws {
        let disk = Disk()
        let bench = Bench(disk: disk)
        try await bench.start()
        let peer = bench.peer(1)
        let key = RetryKey(key: "k", digest: 1)
        // What the start stores in the background would fail for itself.
        #expect(await bench.until { await bench.agent.lastEvent == 2 })
        bench.ledger.hold()
        let first = Task { try await bench.agent.reserve(Bench.request(), by: peer, retry: key) }
        #expect(await bench.until { await bench.heldCPU() == 1000 })
        let second = Task { try await bench.agent.reserve(Bench.request(), by: peer, retry: key) }
        try await Task.sleep(for: .milliseconds(50))
        disk.content.withLock { $0.batchesLeft = 0 }
        bench.ledger.letGo()
        await #expect(throws: AgentError.ledger(LedgerError("the disk is full"))) { try await first.value }
        do {
            _ = try await second.value
            Issue.record("it was granted")
        } catch {
            let isLater = if case .unavailable? = error as? AgentError { true } else { false }
            #expect(isLater, "\(error)")
        }
        #expect(try await bench.agent.reservations(in: nil, for: peer).isEmpty)
    }

    @Test("has not told anybody of a release that is not stored, also who asks for it a second time")
    func releaseTwice() async throws {
        let disk = Disk()
        let bench = Bench(disk: disk)
        try await bench.start()
        let peer = bench.peer(1)
        let id = try await bench.agent.reserve(Bench.request(lease: .seconds(60)), by: peer).reservation.id
        _ = await bench.until { await bench.agent.lastEvent == 4 }
        bench.ledger.hold()
        let first = Task { try await bench.agent.release(id, by: peer) }
        #expect(await bench.until { (try? await bench.agent.reservation(id, for: peer))?.reservation.isLive == false })
        let isAsking = Mutex(false)
        let second = Task {
            isAsking.withLock { $0 = true }
            return try await bench.agent.release(id, by: peer)
        }
        #expect(await bench.until { isAsking.withLock { $0 } })
        try await Task.sleep(for: .milliseconds(50))
        disk.content.withLock { $0.batchesLeft = 0 }
        bench.ledger.letGo()
        await #expect(throws: AgentError.ledger(LedgerError("the disk is full"))) { try await first.value }
        // Whether it waited for the same batch or came to a state that was read back: it is told of no release.
        await #expect(throws: AgentError.self) { try await second.value }
        #expect(await bench.until { (try? await bench.agent.reservation(id, for: peer))?.reservation.isLive == true })
        #expect(bench.enforcer.ended.withLock { $0.isEmpty }, "it was ended in the kernel before that was stored")
    }
}
