import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Random small hosts and requests, from a printed seed, beside answers that are counted in other code.
@Suite("Whatever is asked of a strategy") struct StrategyPropertyTests {
    /// A host of a few nodes, each with a few cores of one thread, GPUs and perhaps an interface.
    private static func capacity(_ generator: inout SeededGenerator) throws -> Capacity {
        let nodes = Int.random(in: 1...4, using: &generator)
        var places: [CPUTopology.Place] = []
        var gpus: [Capacity.Unit] = []
        var interfaces: [Capacity.Unit] = []
        for node in 0..<nodes {
            for _ in 0..<Int.random(in: 2...6, using: &generator) {
                let cpu = places.count
                places.append(CPUTopology.Place(cpu: cpu, core: cpu, l3: node, die: node, package: node, node: node))
            }
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                gpus.append(Capacity.Unit(name: "g\(gpus.count)", capacity: Quantity(1000), node: node))
            }
            if Bool.random(using: &generator) {
                interfaces.append(Capacity.Unit(name: "eth\(node)", capacity: Quantity(1000), node: node))
            }
        }
        return Capacity(
            topology: try CPUTopology(places), cpu: Quantity(Int64(places.count) * 1000), memory: Quantity(1024),
            nodeMemory: Dictionary(uniqueKeysWithValues: (0..<nodes).map { ($0, Quantity(256)) }), gpus: gpus,
            interfaces: interfaces)
    }

    /// The fewest nodes that have what is asked, by trying all sets of them; nil where none has.
    private static func fewest(_ state: State, cpus: Int, gpus: Int, network: Bool) -> Int? {
        guard let capacity = state.capacity else { return nil }
        let nodes = capacity.topology.groups(.node)
        return (0..<1 << nodes.count).filter { set in
            func isIn(_ node: Int) -> Bool { set & 1 << node != 0 }
            let cores = nodes.filter { isIn($0.id) }.reduce(0) {
                $0 + $1.cpus.subtracting(state.holdings.exclusiveCPUs).count
            }
            let cards = capacity.gpus.count { isIn($0.node ?? -1) && state.holdings.gpus[$0.name] == nil }
            let hasNetwork = capacity.interfaces.contains { unit in
                isIn(unit.node ?? -1) && state.holdings.network[unit.name] ?? .zero < Quantity(1000)
            }
            return cores >= cpus && cards >= gpus && (hasNetwork || !network)
        }.map(\.nonzeroBitCount).min()
    }

    @Test("optimized lies on the fewest nodes that there are, and greedy does not")
    func nodes() throws {
        var generator = SeededGenerator.named("nodes")
        var (tried, greedyIsWorse, together) = (0, 0, 0)
        for _ in 0..<400 {
            var state = TestHost.state(try Self.capacity(&generator))
            for number in UInt64(1)...8 {
                let cpus = Int.random(in: 0...3, using: &generator)
                let gpus = Int.random(in: 0...2, using: &generator)
                let network = Bool.random(using: &generator)
                var asks: [Ask] = []
                if cpus > 0 { asks.append(StrategyTests.cpus(Int64(cpus))) }
                if gpus > 0 { asks.append(StrategyTests.gpus(Int64(gpus) * 1000)) }
                if network { asks.append(StrategyTests.network(1000)) }
                guard !asks.isEmpty else { continue }
                let least = Self.fewest(state, cpus: cpus, gpus: gpus, network: network)
                var other = state
                let refusal = state.reserve(number, asks)
                let choice = state.reservations[id(number)]?.choice
                #expect((refusal == nil) == (least != nil), "\(generator.note): \(asks)")
                #expect(choice?.nodes == least, "\(generator.note): \(asks)")
                guard let least, refusal == nil else { continue }
                tried += 1
                #expect(other.reserve(number, asks, strategy: .greedy) == nil)
                if let nodes = other.reservations[id(number)]?.choice?.nodes, nodes > least { greedyIsWorse += 1 }
                if asks.count > 1, least == 1 { together += 1 }
            }
        }
        // A drawing in which nothing is to be won proves nothing.
        #expect(tried > 500 && greedyIsWorse > 50 && together > 50, "\(tried), \(greedyIsWorse), \(together)")
    }

    @Test("what must be of one node is, and is refused only where no node has it")
    func same() throws {
        var generator = SeededGenerator.named("same")
        var (granted, refused) = (0, 0)
        for _ in 0..<200 {
            var state = TestHost.state(try Self.capacity(&generator))
            for number in UInt64(1)...6 {
                let cpus = Int.random(in: 1...3, using: &generator)
                let gpus = Int.random(in: 0...2, using: &generator)
                var asks = [StrategyTests.cpus(Int64(cpus)), Ask(.memory, amount: Quantity(64))]
                if gpus > 0 { asks.append(StrategyTests.gpus(Int64(gpus) * 1000)) }
                let strategy = Strategy.choosing.randomElement(using: &generator)
                guard let capacity = state.capacity else { return }
                let fits = capacity.topology.groups(.node).contains { node in
                    let cards = capacity.gpus.count { $0.node == node.id && state.holdings.gpus[$0.name] == nil }
                    return node.cpus.subtracting(state.holdings.exclusiveCPUs).count >= cpus && cards >= gpus
                        && (state.holdings.nodeMemory[node.id] ?? .zero) <= Quantity(192)
                }
                let refusal = state.reserve(number, asks, strategy: strategy, same: .numa)
                #expect((refusal == nil) == fits, "\(generator.note): \(asks)")
                if refusal == nil { granted += 1 } else { refused += 1 }
                guard let grant = state.reservations[id(number)]?.grant else { continue }
                let cards = Set((grant[.gpu]?.units ?? []).map(\.name))
                let nodes = (grant[.cpu]?.nodes ?? CPUSet()).union(grant[.memory]?.nodes ?? CPUSet())
                    .union(CPUSet(capacity.gpus.filter { cards.contains($0.name) }.compactMap(\.node)))
                #expect(nodes.count == 1 && grant[.memory]?.nodes?.count == 1, "\(generator.note): \(grant)")
            }
        }
        #expect(granted > 100 && refused > 100)
    }

    /// How many of a row of shares and whole GPUs are granted before the first that is not.
    private static func placed(_ capacity: Capacity, _ row: [Int64], _ strategy: Strategy) -> Int {
        var state = TestHost.state(capacity)
        for (place, amount) in row.enumerated() {
            guard state.reserve(UInt64(place + 1), [StrategyTests.gpus(amount)], strategy: strategy) == nil else {
                return place
            }
        }
        return row.count
    }

    @Test("optimized places as many shares as greedy, save in a few rows; balanced does not")
    func shares() throws {
        var generator = SeededGenerator.named("shares")
        var sums: [Strategy: Int] = [:]
        var worse: [Strategy: Int] = [:]
        for _ in 0..<300 {
            let shapes = (0..<4).map { _ in
                let whole = Int64([1000, 2000].randomElement(using: &generator) ?? 1000)
                let share = Int64.random(in: 10...95, using: &generator) * 10
                let amount = Bool.random(using: &generator) ? share : whole
                return Shape(gpu: amount, weight: .random(in: 1...9, using: &generator))
            }
            var capacity = try StrategyTests.capacity(shapes: shapes)
            capacity.gpus.removeLast(4)
            let deck = shapes.flatMap { [Int64](repeating: $0.gpu, count: Int($0.weight)) }
            let row = (0..<24).map { _ in deck.randomElement(using: &generator) ?? 500 }
            let greedy = Self.placed(capacity, row, .greedy)
            sums[.greedy, default: 0] += greedy
            for strategy in [Strategy.optimized, .balanced] {
                let count = Self.placed(capacity, row, strategy)
                sums[strategy, default: 0] += count
                if count < greedy { worse[strategy, default: 0] += 1 }
            }
        }
        // Nobody knows what comes next: in a few rows what fitted first was luckier.
        func isGood(_ strategy: Strategy) -> Bool {
            (worse[strategy] ?? 0) < 9 && (sums[strategy] ?? 0) * 200 >= (sums[.greedy] ?? 0) * 199
        }
        #expect(isGood(.optimized) && !isGood(.balanced), "\(generator.note): \(sums), worse \(worse)")
    }
}
