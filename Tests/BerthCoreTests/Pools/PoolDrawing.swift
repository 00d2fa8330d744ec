import BerthCore
import BerthModel
import Support

extension PoolName {
    /// A name that is known to be one.
    init(known text: String) { self = PoolName(text) ?? .standard }
}

extension Pool {
    /// A pool of these, CPUs in millicores.
    static func of(
        _ name: String, _ kind: Kind, within parent: String? = nil, guaranteed: [ResourceType: Int64] = [:],
        most: [ResourceType: Int64] = [:]
    ) -> Pool {
        var pool = Pool(PoolName(known: name), kind, parent: parent.map { PoolName(known: $0) })
        pool.guaranteed = guaranteed.mapValues { Quantity($0) }
        pool.most = most.mapValues { Quantity($0) }
        return pool
    }
}

/// Random pools and what is asked of them.
enum PoolDrawing {
    /// What the host of the tests has.
    static let whole: [ResourceType: Int64] = [.cpu: 8000, .memory: 1000, .gpu: 2000, .pids: 500]

    /// Pools within one another whose guarantees fit.
    static func pools(_ generator: inout SeededGenerator) -> [Pool] {
        var pools: [Pool] = []
        draw(within: nil, guaranteed: whole, depth: 0, &pools, &generator)
        if Bool.random(using: &generator) { pools.append(Pool(.standard, .elastic)) }
        return pools
    }

    private static func draw(
        within parent: Pool?, guaranteed: [ResourceType: Int64], depth: Int, _ pools: inout [Pool],
        _ generator: inout SeededGenerator
    ) {
        var left = guaranteed
        for _ in 0..<Int.random(in: depth == 0 ? 2...4 : 0...2, using: &generator) {
            let kind = Pool.Kind.allCases.randomElement(using: &generator) ?? .dynamic
            var pool = Pool(PoolName(known: "p\(pools.count)"), kind, parent: parent?.name)
            for (type, rest) in left.sorted(by: { $0.key < $1.key }) {
                let step: Int64 = type == .gpu ? 1000 : 1
                let own = Int64.random(in: 0...rest / 2 / step, using: &generator) * step
                guard Int.random(in: 0..<4, using: &generator) > 0 else { continue }
                pool.guaranteed[type] = Quantity(own)
                left[type] = rest - own
                if Bool.random(using: &generator) {
                    pool.most[type] = Quantity(own + Int64.random(in: 0...4, using: &generator) * max(step, rest / 4))
                }
            }
            if kind == .static { pool.most = [:] }
            if kind == .elastic, Bool.random(using: &generator) { pool.giveBack = .preempt }
            pools.append(pool)
            if depth < 2 {
                draw(
                    within: pool, guaranteed: pool.guaranteed.mapValues(\.units), depth: depth + 1, &pools, &generator)
            }
        }
    }

    /// A request for one of the pools.
    static func request(_ pools: [Pool], _ generator: inout SeededGenerator) -> ReservationRequest {
        var asks: [Ask] = []
        if Int.random(in: 0..<5, using: &generator) > 0 {
            let exclusive = Int.random(in: 0..<6, using: &generator) == 0
            let amount = exclusive ? 2000 : Int64.random(in: 10...3000, using: &generator)
            asks.append(Ask(.cpu, amount: Quantity(amount), exclusive: exclusive))
        }
        if asks.isEmpty || Bool.random(using: &generator) {
            asks.append(Ask(.memory, amount: Quantity(.random(in: 1...300, using: &generator))))
        }
        if Int.random(in: 0..<4, using: &generator) == 0 { asks.append(Ask(.gpu, amount: Quantity(1000))) }
        if Int.random(in: 0..<6, using: &generator) == 0 {
            asks[0].minimum = asks[0].exclusive ? asks[0].amount : min(Quantity(10), asks[0].amount)
        }
        var request = ReservationRequest(
            resources: Resources(asks),
            lease: Bool.random(using: &generator) ? .seconds(Int64.random(in: 1...20, using: &generator)) : nil,
            wait: Int.random(in: 0..<3, using: &generator) == 0 ? .seconds(30) : nil)
        request.pool = pools.randomElement(using: &generator)?.name ?? .standard
        if Int.random(in: 0..<5, using: &generator) == 0 { request.pool = .standard }
        return request
    }
}
