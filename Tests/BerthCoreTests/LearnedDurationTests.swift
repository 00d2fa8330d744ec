import BerthModel
import Support
import Testing

@testable import BerthCore

/// What is made of how long the reservations of a name took.
@Suite("Durations of a name") struct LearnedDurationTests {
    private func request(
        _ name: String?, _ cpu: Int64, lease: Int64? = nil, end: ReservationRequest.End? = nil, wait: Duration? = nil
    ) -> ReservationRequest {
        ReservationRequest(
            name: name, resources: Resources([Ask(.cpu, amount: Quantity(cpu))]), lease: lease.map { .seconds($0) },
            end: end, wait: wait)
    }

    /// One after the other takes so many seconds and is given back, or ends by its lease.
    private func learned(
        _ seconds: [Int64], lease: Int64? = nil, end: ReservationRequest.End? = .released, isCut: Bool = false
    ) throws -> (State, now: Int64) {
        var state = TestHost.state(try TestHost.capacity())
        var now: Int64 = 0
        for (index, seconds) in seconds.enumerated() {
            let one = id(UInt64(index + 1))
            state.run(
                .reserve(one, request("train", 8000, lease: isCut ? seconds : lease, end: end), user, nil), at: now)
            now += seconds * 1000
            state.run(isCut ? .tick : .release(one, user), at: now)
            state.run(.noteFreed(one, nil), at: now)
        }
        return (state, now)
    }

    private func expected(_ state: State, _ number: UInt64, at uptime: Int64) -> Int64? {
        let now = Now(wall: Timestamp(milliseconds: 1_000_000 + uptime), uptime: uptime)
        return state.standing(of: id(number), now)?.expected
    }

