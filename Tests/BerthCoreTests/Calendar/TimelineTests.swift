import BerthModel
import Support
import Testing

@testable import BerthCore

@Suite("A timeline") struct TimelineTests {
    private func grant(_ generator: inout SeededGenerator) -> Grant {
        let cpu = Hold(.cpu, amount: Quantity(.random(in: 1...900, using: &generator)), limit: nil)
        let memory = Hold(
            .memory, amount: Quantity(.random(in: 1...90, using: &generator)), limit: nil, nodes: [0])
        let gpu = Hold(
            .gpu, amount: Quantity(100), limit: nil, units: [Hold.UnitShare(name: "gpu0", quantity: Quantity(100))])
        return Grant([cpu, memory, gpu].filter { _ in Bool.random(using: &generator) })
    }

    @Test("takes all that is over already to end at one moment")
    func over() {
        let grant = Grant([Hold(.memory, amount: Quantity(10), limit: nil)])
        var held = Holdings()
        for _ in 0..<2 { held.add(grant) }
        let ends: [(at: Int64, grant: Grant, pool: PoolName)] = [(3, grant, .standard), (5, grant, .standard)]
        let steps = Timeline(from: 10, held: held, ends: ends, of: nil).steps
        #expect(steps.map(\.at) == [10, 11] && steps.last?.held == Holdings())
    }

    @Test("holds many at once as it would one after the other")
    func spans() throws {
        var generator = SeededGenerator.named("timeline")
        let pools = try Pools([.of("a", .elastic), .of("b", .dynamic, within: "a")])
        let names = ["a", "b", "default"].map { PoolName(known: $0) }
        for round in 0..<200 {
            var held = Holdings()
            var poolsHeld = PoolHoldings()
            let ends = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                (at: Int64.random(in: 7...40, using: &generator), grant: grant(&generator), pool: names[0])
            }
            for end in ends {
                held.add(end.grant)
                poolsHeld.add(end.grant, to: end.pool, of: pools)
            }
            var swept = Timeline(from: 5, held: held, ends: ends, of: (pools, poolsHeld))
            var single = swept
            let spans = (0..<Int.random(in: 1...8, using: &generator)).map { _ -> Timeline.Span in
                let start = Int64.random(in: 5...40, using: &generator)
                let pool = names.randomElement(using: &generator) ?? names[0]
                return (grant(&generator), pool, start, start + .random(in: 1...20, using: &generator))
            }
            swept.hold(spans)
            for span in spans { single.hold(span.grant, in: span.pool, from: span.start, until: span.end) }
            let isSame = swept.steps.elementsEqual(single.steps) {
                $0.at == $1.at && $0.held == $1.held && $0.pools == $1.pools
            }
            #expect(isSame, "round \(round), \(generator.note)")
        }
    }
}
