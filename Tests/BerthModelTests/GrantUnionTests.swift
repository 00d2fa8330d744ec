import BerthModel
import Testing

@Suite("Two grants together")
struct GrantUnionTests {
    @Test("hold of everything the larger")
    func larger() {
        let old = Grant([
            Hold(.cpu, amount: Quantity(2000), limit: Quantity(2000)),
            Hold(.memory, amount: Quantity(100), limit: Quantity(400)),
        ])
        let new = Grant([
            Hold(.cpu, amount: Quantity(1000), limit: Quantity(3000)),
            Hold(.memory, amount: Quantity(200), limit: Quantity(200)), Hold(.pids, amount: Quantity(5), limit: nil),
        ])
        let both = old.union(new)
        #expect(both[.cpu]?.amount == Quantity(2000) && both[.cpu]?.limit == Quantity(3000))
        #expect(both[.memory]?.amount == Quantity(200) && both[.memory]?.limit == Quantity(400))
        #expect(both[.pids]?.amount == Quantity(5))
        #expect(both.union(old).holds.map(\.amount) == both.holds.map(\.amount))
    }

    @Test("hold the CPUs and units of both")
    func units() {
        func gpu(_ names: [String]) -> Hold {
            Hold(
                .gpu, amount: Quantity(Int64(names.count) * 1000), limit: nil,
                units: names.map { Hold.UnitShare(name: $0, quantity: Quantity(1000)) })
        }
        let old = Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [0, 1]), gpu(["a", "b"])])
        let new = Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [1, 2]), gpu(["b"])])
        let both = old.union(new)
        #expect(both[.cpu]?.cpus == [0, 1, 2] && both[.cpu]?.amount == Quantity(3000))
        #expect(both[.gpu]?.units.map(\.name) == ["a", "b"])
    }

    @Test("have of each rate of a disk the higher")
    func storage() {
        let old = Grant(storage: [StorageAsk(device: "a", rates: StorageRates(read: Quantity(5)))])
        let new = Grant(storage: [
            StorageAsk(device: "a", rates: StorageRates(read: Quantity(3), write: Quantity(4))),
            StorageAsk(device: "b", rates: StorageRates(read: Quantity(1))),
        ])
        let both = old.union(new).storage
        #expect(both.map(\.device) == ["a", "b"])
        #expect(both[0].rates == StorageRates(read: Quantity(5), write: Quantity(4)))
    }

    @Test("have of two weights on a disk the higher")
    func weights() {
        func grant(_ weight: Int?) -> Grant { Grant(storage: [StorageAsk(device: "a", weight: weight)]) }
        #expect(grant(500).union(grant(7)) == grant(500) && grant(nil).union(grant(7)) == grant(7))
    }
}
