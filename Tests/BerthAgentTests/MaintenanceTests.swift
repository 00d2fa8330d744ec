import BerthAgent
import BerthCore
import BerthModel
import Synchronization
import Testing

@Suite("The agent and maintenance") struct MaintenanceTests {
    @Test("grants what waited for a window when it is over, before its wait runs out", arguments: [1000, 1600])
    func end(late: Int64) async throws {
        let bench = Bench()
        try await bench.start()
        let now = bench.clock.now().wall
        let window = MaintenanceWindow(id: "w", start: now, end: now + .seconds(1), covers: .everything)
        await bench.agent.setMaintenance([window])
        var request = Bench.request(lease: .seconds(10))
        request.wait = .milliseconds(1500)
        request.isDetached = true
        let id = try await bench.agent.reserve(request, by: bench.peer(1)).reservation.id
        #expect(bench.clock.face.withLock { $0.alarm } == 2000)
        bench.clock.advance(late)
        let view = try await bench.agent.turn(of: id, for: bench.peer(1))
        #expect(view.reservation.isLive)
    }
}
