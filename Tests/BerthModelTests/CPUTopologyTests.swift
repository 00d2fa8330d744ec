import BerthModel
import Testing

@Suite("The topology of CPUs") struct CPUTopologyTests {
    /// Two packages, the first of two nodes; cores with two threads four apart, the last with one.
    static let places: [CPUTopology.Place] = [
        .init(cpu: 4, core: 0, l3: 10, die: 20, package: 30, node: 0),
        .init(cpu: 0, core: 0, l3: 10, die: 20, package: 30, node: 0),
        .init(cpu: 1, core: 1, l3: 10, die: 20, package: 30, node: 2),
        .init(cpu: 5, core: 1, l3: 10, die: 20, package: 30, node: 2),
        .init(cpu: 70, core: 9, l3: 11, die: 21, package: -1, node: 3),
    ]

    @Test(
        "CPUs are grouped by each level, lowest number first",
        arguments: [
            (CPUTopology.Level.core, ["0: 0,4", "1: 1,5", "9: 70"]), (.l3, ["10: 0-1,4-5", "11: 70"]),
            (.die, ["20: 0-1,4-5", "21: 70"]), (.package, ["-1: 70", "30: 0-1,4-5"]),
            (.node, ["0: 0,4", "2: 1,5", "3: 70"]),
        ])
    func groups(level: CPUTopology.Level, expected: [String]) throws {
        let topology = try CPUTopology(Self.places)
        #expect(topology.groups(level).map { "\($0.id): \($0.cpus)" } == expected)
        for group in topology.groups(level) { #expect(topology.cpus(level, group.id) == group.cpus) }
        for unknown in [-7, 4, 77] { #expect(topology.cpus(level, unknown).isEmpty) }
    }

    @Test("rows are found by CPU")
    func rows() throws {
        let topology = try CPUTopology(Self.places)
        #expect(topology.cpus == [0, 1, 4, 5, 70])
        #expect(topology.places.map(\.cpu) == [0, 1, 4, 5, 70])
        for place in Self.places { #expect(topology.place(of: place.cpu) == place) }
        for unknown in [-1, 2, 71] { #expect(topology.place(of: unknown) == nil) }
    }

    @Test(
        "distances are known where a row tells them",
        arguments: [(0, 1, 12), (1, 0, 13), (0, 2, nil), (-1, 0, nil), (3, 0, nil)])
    func distances(from: Int, to: Int, expected: Int?) throws {
        #expect(
            try CPUTopology(Self.places, distances: [[10, 12], [13, 10]]).distance(from: from, to: to) == expected)
        #expect(try CPUTopology(Self.places).distance(from: from, to: to) == nil)
    }

    @Test(
        "a CPU that comes twice or cannot be is refused",
        arguments: [
            (0, CPUTopology.Refusal.twice(cpu: 0)), (-1, .outOfRange(cpu: -1)), (65_536, .outOfRange(cpu: 65_536)),
        ])
    func refusal(cpu: Int, refusal: CPUTopology.Refusal) {
        let place = CPUTopology.Place(cpu: cpu, core: 0, l3: 0, die: 0, package: 0, node: 0)
        #expect(throws: refusal) { try CPUTopology(Self.places + [place]) }
    }

    @Test("no rows are a topology without CPUs")
    func empty() throws {
        let topology = try CPUTopology([])
        #expect(topology.cpus.isEmpty)
        #expect(topology.groups(.node).isEmpty)
    }

    @Test("the order of rows does not matter to what is equal, a distance does")
    func equal() throws {
        let one = try CPUTopology(Self.places)
        #expect(try one == CPUTopology(Self.places.reversed()))
        #expect(try one.hashValue == CPUTopology(Self.places.reversed()).hashValue)
        #expect(try one != CPUTopology(Self.places.dropLast()))
        #expect(try one != CPUTopology(Self.places, distances: [[10]]))
    }
}
