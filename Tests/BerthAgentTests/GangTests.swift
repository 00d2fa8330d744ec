import BerthAgent
import BerthCore
import BerthModel
import Synchronization
import Testing

@Suite("The agent and gangs") struct GangTests {
    private let gang = Gang(id: "train", size: 3)

    private func request(_ name: String) -> ReservationRequest {
        var request = ReservationRequest(
            name: name, resources: Resources([Ask(.cpu, amount: Quantity(1000))]), lease: .seconds(600),
            wait: .seconds(60))
        request.gang = gang
        request.isDetached = true
        return request
    }

    @Test(
        "none is answered as granted where one of them cannot be held, and nothing is held then",
        arguments: ["a", "b", "c"])
    func failure(unheld: String) async throws {
        let bench = Bench()
        try await bench.start()
        bench.enforcer.unheld.withLock { $0 = unheld }
        let peer = bench.peer(1)
        var turns: [Task<AgentError?, Never>] = []
        for name in ["a", "b"] {
            let id = try await bench.agent.reserve(request(name), by: peer).reservation.id
            turns.append(
                Task {
                    do throws(AgentError) { _ = try await bench.agent.turn(of: id, for: peer) } catch { return error }
                    return nil
                })
        }
        // Both listen before the last one asks.
        for _ in 0..<100 { await Task.yield() }
        var failures: [AgentError?] = []
        do throws(AgentError) {
            _ = try await bench.agent.reserve(request("c"), by: peer)
            failures.append(nil)
        } catch {
            failures.append(error)
        }
        for turn in turns { failures.append(await turn.value) }
        let whole = AgentError.refused(.gang(.incomplete(gang)))
        #expect(failures.count { $0 == whole } == 2, "\(failures)")
        #expect(failures.contains(.refused(.enforcement("EBUSY", []))), "\(failures)")
        #expect(await bench.until { await bench.heldCPU() == 0 })
    }
}
