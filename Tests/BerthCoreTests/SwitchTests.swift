import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// GPUs and interfaces on the PCIe switches of one NUMA node.
@Suite("On PCIe switches") struct SwitchTests {
    private func capacity(gpus: [String?], interfaces: [String?]) throws -> Capacity {
        var capacity = try TestHost.capacity()
        func facts(_ name: String?) -> [String: JSONValue] { name.map { ["pcie_switch": .string($0)] } ?? [:] }
        capacity.gpus = gpus.enumerated().map { index, name in
            Capacity.Unit(name: "gpu\(index)", capacity: Quantity(1000), node: 0, capabilities: facts(name))
        }
        capacity.interfaces = interfaces.enumerated().map { index, name in
            Capacity.Unit(name: "eth\(index)", capacity: Quantity(1000), node: 0, capabilities: facts(name))
        }
        return capacity
    }

    private func ask(
        _ number: UInt64, gpus: Int64, network: Int64? = nil, _ strategy: Strategy = .optimized, in state: inout State
    ) -> [String]? {
        var asks = [Ask(.gpu, amount: Quantity(gpus * 1000))]
        if let network { asks.append(Ask(.network, amount: Quantity(network))) }
        guard state.reserve(number, asks, strategy: strategy) == nil else { return nil }
        let grant = state.reservations[id(number)]?.grant
        return [ResourceType.gpu, .network].flatMap { grant?[$0]?.units.map(\.name) ?? [] }
    }

    @Test("optimized takes GPUs of one, the one that has just enough, and the interface that is on it too")
    func together() throws {
        let capacity = try capacity(gpus: ["a", "b", "a", "b", "b"], interfaces: ["a", "b"])
        var state = TestHost.state(capacity)
        #expect(ask(1, gpus: 2, .greedy, in: &state) == ["gpu0", "gpu1"])
        state.end(1, at: 0)
        #expect(ask(2, gpus: 2, in: &state) == ["gpu0", "gpu2"])
        state.end(2, at: 0)
        #expect(ask(3, gpus: 3, network: 100, in: &state) == ["gpu1", "gpu3", "gpu4", "eth1"])
        state.end(3, at: 0)
        // The interface on a has no room: both go to b.
        state.reserve(4, [Ask(.network, amount: Quantity(950))])
        #expect(ask(5, gpus: 2, network: 100, in: &state) == ["gpu1", "gpu3", "eth1"])
        // What is left lies on both.
        #expect(ask(6, gpus: 3, in: &state) == ["gpu0", "gpu2", "gpu4"])
    }

    @Test("no choice of GPUs and an interface touches fewer of them")
    func fewest() throws {
        var generator = SeededGenerator.named("switches")
        var several = 0
        for _ in 0..<1500 {
            func drawn(_ count: Int) -> [String?] {
                (0..<count).map { _ in ["a", "b", "c", nil].randomElement(using: &generator) ?? nil }
            }
            let (gpus, interfaces) = (drawn(6), drawn(3))
            var state = TestHost.state(try capacity(gpus: gpus, interfaces: interfaces))
            let count = Int.random(in: 1...4, using: &generator)
            let network: Int64? = Bool.random(using: &generator) ? 100 : nil
            let names = try #require(ask(1, gpus: Int64(count), network: network, in: &state))
            func touched(_ gpu: [Int], _ interface: Int?) -> Int {
                Set(gpu.compactMap { gpus[$0] } + (interface.flatMap { interfaces[$0] }.map { [$0] } ?? [])).count
            }
            let chosen = names.filter { $0.hasPrefix("gpu") }.compactMap { Int($0.dropFirst(3)) }
            let card = names.first { $0.hasPrefix("eth") }.flatMap { Int($0.dropFirst(3)) }
            var least = Int.max
            for mask in 0..<(1 << 6) where mask.nonzeroBitCount == count {
                let some = (0..<6).filter { mask >> $0 & 1 == 1 }
                for interface in network == nil ? [nil] : interfaces.indices.map({ Optional($0) }) {
                    least = min(least, touched(some, interface))
                }
            }
            // What is on no switch is told apart from nothing: it may be near or far.
            let isKnown = !gpus.contains(nil) && !interfaces.contains(nil)
            if isKnown {
                #expect(touched(chosen, card) == least, "\(gpus) \(interfaces) \(names) \(generator.note)")
                several += least > 1 ? 1 : 0
            }
        }
        #expect(several > 20)
    }
}
