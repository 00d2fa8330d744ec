import BerthCore
import BerthModel
import Foundation
import Testing

/// Cases that the tests of other agents hold their choice of CPUs to; the folder is named by BERTH_CPU_CHOICE.
@Suite("Choosing CPUs as others expect it") struct CoreChoiceCorpusTests {
    static let folder = ProcessInfo.processInfo.environment["BERTH_CPU_CHOICE"]

    private struct Corpus: Decodable {
        struct Topology: Decodable {
            let columns: [String]
            let cpus: [[Int]]
        }
        struct Case: Decodable {
            let name: String
            let topology: String
            let available: String
            let request: OneOrMore<Int>
            let expected: OneOrMore<String>
            let strategy: String
            let halvesOnly: Bool?

            enum CodingKeys: String, CodingKey {
                case name, topology, available, request, expected, strategy
                case halvesOnly = "halves_only"
            }
        }
        let topologies: [String: Topology]
        let cases: [Case]
    }

    private struct OneOrMore<Value: Decodable>: Decodable {
        let values: [Value]
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let list = try? container.decode([Value].self) {
                values = list
            } else {
                values = [try container.decode(Value.self)]
            }
        }
    }

    /// The figures of several requests, one after the other: what they touch added up, what is left at the end.
    private static func figures(_ topology: CPUTopology, _ available: CPUSet, _ sets: [CPUSet]) -> CoreChoiceFigures {
        var left = available
        var sum: CoreChoiceFigures?
        for set in sets {
            var figures = CoreChoiceFigures(topology, available: left, chosen: set)
            left = left.subtracting(set)
            if let sum {
                figures.nodes += sum.nodes
                figures.packages += sum.packages
                figures.dies += sum.dies
                figures.l3s += sum.l3s
                figures.cores += sum.cores
                figures.halfCores += sum.halfCores
                figures.imbalance += sum.imbalance
            }
            sum = figures
        }
        return sum ?? CoreChoiceFigures(topology, available: available, chosen: [])
    }

    @Test("every choice is as good as the expected one", .enabled(if: folder != nil))
    func corpus() throws {
        let file = URL(fileURLWithPath: try #require(Self.folder)).appendingPathComponent("cases.json")
        let corpus = try JSONDecoder().decode(Corpus.self, from: Data(contentsOf: file))
        #expect(corpus.cases.count >= 40)
        for example in corpus.cases {
            let rows = try #require(corpus.topologies[example.topology])
            let topology = try CPUTopology(
                rows.cpus.map { row in
                    let at = Dictionary(uniqueKeysWithValues: zip(rows.columns, row))
                    return CPUTopology.Place(
                        cpu: try #require(at["cpu"]), core: try #require(at["core"]), l3: try #require(at["l3"]),
                        die: try #require(at["die"]), package: try #require(at["package"]),
                        node: try #require(at["node"]))
                })
            let available = try CPUSet(parsing: example.available)
            let strategy: CoreChoice.Strategy = example.strategy == "balanced" ? .balanced : .together
            let choice = CoreChoice(topology)
            var left = available
            var sets: [CPUSet] = []
            for request in example.request.values {
                guard let answer = choice.choose(request, from: left, strategy: strategy) else { break }
                #expect(answer.exact, "\(example.name)")
                #expect(answer.cpus.isSubset(of: left), "\(example.name)")
                #expect(answer.cpus.count >= request, "\(example.name)")
                left = left.subtracting(answer.cpus)
                sets.append(answer.cpus)
            }
            if example.expected.values == ["refuse"] {
                #expect(sets.isEmpty, "\(example.name)")
                continue
            }
            if example.halvesOnly == true && sets.isEmpty { continue }
            try #require(sets.count == example.request.values.count, "\(example.name) was refused")
            let expected = try example.expected.values.map { try CPUSet(parsing: $0) }
            let (mine, theirs) = (
                Self.figures(topology, available, sets), Self.figures(topology, available, expected)
            )
            let threads = topology.groups(.core).map(\.cpus.count).max() ?? 1
            let good =
                strategy == .balanced
                ? mine.asBalanced(as: theirs, tolerance: threads)
                : !theirs.together.lexicographicallyPrecedes(mine.together)
            #expect(good, "\(example.name): \(sets) is \(mine), expected \(expected), \(theirs)")
        }
    }
}