    @Test("tell when one without a lease is likely to end, and who waits for it is kept room for then")
    func likely() throws {
        var (state, now) = try learned([30, 20, 40])
        state.run(.reserve(id(10), request("train", 7000), user, nil), at: now)
        #expect(state.reservations[id(10)]?.usual == [20, 30, 40].map { .seconds($0) })
        state.run(.reserve(id(11), request(nil, 8000, wait: .seconds(1000)), other, nil), at: now + 5000)
        #expect(expected(state, 11, at: now + 5000) == now + 20_000)
        // Over by then, it passes; and not where it would not be, though another took longer.
        #expect(
            state.run(.reserve(id(12), request(nil, 500, lease: 15), other, nil), at: now + 5000).answer
                == .done(id(12)))
        let late = state.run(.reserve(id(13), request(nil, 500, lease: 16), other, nil), at: now + 5000)
        #expect(late.answer == .refused(.wouldDelay(1)))
        // When it is older it may be as one that took longer, and when it is older than all nobody knows.
        for (age, end) in [(20, 30), (29, 30), (30, 40), (40, nil)] as [(Int64, Int64?)] {
            #expect(expected(state, 11, at: now + age * 1000) == end.map { now + $0 * 1000 })
        }
    }

    @Test("are no matter where a lease says it")
    func leased() throws {
        var (state, now) = try learned([30, 20, 40], lease: 100)
        state.run(.reserve(id(10), request("train", 8000, lease: 60), user, nil), at: now)
        #expect(state.reservations[id(10)]?.usual == [])
        state.run(.reserve(id(11), request(nil, 8000, wait: .seconds(1000)), other, nil), at: now)
        #expect(expected(state, 11, at: now) == now + 60_000)
    }

    @Test("let nobody pass who could be in the way should it take longer")
    func longer() throws {
        var (state, now) = try learned([30, 20, 40])
        state.run(.reserve(id(10), request("train", 3000), user, nil), at: now)
        state.run(.reserve(id(11), request(nil, 1000, lease: 60), other, nil), at: now)
        state.run(.reserve(id(12), request(nil, 5000, wait: .seconds(1000)), other, nil), at: now)
        // It begins when the lease is over at the latest, and beside what has none it would not.
        #expect(expected(state, 12, at: now) == now + 60_000)
        #expect(state.run(.reserve(id(13), request(nil, 2000), user, nil), at: now).answer == .refused(.wouldDelay(1)))
        // Nor does the likely one grow into that.
        let more = ResourceChange(parts: [ResourceChange.Part(type: .cpu, amount: Quantity(5000))], storage: [])
        #expect(state.run(.resize(id(10), more, user), at: now).answer == .refused(.wouldDelay(1)))
    }

    @Test("let nobody grow into what somebody waits for, and tell whoever is behind when that is open again")
    func growth() throws {
        var (state, now) = try learned([30, 20, 40])
        state.run(.reserve(id(10), request("train", 4000), user, nil), at: now)
        state.run(.reserve(id(11), request(nil, 500), user, nil), at: now)
        state.run(.reserve(id(12), request(nil, 5000, wait: .seconds(1000)), other, nil), at: now)
        #expect(expected(state, 12, at: now) == now + 20_000)
        let more = ResourceChange(parts: [ResourceChange.Part(type: .cpu, amount: Quantity(2000))], storage: [])
        #expect(state.run(.resize(id(11), more, user), at: now).answer == .refused(.wouldDelay(1)))
        let less = ResourceChange(parts: [ResourceChange.Part(type: .cpu, amount: Quantity(400))], storage: [])
        #expect(state.run(.resize(id(11), less, user), at: now).answer.refusal == nil)
        state.run(.reserve(id(13), request(nil, 1000, wait: .seconds(1000)), other, nil), at: now)
        #expect(state[id(13)]?.state == .pending && expected(state, 13, at: now) == now + 20_000)
    }

    @Test("keep what is sooner the turn of a second one for it, though a first waits longer")
    func sooner() throws {
        var (state, now) = try learned([30, 20, 40])
        for number in 21...23 as ClosedRange<UInt64> {
            state.run(.reserve(id(number), request("long", 8000, end: .released), user, nil), at: now)
            now += 100_000
            state.end(number, at: now)
        }
        state.run(.reserve(id(10), request("train", 4000), user, nil), at: now)
        state.run(.reserve(id(11), request("long", 3000), user, nil), at: now)
        state.run(.reserve(id(12), request(nil, 8000, wait: .seconds(1000)), other, nil), at: now)
        state.run(.reserve(id(13), request(nil, 5000, lease: 10, wait: .seconds(1000)), other, nil), at: now)
        #expect([12, 13].map { expected(state, $0, at: now) } == [now + 100_000, now + 20_000])
        #expect(state.run(.reserve(id(14), request(nil, 1000, lease: 90), user, nil), at: now).answer.refusal != nil)
        #expect(state.run(.reserve(id(15), request(nil, 1000, lease: 15), user, nil), at: now).answer.refusal == nil)
    }

    @Test("place those who wait for it one after the other")
    func several() throws {
        var (state, now) = try learned([30, 20, 40])
        state.run(.reserve(id(10), request("train", 8000), user, nil), at: now)
        for number in 11...13 as ClosedRange<UInt64> {
            state.run(.reserve(id(number), request(nil, 5000, lease: 10, wait: .seconds(1000)), other, nil), at: now)
        }
        #expect((11...13).map { expected(state, $0, at: now) } == [20, 30, 40].map { now + $0 * 1000 })
    }

    @Test("are those of its own user, at least three of them, that were not cut short")
    func which() throws {
        var (state, now) = try learned([30, 20])
        state.run(.reserve(id(10), request("train", 100), user, nil), at: now)
        #expect(state.reservations[id(10)]?.usual == [])
        (state, now) = try learned([30, 20, 40])
        state.run(.reserve(id(10), request("train", 100), other, nil), at: now)
        state.run(.reserve(id(11), request("test", 100), user, nil), at: now)
        #expect(state.reservations[id(10)]?.usual == [] && state.reservations[id(11)]?.usual == [])
        (state, now) = try learned([30, 20, 40], lease: 100, end: .empty)
        state.run(.reserve(id(10), request("train", 100), user, nil), at: now)
        #expect(state.reservations[id(10)]?.usual == [])
        (state, now) = try learned([30, 20, 40], isCut: true)
        state.run(.reserve(id(10), request("train", 100), user, nil), at: now)
        #expect(state.reservations[id(10)]?.usual == [])
    }

    @Test("promise nothing: what begins later rests on leases alone")
    func promises() throws {
        var (state, now) = try learned([30, 20, 40])
        state.run(.reserve(id(10), request("train", 8000), user, nil), at: now)
        #expect(
            state.book(11, [Ask(.cpu, amount: Quantity(1000))], from: now + 60_000, lease: .seconds(5), at: now) != nil)
        // Nor is anybody let in beside a promise because another is likely to have ended.
        state.run(.release(id(10), user), at: now)
        state.run(.noteFreed(id(10), nil), at: now)
        state.run(.reserve(id(12), request("train", 4000), user, nil), at: now)
        #expect(
            state.book(13, [Ask(.cpu, amount: Quantity(4000))], from: now + 60_000, lease: .seconds(5), at: now) == nil)
        #expect(state.run(.reserve(id(14), request(nil, 4000), other, nil), at: now).answer != .done(id(14)))
    }

    @Test("are remembered of so many names, those of which something was seen last, and come back as they were kept")
    func bounds() {
        var generator = SeededGenerator.named("durations")
        var durations = LearnedDurations()
        func key(_ number: Int) -> LearnedDurations.Key { .init(user: 1, name: "n\(number)") }
        for number in 0..<5000 {
            for _ in 0..<Int.random(in: 1...10, using: &generator) {
                durations.note(.random(in: 1...100, using: &generator), of: key(number))
            }
            durations.note(7, of: key(0))
        }
        #expect(durations.kept.count <= LearnedDurations.mostNames && durations.known(of: key(0)) == [7])
        // Names that were seen once drive out nobody who tells something.
        for number in 5000..<9000 { durations.note(7, of: key(number)) }
        #expect(durations.known(of: key(0)) == [7])
        #expect(durations.kept.allSatisfy { $0.taken.count <= LearnedDurations.mostOfOne })
        let again = LearnedDurations(durations.kept)
        #expect(again.kept == durations.kept, "\(generator.note)")
    }
}
