import BerthModel
import Support
import Testing

@testable import BerthCore

@Suite struct DeadlinesTests {
    @Test("deadlines that are set, moved and dropped at random stand as a sorted list of them would")
    func asSorted() {
        var random = SeededGenerator.named("deadlines")
        var deadlines = Deadlines()
        var expected: [ReservationID: Int64] = [:]
        for _ in 0..<20_000 {
            let id = ReservationID(bits: UInt64.random(in: 0..<3000, using: &random))
            let at: Int64? = Bool.random(using: &random) ? Int64.random(in: 0..<500, using: &random) : nil
            deadlines.set(id, at)
            expected[id] = at
        }
        let sorted = expected.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        #expect(deadlines.soonest == sorted.first?.value, "\(random.note)")
        #expect(deadlines.soonest(700).map(\.id) == sorted.prefix(700).map(\.key), "\(random.note)")
        #expect(deadlines.due(at: 250) == sorted.filter { $0.value <= 250 }.map(\.key), "\(random.note)")
        for id in expected.keys { deadlines.set(id, nil) }
        #expect(deadlines.soonest == nil)
    }
}
