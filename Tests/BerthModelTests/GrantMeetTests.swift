import BerthModel
import Testing

@Suite("What two grants have in common")
struct GrantMeetTests {
    @Test("is of everything the smaller, and nothing new")
    func smaller() {
        let old = Grant([
            Hold(.cpu, amount: Quantity(2000), limit: Quantity(2000)),
            Hold(.memory, amount: Quantity(100), limit: Quantity(400)),
        ])
        let new = Grant([
            Hold(.cpu, amount: Quantity(1000), limit: Quantity(3000)),
            Hold(.memory, amount: Quantity(200), limit: Quantity(300)), Hold(.pids, amount: Quantity(5), limit: nil),
        ])
        let least = old.meet(new)
        #expect(least[.cpu]?.amount == Quantity(1000) && least[.cpu]?.limit == Quantity(2000))
        #expect(least[.memory]?.amount == Quantity(100) && least[.memory]?.limit == Quantity(300))
        #expect(least[.pids] == nil)
        #expect(old.union(least) == old)
    }

    @Test("is the former one where nothing is given up")
    func growth() {
        let old = Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, asked: Quantity(1500), cpus: [0, 1])])
        let new = Grant([Hold(.cpu, amount: Quantity(3000), limit: nil, cpus: [0, 1, 2])])
        #expect(old.meet(new) == old)
    }

    @Test("are the CPUs and units of both, and all of the former where there are none")
    func units() {
        func gpu(_ names: [String]) -> Hold {
            Hold(
                .gpu, amount: Quantity(Int64(names.count) * 1000), limit: nil,
                units: names.map { Hold.UnitShare(name: $0, quantity: Quantity(1000)) })
        }
        let old = Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [0, 1]), gpu(["a", "b"])])
        let some = Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [1, 2]), gpu(["b", "c"])])
        #expect(old.meet(some)[.cpu]?.cpus == [1] && old.meet(some)[.cpu]?.amount == Quantity(1000))
        #expect(old.meet(some)[.gpu]?.units.map(\.name) == ["b"] && old.meet(some)[.gpu]?.amount == Quantity(1000))
        let none = Grant([Hold(.cpu, amount: Quantity(2000), limit: nil, cpus: [4, 5]), gpu(["d"])])
        #expect(old.meet(none) == old)
        let shared = Grant([Hold(.cpu, amount: Quantity(500), limit: Quantity(500))])
        #expect(shared.meet(none) == shared)
    }

    @Test("is of each rate of a disk the lower, and no ceiling that is new")
    func storage() {
        let old = Grant(storage: [StorageAsk(device: "a", rates: StorageRates(read: Quantity(5)))])
        let new = Grant(storage: [StorageAsk(device: "a", rates: StorageRates(read: Quantity(3), write: Quantity(4)))])
        #expect(old.meet(new).storage[0].rates == StorageRates(read: Quantity(3)))
        #expect(new.meet(old).storage[0].rates == StorageRates(read: Quantity(3), write: Quantity(4)))
    }

    @Test("is of two weights on a disk the lower")
    func weights() {
        func grant(_ weight: Int?) -> Grant { Grant(storage: [StorageAsk(device: "a", weight: weight)]) }
        #expect(grant(500).meet(grant(7)) == grant(7) && grant(7).meet(grant(nil)) == grant(7))
        #expect(grant(nil).meet(grant(7)) == grant(nil))
    }
}
