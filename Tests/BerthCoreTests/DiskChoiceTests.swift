import BerthCore
import BerthJSON
import BerthModel
import Support
import Testing

/// Disks that requests leave open.
@Suite("A disk that is left open") struct DiskChoiceTests {
    /// Two that spin and two that do not, with what they can write in a second.
    private func state(_ rates: [Int64?] = [100, 100, 100, 100]) throws -> State {
        var capacity = try TestHost.capacity()
        capacity.disks = rates.enumerated().map { index, rate in
            Capacity.Disk(
                name: ["sda", "sdb", "nvme0n1", "nvme1n1"][index], partitions: index == 0 ? ["sda1"] : [],
                rates: StorageRates(write: rate.map { Quantity($0) }),
                capabilities: ["rotational": .bool(index < 2), "numa": JSONValue(index % 2)])
        }
        return TestHost.state(capacity)
    }

    private func fast(_ write: Int64) -> DiskAsk {
        DiskAsk(["rotational": false], rates: StorageRates(write: Quantity(write)))
    }

    private func ask(
        _ number: UInt64, _ disks: [DiskAsk], _ strategy: Strategy = .optimized, named: [StorageAsk] = [],
        asks: [Ask] = [], in state: inout State
    ) -> Refusal? {
        let resources = Resources(asks, storage: named, disks: disks)
        let request = ReservationRequest(resources: resources, strategy: strategy)
        return state.run(.reserve(id(number), request, user, nil)).answer.refusal
    }

    private func held(_ number: UInt64, _ state: State) -> [String]? {
        state.reservations[id(number)]?.grant.storage.map(\.device)
    }

    @Test("is one that is as it must be and has room: the first, the emptiest, or the fullest, near the rest if it can")
    func strategies() throws {
        for (strategy, disk) in [
            (.greedy, "nvme0n1"), (.balanced, "nvme1n1"), (.optimized, "nvme0n1"),
        ] as [(Strategy, String)] {
            var state = try state()
            #expect(ask(1, [fast(30)], .greedy, in: &state) == nil)
            #expect(ask(2, [fast(30)], strategy, in: &state) == nil)
            #expect(held(2, state) == [disk])
        }
        var state = try state()
        #expect(ask(1, [fast(30)], .greedy, in: &state) == nil)
        let near = Ask(.gpu, amount: Quantity(1000), constraints: ["model": "B"])
        #expect(ask(2, [fast(30)], asks: [near], in: &state) == nil)
        #expect(held(2, state) == ["nvme1n1"])
        #expect(ask(3, [DiskAsk([:], weight: 200)], in: &state) == nil)
        #expect(state.reservations[id(3)]?.grant.storage == [StorageAsk(device: "nvme0n1", weight: 200)])
    }

