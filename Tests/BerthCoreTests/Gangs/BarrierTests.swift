import BerthCore
import BerthModel
import Testing

extension State {
    /// Arrives; nil unless it is refused.
    @discardableResult
    mutating func arrive(
        _ number: UInt64, at name: String = "a", size: Int? = nil, generation: Int? = nil, by caller: Caller = user
    ) -> Decision {
        run(.arrive(id(number), at: name, size: size, generation: generation, caller))
    }

    /// What each of these may use, in millicores.
    func ceilings(_ numbers: UInt64...) -> [Int64?] {
        numbers.map { number in
            guard let reservation = reservations[id(number)] else { return nil }
            return reservation.grant.borrowing(reservation.borrowed)[.cpu]?.limit?.units
        }
    }
}

@Suite("A barrier") struct BarrierTests {
    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }

    /// A gang that runs.
    private func state(_ amounts: Int64...) throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        for (place, amount) in amounts.enumerated() {
            state.join(UInt64(place + 1), "a", of: amounts.count, cpu(amount))
        }
        #expect(state.admitted().count == amounts.count)
        return state
    }

    private func opened(_ decision: Decision) -> [ReservationID] {
        decision.changes.compactMap { if case .barrierOpened(let id) = $0 { id } else { nil } }
    }

    private func effects(_ decision: Decision) -> [ReservationID] {
        decision.effects.compactMap { if case .ceiling(let id) = $0 { id } else { nil } }
    }

    @Test("of a gang opens when the last arrives; until then those who wait lend to the others in equal parts")
    func lending() throws {
        var state = try state(2000, 1000, 1000)
        let first = state.arrive(1)
        #expect(state.ceilings(1, 2, 3) == [100, 1950, 1950])
        // What is given out is taken back before.
        #expect(effects(first) == [id(1), id(2), id(3)])
        #expect(state.holdings.cpu == Quantity(4000), "what is lent is counted to its holder")
        let second = state.arrive(3)
        #expect(state.ceilings(1, 2, 3) == [100, 3800, 100] && effects(second).first == id(3))
        #expect(opened(second) == [])
        let third = state.arrive(2)
        #expect(opened(third) == [id(1), id(2), id(3)] && state.ceilings(1, 2, 3) == [2000, 1000, 1000])
        #expect(effects(third).first == id(2))
        #expect(state.barrier(GangKey(user: 1, name: "a"))?.generation == 2)
    }

    @Test("lends what cannot be shared out evenly to the last thousandth")
    func remainder() throws {
        var state = try state(1000, 1000, 1000, 1000)
        state.arrive(1)
        #expect(state.ceilings(1, 2, 3, 4) == [100, 1300, 1300, 1300])
        var other = try self.state(1100, 1000, 1000, 1000)
        other.arrive(1)
        #expect(other.ceilings(1, 2, 3, 4) == [100, 1334, 1333, 1333])
    }

    @Test("has neither whole CPUs lent nor ceilings above what is counted")
    func ceilings() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.join(1, "a", of: 3, [Ask(.cpu, amount: Quantity(1000), limit: Quantity(3000))])
        state.join(2, "a", of: 3, [Ask(.cpu, amount: Quantity(2000), exclusive: true)])
        state.join(3, "a", of: 3, cpu(50))
        #expect(state.admitted().count == 3)
        state.arrive(2)
        #expect(state.ceilings(1, 3) == [3000, 50])
        state.arrive(1)
        #expect(state.ceilings(1, 3) == [2100, 950])
        state.arrive(3)
        #expect(state.ceilings(1, 3) == [3000, 50])
    }

    @Test("does not wait for those who have ended, and gives back what they had")
    func ending() throws {
        var state = try state(1000, 1000, 1000)
        state.arrive(1)
        #expect(state.ceilings(1, 2, 3) == [100, 1450, 1450])
        state.run(.release(id(2), user))
        #expect(state.ceilings(1, 2, 3) == [100, 1000, 1900])
        let decision = state.run(.release(id(3), user))
        #expect(opened(decision) == [id(1)] && state.ceilings(1, 3) == [1000, 1000])
        var other = try self.state(1000, 1000, 1000)
        other.arrive(1)
        other.run(.release(id(1), user))
        #expect(other.ceilings(1, 2, 3) == [1000, 1000, 1000])
    }

    @Test("follows a resize")
    func resizing() throws {
        var state = try state(1000, 1000)
        state.arrive(1)
        var part = ResourceChange.Part(type: .cpu)
        part.amount = Quantity(3000)
        state.run(.resize(id(1), ResourceChange(parts: [part], storage: []), user))
        #expect(state.ceilings(1, 2) == [100, 3900])
    }

    @Test("knows a retry also of who has been at another since, and goes on counting")
    func elsewhere() throws {
        var state = TestHost.state(try TestHost.capacity())
        for number in [1, 2] as [UInt64] { state.reserve(number, cpu(1000), lease: .seconds(600)) }
        func arrive(_ number: UInt64, _ name: String, _ generation: Int?, size: Int? = 2) -> Decision {
            state.run(.arrive(id(number), at: name, size: size, generation: generation, user))
        }
        for name in ["p", "q"] { for number in [1, 2] as [UInt64] { _ = arrive(number, name, 1) } }
        for size in [2, nil] {
            let retry = arrive(1, "p", 1, size: size)
            #expect(retry.changes == [] && retry.answer == .done(id(1)))
        }
        // Who was never there has passed nothing.
        state.reserve(3, cpu(1000), lease: .seconds(600))
        #expect(arrive(3, "p", 1).answer == .done(id(3)) && state[id(3)]?.isWaiting(at: "p") == true)
        state.run(.release(id(3), user))
        #expect(arrive(1, "p", 2).answer == .done(id(1)))
        #expect(state[id(1)]?.arrival?.generation == 2 && state[id(1)]?.arrival(at: "q")?.generation == 1)
        #expect(arrive(1, "q", 1).changes == [])
        // Restored it is the same, and of many barriers the latest are remembered.
        var restored = TestHost.state(try TestHost.capacity())
        restored.restore(try state.kept.map { try $0.storedAndRead() }, nil)
        #expect(restored.run(.arrive(id(1), at: "q", size: 2, generation: 1, user)).changes == [])
        #expect(opened(arrive(2, "p", 2)) == [id(1), id(2)])
        for number in 0..<20 { for one in [1, 2] as [UInt64] { _ = arrive(one, "b\(number)", 1) } }
        #expect(state[id(1)]?.formerArrivals.map(\.barrier) == (11..<19).map { "b\($0)" })
        #expect(state.barrier(GangKey(user: 1, name: "q")) == nil)
        #expect(
            arrive(1, "q", nil, size: nil).answer.refusal != nil && arrive(1, "q", nil, size: 3).answer.refusal == nil)
    }

    @Test("can be used again, and a retry does not arrive twice")
    func generations() throws {
        var state = try state(1000, 1000)
        for generation in 1...3 {
            state.arrive(1, generation: generation)
            #expect(state.arrive(1, generation: generation).changes == [])
            #expect(opened(state.arrive(2)) == [id(1), id(2)])
            #expect(state.arrive(1, generation: generation).changes == [])
        }
        guard case .invalid = state.arrive(1, generation: 9).answer.refusal else {
            Issue.record("the ninth time has not come")
            return
        }
    }

    @Test("of no gang is for so many as the first says")
    func size() throws {
        var state = TestHost.state(try TestHost.capacity())
        for number in 1...4 as ClosedRange<UInt64> { state.reserve(number, cpu(1000), user: number == 4 ? 2 : 1) }
        guard case .invalid = state.arrive(1).answer.refusal else {
            Issue.record("nobody has said how many arrive")
            return
        }
        #expect(state.arrive(1, size: 3).answer == .done(id(1)) && state.ceilings(1, 2) == [1000, 1000])
        guard case .invalid = state.arrive(2, size: 2).answer.refusal else {
            Issue.record("two are not three")
            return
        }
        #expect(state.arrive(4, size: 3, by: other).answer == .done(id(4)), "another user's is another")
        #expect(state.arrive(2).answer == .done(id(2)))
        #expect(state.arrive(2, at: "b", size: 2).answer.refusal == .gang(.elsewhere(id(2), barrier: "a")))
        #expect(opened(state.arrive(3)) == [id(1), id(2), id(3)])
        #expect(state.arrive(1).answer == .done(id(1)), "its size is known from before")
    }

    @Test("of a gang is for nobody else, and for those who run")
    func strangers() throws {
        var state = try state(1000, 1000)
        state.reserve(3, cpu(1000))
        guard case .invalid = state.arrive(3).answer.refusal else {
            Issue.record("it is none of the gang")
            return
        }
        #expect(state.arrive(1, by: other).answer.refusal == .notYours(id(1)))
        state.join(4, "b", of: 2, cpu(1000))
        #expect(state.arrive(4, at: "b").answer.refusal == .pending(id(4)))
        state.run(.release(id(1), user))
        #expect(state.arrive(1).answer.refusal == .ended(id(1)))
        #expect(state.barrier(GangKey(user: 1, name: "c")) == nil)
    }

    @Test("is as it was after a restart")
    func stored() throws {
        var state = try state(1000, 1000)
        state.arrive(1)
        var restored = TestHost.state(try TestHost.capacity())
        restored.restore(try state.kept.map { try $0.storedAndRead() }, nil)
        #expect(restored.ceilings(1, 2) == [100, 1900])
        let barrier = state.barrier(GangKey(user: 1, name: "a"))
        #expect(restored.barrier(GangKey(user: 1, name: "a")) == barrier && barrier?.arrived == [id(1)])
        #expect(opened(restored.arrive(2)) == [id(1), id(2)])
    }
}
