import BerthCore
import BerthModel
import Support
import Testing

/// Small random hosts, where every set of whole cores can be tried.
@Suite("Choosing CPUs on random hosts") struct CoreChoicePropertyTests {
    private struct Host {
        var topology: CPUTopology
        var available: CPUSet
        var held: CPUSet
        var nodes: CPUSet?

        /// All sets that may be chosen with what is held, each of whole cores.
        func sets(of cores: [CPUSet], with held: CPUSet) -> [CPUSet] {
            var sets = [held]
            for core in cores { sets += sets.map { $0.union(core) } }
            return sets
        }

        /// The cores that may be added.
        var free: [CPUSet] {
            let takable = available.subtracting(held)
            return topology.groups(.core).map(\.cpus).filter { core in
                guard core.isSubset(of: takable), let first = core.first else { return false }
                return nodes?.contains(topology.place(of: first)?.node ?? -1) ?? true
            }
        }
    }

    /// Cores at random places: each level within the one above, in one of three orders, or all at random.
    private static func host(_ random: inout SeededGenerator, cores most: Int, smt: ClosedRange<Int>) throws -> Host {
        let cores = Int.random(in: 1...most, using: &random)
        let shape = Int.random(in: 0...3, using: &random)
        let numbers = (0..<cores).map { _ in (0..<4).map { _ in Int.random(in: 0...2, using: &random) } }
        var places: [CPUTopology.Place] = []
        var threads: [Int] = []
        for _ in 0..<cores { threads.append(Int.random(in: smt, using: &random)) }
        var cpus = Array(0..<threads.reduce(0, +)).shuffled(using: &random)
        for (core, at) in numbers.enumerated() {
            let (a, b, c, d) = (at[0] % 2, at[0] % 2 * 3 + at[1], (at[0] % 2 * 3 + at[1]) * 3 + at[2], at[3])
            let deepest = c * 3 + d
            let (package, die, node, l3) =
                switch shape {
                case 0: (a, b, c, deepest)
                case 1: (b, c, a, deepest)
                case 2: (a, a, c, b)
                default: (at[0] % 2, at[1], at[2], at[3] + at[0])
                }
            for _ in 0..<threads[core] {
                places.append(
                    .init(cpu: cpus.removeLast(), core: core, l3: l3, die: die, package: package, node: node))
            }
        }
        let near = Int.random(in: 0...2, using: &random)
        let distances = (0..<30).map { one in
            (0..<30).map { other in
                one == other ? 10 : near == 0 ? 10 + (one ^ other) % 4 * 10 : one / 3 == other / 3 ? 12 : 32
            }
        }
        let topology = try CPUTopology(places, distances: near == 2 ? nil : distances)
        var available = CPUSet()
        var held = CPUSet()
        let density = Int.random(in: 5...10, using: &random)
        let holding = Int.random(in: 0...2, using: &random) == 0
        for core in topology.groups(.core) {
            if holding && Int.random(in: 0...3, using: &random) == 0 {
                held = held.union(core.cpus)
                continue
            }
            for cpu in core.cpus where Int.random(in: 1...10, using: &random) <= density { available.insert(cpu) }
        }
        let nodes = topology.groups(.node).map(\.id).filter { _ in Bool.random(using: &random) }
        let within = Int.random(in: 0...4, using: &random) == 0 ? CPUSet(nodes) : nil
        return Host(topology: topology, available: available, held: held, nodes: within)
    }

    private static func rank(_ host: Host, _ free: CPUSet, _ set: CPUSet) -> [Int] {
        let figures = CoreChoiceFigures(host.topology, available: free, chosen: set)
        return figures.together + [host.topology.distances == nil ? figures.cpus : figures.distance]
    }

    @Test("no set of whole cores has better figures")
    func together() throws {
        var random = SeededGenerator.named("together")
        for _ in 0..<200 {
            let host = try Self.host(&random, cores: 10, smt: 1...Int.random(in: 1...3, using: &random))
            let asked = Int.random(in: 1...max(1, host.topology.cpus.count), using: &random)
            let choice = CoreChoice(host.topology)
            let answer = choice.choose(asked, from: host.available, within: host.nodes, keeping: host.held)
            let note: Comment = "\(random.note): \(asked) of \(host)"
            guard host.held.count < asked else {
                #expect(answer?.cpus == host.held, note)
                continue
            }
            let sets = host.sets(of: host.free, with: host.held).filter { $0.count >= asked }
            try #require((answer == nil) == sets.isEmpty, note)
            guard let answer else { continue }
            #expect(answer.exact, note)
            try #require(sets.contains(answer.cpus), note)
            let free = host.available.subtracting(host.held)
            let best = sets.map { Self.rank(host, free, $0) }.min { $0.lexicographicallyPrecedes($1) }
            let mine = Self.rank(host, free, answer.cpus)
            #expect(mine == best, "\(answer.cpus) \(note)")
        }
    }

