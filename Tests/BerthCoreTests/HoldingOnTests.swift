import BerthCore
import BerthModel
import Testing

@Suite("What was let past others") struct HoldingOnTests {
    private func fresh() throws -> State { TestHost.state(try TestHost.capacity()) }

    private func cpu(_ millicores: Int64, exclusive: Bool = false, on node: Int64? = nil) -> [Ask] {
        var ask = Ask(.cpu, amount: Quantity(millicores), exclusive: exclusive)
        ask.constraints["numa"] = node.map { Constraint(integerLiteral: $0) }
        return [ask]
    }

    private func gpu(_ count: Int64) -> [Ask] { [Ask(.gpu, amount: Quantity(count * 1000))] }

    private func renewal(_ state: State, _ number: UInt64, _ seconds: Int64, at uptime: Int64 = 1000) -> Refusal? {
        var state = state
        return state.run(.renew(id(number), .seconds(seconds), user), at: uptime).answer.refusal
    }

    /// A host whose GPUs are held, with one who waits for one of them, and 3 that was let past.
    private func passed() throws -> State {
        var state = try fresh()
        state.reserve(1, gpu(2), lease: .seconds(60))
        state.queue(2, gpu(1), user: 2)
        #expect(state.reserve(3, cpu(2000), lease: .seconds(2)) == nil)
        #expect(state.reservations[id(3)]?.hasPassed == true)
        return state
    }

    @Test("is renewed where it is in nobody's way")
    func unrelated() throws {
        let state = try passed()
        #expect(renewal(state, 3, 2) == nil && renewal(state, 3, 3600) == nil)
    }

    @Test("is renewed until somebody's turn comes who waits before it, and no longer")
    func delaying() throws {
        var state = try fresh()
        state.reserve(1, cpu(6000), lease: .seconds(100))
        state.queue(2, cpu(8000), user: 2)
        state.reserve(3, cpu(1000), lease: .seconds(50))
        #expect(renewal(state, 3, 99) == nil && renewal(state, 3, 100) == .wouldKeepWaiting(1))
        // Of less something is left for it.
        state.run(.release(id(2), other))
        state.queue(4, cpu(7000), user: 2, at: 10)
        #expect(renewal(state, 3, 1000) == nil)
    }

    @Test("is not held up by who comes after it, but by whom its policy has before it", arguments: [0, 1])
    func unknown(priority: Int) throws {
        var state = try passed()
        state.reserve(4, cpu(4000))
        state.queue(5, cpu(8000), user: 2, priority: priority, at: 1000)
        #expect(renewal(state, 3, 2) == (priority > 0 ? .wouldKeepWaiting(2) : nil))
    }

    @Test("is renewed where others have as much elsewhere", arguments: [0, 1])
    func elsewhere(node: Int64) throws {
        var state = try fresh()
        state.reserve(1, cpu(4000, exclusive: true, on: 1 - node), lease: .seconds(100))
        state.queue(2, cpu(6000, exclusive: true), user: 2)
        state.reserve(3, cpu(2000, exclusive: true, on: node), lease: .seconds(50))
        #expect(state.reservations[id(3)]?.hasPassed == true)
        #expect(renewal(state, 3, 1000) == nil)
        // Nor does it matter who waits for what it has nothing of.
        state.reserve(4, gpu(2))
        state.queue(5, gpu(1), user: 2, priority: 1, at: 10)
        #expect(renewal(state, 3, 1000) == nil)
        for asks in [cpu(8000, exclusive: true), gpu(1) + cpu(4000, exclusive: true)] {
            var state = state
            state.queue(6, asks, user: 2, priority: 1, at: 20)
            #expect(renewal(state, 3, 49) == nil && renewal(state, 3, 1000) == .wouldKeepWaiting(3))
        }
    }

    @Test("grows back to what it had, for it is over by then")
    func growth() throws {
        var state = try fresh()
        state.reserve(1, cpu(6000), lease: .seconds(100))
        state.queue(2, cpu(8000), user: 2)
        state.reserve(3, cpu(2000), lease: .seconds(50))
        for millicores in [1000, 2000] as [Int64] {
            let change = ResourceChange(parts: [.init(type: .cpu, amount: Quantity(millicores))], storage: [])
            #expect(state.run(.resize(id(3), change, user), at: 1000).answer == .done(id(3)))
        }
        #expect(renewal(state, 3, 100) == .wouldKeepWaiting(1))
    }
}
