import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Draws commands about what plugins provide, and remembers what a plugin would know: what it offers, and what was held before
/// a resize.
///
/// A unit's name says what it is physically: "X" is the whole, "X/0" a part as the kernel shows it, "X:0" a part as the plugin
/// has it.
struct ProvidedDrawing {
    static let types: [ResourceType] = [.gpu] + ["a.b/seat", "a.b/card"].compactMap { ResourceType(provided: $0) }
    private static let wholes = [
        "gpu": ["A", "B", "C", "D", "E"], "a.b/seat": ["s0", "s1", "s2", "s3"], "a.b/card": ["w", "x"],
    ]

    /// The types that a plugin provides or extends now.
    var offered: Set<ResourceType> = []
    /// What each reservation held before its last resize.
    private var formers: [ReservationID: Grant] = [:]

    /// A host with two GPUs and one that has failed, and two that the kernel shows by their parts alone.
    static func capacity() throws -> Capacity {
        var capacity = try TestHost.capacity()
        capacity.gpus = [
            unit("A", node: 0), unit("B", node: 1, facts: ["pci": "B"]),
            unit("C/0", node: 0, facts: ["pci": "C"]), unit("C/1", node: 0, facts: ["pci": "C"]),
            unit("E/0", facts: ["pci": "E"]), unit("E/1", facts: ["pci": "E"], failure: "it fell off the bus"),
        ]
        return capacity
    }

    private static func unit(
        _ name: String, node: Int? = nil, facts: [String: String] = [:], failure: String? = nil, parent: String? = nil
    ) -> Capacity.Unit {
        Capacity.Unit(
            name: name, capacity: Quantity(1000), node: node, capabilities: facts.mapValues { .string($0) },
            failure: failure, parent: parent)
    }

    /// Takes note of what a decision led to.
    mutating func note(_ command: Command, _ decision: Decision) {
        if case .setUnits(let type, let units) = command {
            if units == nil { offered.remove(type) } else { offered.insert(type) }
        }
        for case .resize(let id, let former, _) in decision.effects { formers[id] = former }
    }

    func command(_ generator: inout SeededGenerator, _ state: State) -> Command {
        let held = state.reservations.values.sorted { $0.id < $1.id }.randomElement(using: &generator)
        let some = held?.id ?? id(999)
        let caller = [user, other, admin].randomElement(using: &generator) ?? user
        switch Int.random(in: 0..<24, using: &generator) {
        case 0..<5:
            let resources = (try? change(&generator, 1...3).resolved()) ?? Resources()
            let request = ReservationRequest(
                resources: resources, lease: .seconds(Int.random(in: 1...60, using: &generator)),
                strategy: Strategy.allCases.randomElement(using: &generator))
            return .reserve(id(.random(in: 1...1 << 40, using: &generator)), request, caller, nil)
        case 5..<10: return .resize(some, change(&generator, 0...3), admin)
        case 10..<14: return setUnits(&generator)
        case 14..<17:
            guard let held, let former = formers[some] else { return .tick }
            // As the agent does where a plugin or the kernel cannot follow: what both cover, or all that was.
            let grant = [former.meet(held.grant), former, held.grant].randomElement(using: &generator) ?? former
            return .noteResized(some, grant, held.receipts)
        case 17..<19:
            var provisions = held?.provisions ?? [:]
            for hold in held?.grant.holds ?? [] where Self.types.contains(hold.type) {
                let number = Int.random(in: 0..<3, using: &generator)
                provisions[hold.type] =
                    number == 0 ? nil : Provision(environment: ["N": "\(number)"], units: hold.units.map(\.name))
            }
            return .noteProvided(some, provisions)
        case 19:
            let type = Self.types.randomElement(using: &generator) ?? .gpu
            return .noteUnprovided(some, type, reason: "no", hint: nil)
        case 20: return .release(some, admin)
        case 21..<23: return .noteFreed(some, nil)
        default: return .tick
        }
    }

    private func setUnits(_ generator: inout SeededGenerator) -> Command {
        let type = Self.types.randomElement(using: &generator) ?? .gpu
        func sometimes(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &generator) == 0 }
        guard !sometimes(4) else { return .setUnits(type, nil) }
        var units: [Capacity.Unit] = []
        for name in Self.wholes[type.name] ?? [] where !sometimes(3) {
            let color = sometimes(2) ? "red" : "blue"
            units.append(
                Self.unit(name, node: sometimes(2) ? 1 : nil, facts: ["color": color], failure: failure(&generator)))
            // A seat has no parts; the others are cut now and then.
            guard type.name != "a.b/seat", !sometimes(3) else { continue }
            for part in 0..<2 where !sometimes(4) {
                units.append(
                    Self.unit(
                        "\(name):\(part)", facts: ["partition": "half"], failure: failure(&generator), parent: name))
            }
        }
        return .setUnits(type, units.shuffled(using: &generator))
    }

    private func failure(_ generator: inout SeededGenerator) -> String? {
        Int.random(in: 0..<6, using: &generator) == 0 ? "it is broken" : nil
    }

    private func change(_ generator: inout SeededGenerator, _ counts: ClosedRange<Int64>) -> ResourceChange {
        let types = Self.types.filter { _ in Bool.random(using: &generator) }
        return ResourceChange(
            parts: (types.isEmpty ? [.gpu] : types).map { type in
                let count = Int64.random(in: counts, using: &generator)
                var part = ResourceChange.Part(type: type, amount: Quantity(count * type.whole.units))
                if type == .gpu, count == 1, Bool.random(using: &generator) {
                    part.amount = Quantity([10, 250, 500, 700].randomElement(using: &generator) ?? 500)
                }
                switch Int.random(in: 0..<6, using: &generator) {
                case 0..<2 where type.name != "a.b/seat": part.constraints = ["partition": "half"]
                case 2: part.constraints = ["color": "red"]
                case 3: part.constraints = [:]
                default: break
                }
                return part
            }, storage: [])
    }
}