    @Test("no set that stays has better figures")
    func shrink() throws {
        var random = SeededGenerator.named("shrink")
        for _ in 0..<150 {
            var host = try Self.host(&random, cores: 10, smt: 1...Int.random(in: 1...3, using: &random))
            let cores = host.topology.groups(.core).map(\.cpus).filter { _ in Bool.random(using: &random) }
            host.held = cores.reduce(CPUSet()) { $0.union($1) }
            host.available = host.available.subtracting(host.held)
            let kept = Int.random(in: 0...max(0, host.held.count - 1), using: &random)
            let answer = CoreChoice(host.topology).shrink(host.held, to: kept, free: host.available)
            let note: Comment = "\(random.note): \(kept) of \(host)"
            let sets = host.sets(of: cores, with: []).filter { $0.count >= kept }
            try #require(sets.contains(answer.cpus), note)
            let free = host.available.union(host.held)
            let best = sets.map { Self.rank(host, free, $0) }.min { $0.lexicographicallyPrecedes($1) }
            #expect(Self.rank(host, free, answer.cpus) == best, "\(answer.cpus) \(note)")
        }
    }

    @Test("a balanced choice is as good as any")
    func balanced() throws {
        var random = SeededGenerator.named("balanced")
        for _ in 0..<200 {
            let threads = Int.random(in: 1...2, using: &random)
            var host = try Self.host(&random, cores: 9, smt: threads...threads)
            host.held = []
            let asked = Int.random(in: 1...max(1, host.topology.cpus.count), using: &random)
            let answer = CoreChoice(host.topology).choose(
                asked, from: host.available, strategy: .balanced, within: host.nodes)
            let note: Comment = "\(random.note): \(asked) of \(host)"
            let rounded = (asked + threads - 1) / threads * threads
            let sets = host.sets(of: host.free, with: []).filter { $0.count == rounded }
            try #require((answer == nil) == sets.isEmpty, note)
            guard let answer else { continue }
            try #require(sets.contains(answer.cpus), note)
            let all = sets.map { CoreChoiceFigures(host.topology, available: host.available, chosen: $0) }
            let mine = CoreChoiceFigures(host.topology, available: host.available, chosen: answer.cpus)
            let even = all.filter { $0.imbalance <= threads }
            guard !even.isEmpty else {
                #expect(mine.imbalance == all.map(\.imbalance).min(), "\(answer.cpus) \(note)")
                continue
            }
            #expect(mine.imbalance <= threads, "\(answer.cpus) \(note)")
            let fewest = even.map(\.nodes).min()
            #expect(mine.nodes == fewest, "\(answer.cpus) \(note)")
            guard answer.exact else { continue }
            let near = even.filter { $0.nodes == fewest }
            let packages = near.map(\.packages).min()
            #expect(mine.packages == packages, "\(answer.cpus) \(note)")
            let range = near.filter { $0.packages == packages }.map(\.leftRange).min() ?? 0
            #expect(mine.leftRange <= range + threads, "\(answer.cpus) \(note)")
        }
    }

    @Test("balanced choices of uneven cores are whole cores, enough and not more than a core too many")
    func balancedUneven() throws {
        var random = SeededGenerator.named("balancedUneven")
        for _ in 0..<200 {
            let host = try Self.host(&random, cores: 12, smt: 1...3)
            let asked = Int.random(in: 1...max(1, host.topology.cpus.count), using: &random)
            let answer = CoreChoice(host.topology).choose(
                asked, from: host.available, strategy: .balanced, within: host.nodes, keeping: host.held)
            let note: Comment = "\(random.note): \(asked) of \(host)"
            let most = host.free.reduce(host.held.count) { $0 + $1.count }
            try #require((answer == nil) == (most < asked), note)
            guard let answer, asked > host.held.count else { continue }
            #expect(answer.cpus.count >= asked && answer.cpus.count < asked + 3, note)
            let added = answer.cpus.subtracting(host.held)
            #expect(host.held.isSubset(of: answer.cpus), note)
            let cores = host.free.filter { !$0.isDisjoint(with: added) }
            #expect(cores.reduce(CPUSet()) { $0.union($1) } == added, note)
        }
    }
}
