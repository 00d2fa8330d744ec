import BerthModel
import Testing

@testable import BerthCore

@Suite("Near to others, and apart from them, later") struct NeighboursThenTests {
    private static let db = [Affinity(.labels(["app": "db"]))]

    private static func cores(_ count: Int64, on node: Int64? = nil) -> [Ask] {
        var ask = Ask(.cpu, amount: Quantity(count * 1000), exclusive: true)
        ask.constraints["numa"] = node.map { Constraint(integerLiteral: $0) }
        return [ask]
    }

    private func now(_ uptime: Int64) -> Now {
        Now(wall: Timestamp(milliseconds: 1_000_000 + uptime), uptime: uptime)
    }

    private func request(
        _ asks: [Ask], near: [Affinity] = [], apart: [Affinity] = [], lease: Duration = .seconds(3600),
        start: Int64? = nil
    ) -> ReservationRequest {
        var request = ReservationRequest(resources: Resources(asks), lease: lease)
        request.affinity = near
        request.antiAffinity = apart
        request.wait = start == nil ? .seconds(7200) : nil
        request.start = start.map { now($0).wall }
        return request
    }

    private func expected(_ state: State, _ number: UInt64) -> Int64? {
        state.standing(of: id(number), now(0))?.expected
    }

    /// A host on which what is labelled `app=db` has all of node 0 for a minute, and another all of node 1 for so long.
    private func state(_ other: Duration? = .seconds(30)) throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, Self.cores(4, on: 0), lease: .seconds(60), labels: ["app": "db"])
        state.reserve(2, Self.cores(4, on: 1), lease: other)
        return state
    }

    @Test("who must lie near what is over by then is given no moment, and holds up nobody")
    func forsaken() throws {
        var state = try state()
        state.run(.reserve(id(3), request(Self.cores(4), near: Self.db), user, nil))
        #expect(state.waiters[id(3)] != nil && expected(state, 3) == nil)
        state.run(.reserve(id(4), request(Self.cores(4, on: 0), lease: .seconds(9)), user, nil))
        #expect(expected(state, 4) == 60_000)
        state.run(.reserve(id(5), request(Self.cores(8), start: 70_000), user, nil))
        #expect(state.waiters[id(5)]?.waiting?.booking != nil)
    }

    @Test("what must be near is there until its lease ends, and not from then on", arguments: [59_999, 60_000])
    func promised(start: Int64) throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, Self.cores(2, on: 0), lease: .seconds(60), labels: ["app": "db"])
        let near = request(Self.cores(2), near: Self.db, start: start)
        let refusal = state.run(.reserve(id(3), near, user, nil)).answer.refusal
        guard start == 60_000 else {
            #expect(refusal == nil && state.waiters[id(3)]?.waiting?.booking?.grant[.cpu]?.nodes == [0])
            return
        }
        guard case .notThen(let refusals, _, nil) = refusal, case .unmet([], let violations)? = refusals.first else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(violations.map(\.message) == ["what is labelled \"app=db\" is over by then"])
    }

    @Test("what one must be apart from is in the way until its lease ends")
    func apart() throws {
        var state = try state(nil)
        let apart = request(Self.cores(4), apart: Self.db)
        let explanation = state.explain(id(3), request(Self.cores(4), apart: Self.db), user, now(0))
        #expect(explanation.changes.contains { if case .later(60_000, _) = $0.what { true } else { false } })
        state.run(.reserve(id(3), apart, user, nil))
        #expect(expected(state, 3) == 60_000)
        state.run(.release(id(3), user))
        let early = request(Self.cores(4), apart: Self.db, start: 50_000)
        guard case .notThen(_, _, let first) = state.run(.reserve(id(4), early, user, nil)).answer.refusal else {
            Issue.record("it is promised beside what it must be apart from")
            return
        }
        #expect(first == now(60_000).wall)
        let late = request(Self.cores(4), apart: Self.db, start: 60_000)
        #expect(state.run(.reserve(id(5), late, user, nil)).answer.refusal == nil)
    }

    @Test("what is free when that ends is looked at, whatever it holds")
    func types() throws {
        var state = TestHost.state(try TestHost.capacity())
        let memory = Ask(.memory, amount: Quantity(1), constraints: ["numa": 0])
        state.reserve(1, [memory], lease: .seconds(60), labels: ["app": "db"])
        state.reserve(2, Self.cores(4, on: 1), lease: .seconds(100))
        state.reserve(3, [Ask(.memory, amount: Quantity(1))], lease: .seconds(200))
        state.run(.reserve(id(4), request(Self.cores(4), apart: Self.db), user, nil))
        #expect(expected(state, 4) == 60_000)
    }

    @Test("a gang is given its moment by those who are there then")
    func gangs() throws {
        var state = try state(.seconds(100))
        func join(_ number: UInt64, _ gang: String, near: [Affinity] = [], apart: [Affinity] = []) {
            var request = request(Self.cores(2), near: near, apart: apart)
            request.gang = Gang(id: gang, size: 2)
            state.run(.reserve(id(number), request, user, nil))
        }
        for number in [3, 4] as [UInt64] { join(number, "near", near: Self.db) }
        #expect(state.waiters.count == 2 && expected(state, 3) == nil)
        state.run(.reserve(id(5), request(Self.cores(4, on: 0), lease: .seconds(9)), user, nil))
        #expect(expected(state, 5) == 60_000)
        for number in [3, 4, 5] as [UInt64] { state.run(.release(id(number), user)) }
        for number in [7, 8] as [UInt64] { join(number, "apart", apart: Self.db) }
        #expect(expected(state, 7) == 60_000)
    }
}
