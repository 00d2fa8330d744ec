import BerthCore
import BerthModel
import Testing

@Suite("A sum of quantities")
struct QuantitySumTests {
    @Test("gives back exactly what was added, also beyond 64 bits, and then shows the largest number")
    func exact() {
        var sum = QuantitySum()
        for _ in 0..<5000 { sum += .largest }
        #expect(sum.quantity == Quantity(.max))
        for _ in 0..<4999 { sum += Quantity(-Quantity.largest.units) }
        #expect(sum.quantity == .largest)
        sum += Quantity(-Quantity.largest.units)
        #expect(sum.isZero && sum == QuantitySum())
    }

    @Test("of what nobody states a capacity for is held without end, and is nothing when all is released")
    func uncounted() throws {
        var capacity = try TestHost.capacity(pids: nil)
        capacity.interfaces = [Capacity.Unit(name: "eth0", capacity: nil)]
        var state = TestHost.state(capacity)
        let rates = StorageRates(read: .largest, write: Quantity(1))
        for number in 1...1100 {
            let refusal = state.reserve(
                UInt64(number), [Ask(.pids, amount: .largest), Ask(.network, amount: .largest)],
                storage: [StorageAsk(device: "sdb", rates: rates)], lease: .seconds(1))
            #expect(refusal == nil)
        }
        #expect(state.holdings[.pids] == Quantity(.max))
        #expect(state.holdings[.network] == Quantity(.max))
        #expect(state.holdings.storage["sdb"]?.read == Quantity(.max))
        #expect(state.holdings.storage["sdb"]?.write == Quantity(1100))
        for number in 2...1100 as ClosedRange<UInt64> {
            state.run(.release(id(number), user))
            state.run(.noteFreed(id(number), nil))
        }
        #expect(state.holdings.pids == .largest)
        #expect(state.holdings.storage["sdb"] == rates)
        state.run(.release(id(1), user))
        state.run(.noteFreed(id(1), nil))
        #expect(state.holdings == Holdings())
    }

    @Test("that passes every number is above any cap")
    func cap() throws {
        var state = TestHost.state(try TestHost.capacity(pids: nil))
        for number in 1...1100 { state.reserve(UInt64(number), [Ask(.pids, amount: .largest)]) }
        let caps = Caps(quantities: [.pids: .largest])
        let refusal = state.reserve(2000, [Ask(.pids, amount: Quantity(1))], caps: caps)
        guard case .overCap = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
    }
}