    @Test("is the one that others use the least where nobody says what it can do, and is written to only if it can be")
    func unknown() throws {
        var state = try state([nil, nil, nil, nil])
        for number in 1...2 as ClosedRange<UInt64> { #expect(ask(number, [fast(30)], .balanced, in: &state) == nil) }
        #expect([held(1, state), held(2, state)] == [["nvme0n1"], ["nvme1n1"]])
        var capacity = try #require(state.capacity)
        capacity.disks[2].capabilities["read_only"] = true
        state.run(.setCapacity(capacity))
        #expect(ask(3, [fast(1)], .greedy, in: &state) == nil && held(3, state) == ["nvme1n1"])
        let read = DiskAsk(["rotational": false], rates: StorageRates(read: Quantity(1)))
        #expect(ask(4, [read], .greedy, in: &state) == nil && held(4, state) == ["nvme0n1"])
    }

    @Test("is each another, and not one that is named; the second goes elsewhere where the first can")
    func several() throws {
        var state = try state([100, 100, 20, 100])
        let any = DiskAsk(["rotational": false], rates: StorageRates(write: Quantity(10)))
        // The first alone would have the only disk that has room for the second.
        #expect(ask(1, [any, fast(90)], .balanced, in: &state) == nil)
        #expect(held(1, state) == ["nvme0n1", "nvme1n1"])
        #expect(state.reservations[id(1)]?.grant.storage.map(\.rates.write) == [Quantity(10), Quantity(90)])
        let named = [StorageAsk(device: "nvme0n1", weight: 100)]
        #expect(ask(2, [DiskAsk(["rotational": false], weight: 1)], named: named, in: &state) == nil)
        #expect(held(2, state) == ["nvme0n1", "nvme1n1"])
        guard case .insufficient(let short, let ever) = ask(3, [any, any, any], in: &state) else {
            Issue.record("three are found among two")
            return
        }
        #expect(!ever && short.map(\.asked) == [Quantity(3)] && short.map(\.capacity) == [Quantity(2)])
    }

    @Test("that nobody has is told of, with the nearest; by less it fits, or without a condition")
    func refused() throws {
        var state = try state([100, 100, 50, 20])
        guard case .invalid(let violations) = ask(1, [DiskAsk(["colour": "red"], weight: 1)], in: &state) else {
            Issue.record("nobody knows a colour")
            return
        }
        #expect(violations.map(\.code) == ["unknown_capability"])
        guard case .insufficient(let short, let ever) = ask(2, [fast(60)], in: &state) else {
            Issue.record("it is too much for both")
            return
        }
        #expect(!ever && short.map(\.disk?.description) == ["nvme0n1/write"] && short.map(\.free) == [Quantity(50)])
        let request = ReservationRequest(resources: Resources(disks: [fast(60)]))
        let told = state.explain(id(9), request, user, Now(wall: Timestamp(milliseconds: 0), uptime: 0))
        let fits = told.changes.map(\.request.resources.disks)
        #expect(fits.contains([fast(50)]))
        #expect(fits.contains([DiskAsk([:], rates: StorageRates(write: Quantity(60)))]))
        for change in told.changes {
            #expect(state.run(.reserve(id(10), change.request, user, nil)).answer.refusal == nil)
            state.end(10, at: 0)
        }
        guard case .insufficient(let none, false) = ask(3, [DiskAsk(["numa": 7], weight: 1)], in: &state) else {
            Issue.record("there is none on node 7")
            return
        }
        #expect(none.map(\.capacity) == [.zero])
    }

    @Test("stays what it is when it is resized, by its name alone; and one that waits has the first that is free")
    func later() throws {
        var state = try state()
        #expect(ask(1, [fast(90)], in: &state) == nil && ask(2, [fast(90)], in: &state) == nil)
        let disks = Resources(disks: [fast(60)])
        state.run(.reserve(id(3), ReservationRequest(resources: disks, wait: .seconds(60)), other, nil))
        #expect(state[id(3)]?.state == .pending)
        let more = ResourceChange(parts: [], storage: [], disks: [fast(10)])
        guard case .invalid = state.run(.resize(id(1), more, user)).answer.refusal else {
            Issue.record("a held disk has a name")
            return
        }
        let less = StorageAsk(device: "nvme1n1", rates: StorageRates(write: Quantity(95)))
        #expect(state.run(.resize(id(2), ResourceChange(parts: [], storage: [less]), user)).answer.refusal == nil)
        #expect(held(2, state) == ["nvme1n1"])
        state.end(1, at: 0)
        #expect(held(3, state) == ["nvme0n1"])
    }

    @Test("is found for each of several wherever that can be: as a search over all ways has it")
    func matched() throws {
        var generator = SeededGenerator.named("disks")
        var (found, none) = (0, 0)
        for _ in 0..<2000 {
            let rates = (0..<4).map { _ in Int64.random(in: 1...4, using: &generator) }
            var state = try state(rates)
            let asks = (0..<Int.random(in: 1...4, using: &generator)).map { _ -> DiskAsk in
                let facts: [String: Constraint] =
                    [[:], ["rotational": true], ["rotational": false], ["numa": 0], ["numa": 1]]
                    .randomElement(using: &generator) ?? [:]
                return DiskAsk(facts, rates: StorageRates(write: Quantity(.random(in: 1...4, using: &generator))))
            }
            let disks = state.capacity?.disks ?? []
            func fits(_ index: Int, _ taken: Set<Int>) -> Bool {
                guard index < asks.count else { return true }
                return disks.indices.contains { disk in
                    !taken.contains(disk) && disks[disk].satisfies(asks[index].constraints)
                        && asks[index].rates.write ?? .zero <= disks[disk].rates.write ?? .zero
                        && fits(index + 1, taken.union([disk]))
                }
            }
            let strategy = Strategy.choosing.randomElement(using: &generator) ?? .greedy
            let refusal = ask(1, asks, strategy, in: &state)
            #expect((refusal == nil) == fits(0, []), "\(rates) \(asks) \(generator.note)")
            if let held = held(1, state) {
                found += 1
                #expect(Set(held).count == asks.count)
            } else {
                none += 1
            }
        }
        #expect(found > 200 && none > 200)
    }
}
