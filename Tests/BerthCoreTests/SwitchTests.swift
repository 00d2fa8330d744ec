import BerthJSON
import BerthModel
import Support
import Testing

@testable import BerthCore

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

    @Test("that they are fewer is what is told of why those, and what counts after that is told as what it is")
    func reasons() throws {
        let capacity = try capacity(gpus: ["a", "b", "b"], interfaces: ["b"])
        let state = TestHost.state(capacity)
        func reason(_ resources: Resources, in state: State) -> UnitReason? {
            let request = ReservationRequest(resources: resources, strategy: .optimized)
            return state.explain(id(9), request, user, Now(wall: Timestamp(milliseconds: 0), uptime: 0)).reason
        }
        let fewer = try #require(reason(Resources([Ask(.gpu, amount: Quantity(2000))]), in: state))
        #expect(fewer.measure == .switches && fewer.chosen == 1 && fewer.first == 2)
        // A part of the one that is in parts already leaves the other whole.
        var shared = TestHost.state(try self.capacity(gpus: ["a", "a"], interfaces: []))
        shared.reserve(1, [Ask(.gpu, amount: Quantity(1000))])
        shared.reserve(2, [Ask(.gpu, amount: Quantity(500))])
        shared.end(1, at: 0)
        let later = try #require(reason(Resources([Ask(.gpu, amount: Quantity(500))]), in: shared))
        #expect([.later, .shapes, .gpuRoom].contains(later.measure))
        #expect(later.measure == .later ? later.chosen > later.first : later.chosen < later.first)
        #expect(later.chosen >= 0 && later.first >= 0)
        let placement = try shared.placement(beside: shared.holdings, .optimized, nil)
        #expect(Placement.counted.count == placement.cost(of: Placed(), HostRest(placement)).count)
        #expect(Placement.counted.firstIndex(of: .later) == 5 && Set(Placement.counted).count == 10)
    }

    @Test("a resize stays near what is held, also near the interface")
    func resized() throws {
        var state = TestHost.state(try capacity(gpus: ["a", "a", "a", "b", "b"], interfaces: ["a", "b"]))
        #expect(ask(1, gpus: 1, .greedy, in: &state) == ["gpu0"])
        #expect(ask(2, gpus: 4, .greedy, in: &state) != nil)
        state.end(2, at: 0)
        state.reserve(3, [Ask(.gpu, amount: Quantity(1000), constraints: ["pcie_switch": "b"])])
        let more = ResourceChange(parts: [.init(type: .gpu, amount: Quantity(2000))], storage: [])
        var optimized = state
        optimized.end(1, at: 0)
        #expect(ask(4, gpus: 1, in: &optimized) == ["gpu4"] && ask(5, gpus: 1, in: &optimized) == ["gpu0"])
        optimized.end(4, at: 0)
        #expect(optimized.run(.resize(id(5), more, user)).answer.refusal == nil)
        #expect(optimized.reservations[id(5)]?.grant[.gpu]?.units.map(\.name) == ["gpu0", "gpu1"])
    }

    @Test("the interface counts where several are needed, for one node alone, and for a share")
    func interfaces() throws {
        let pairs = ["a", "a", "b", "b", "c", "c", "d", "d"]
        var state = TestHost.state(try capacity(gpus: pairs, interfaces: ["d"]))
        #expect(ask(1, gpus: 4, network: 1, in: &state) == ["gpu0", "gpu1", "gpu6", "gpu7", "eth0"])
        state.end(1, at: 0)
        let asks = [Ask(.gpu, amount: Quantity(1000)), Ask(.network, amount: Quantity(1))]
        #expect(state.reserve(2, asks, same: .numa) == nil)
        #expect(state.reservations[id(2)]?.grant[.gpu]?.units.map(\.name) == ["gpu6"])
        state.reserve(3, [Ask(.gpu, amount: Quantity(500)), Ask(.network, amount: Quantity(1))])
        #expect(state.reservations[id(3)]?.grant[.gpu]?.units.map(\.name) == ["gpu7"])
    }

    @Test("no choice of GPUs and an interface touches fewer of them")
    func fewest() throws {
        var generator = SeededGenerator.named("switches")
        var several = 0
        for _ in 0..<1500 {
            let names: [String?] = ["a", "b", "c", "d"] + (Bool.random(using: &generator) ? [nil] : [])
            func drawn(_ count: Int) -> [String?] {
                (0..<count).map { _ in names.randomElement(using: &generator) ?? nil }
            }
            let (gpus, interfaces) = (drawn(6), drawn(3))
            var state = TestHost.state(try capacity(gpus: gpus, interfaces: interfaces))
            let count = Int.random(in: 1...4, using: &generator)
            let network: Int64? = Bool.random(using: &generator) ? 100 : nil
            let units = try #require(ask(1, gpus: Int64(count), network: network, in: &state))
            // What is on none is by itself.
            func touched(_ gpu: [Int], _ interface: Int?) -> Int {
                let own = interface.map { [interfaces[$0] ?? "eth\($0)"] } ?? []
                return Set(gpu.map { gpus[$0] ?? "gpu\($0)" } + own).count
            }
            let chosen = units.filter { $0.hasPrefix("gpu") }.compactMap { Int($0.dropFirst(3)) }
            let card = units.first { $0.hasPrefix("eth") }.flatMap { Int($0.dropFirst(3)) }
            var least = Int.max
            for mask in 0..<(1 << 6) where mask.nonzeroBitCount == count {
                let some = (0..<6).filter { mask >> $0 & 1 == 1 }
                for interface in network == nil ? [nil] : interfaces.indices.map({ Optional($0) }) {
                    least = min(least, touched(some, interface))
                }
            }
            #expect(touched(chosen, card) == least, "\(gpus) \(interfaces) \(units) \(generator.note)")
            several += least > 1 ? 1 : 0
        }
        #expect(several > 200)
    }
}
