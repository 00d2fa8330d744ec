import BerthModel
import Testing

@testable import BerthCore

/// Who is in the way of what is promised, and who is not.
@Suite("What is promised is kept") struct KeepingTests {
    private let wall: Int64 = 1_000_000

    private func time(_ uptime: Int64) -> Timestamp { Timestamp(milliseconds: wall + uptime) }

    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }

    private func gpu(_ model: String) -> [Ask] {
        [Ask(.gpu, amount: Quantity(1000), constraints: ["model": Constraint(stringLiteral: model)])]
    }

    @Test("one whose GPU has failed is renewed beside promises that it is not in the way of, and into no other")
    func failed() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, gpu("A"), lease: .seconds(5))
        #expect(state.book(2, cpu(1000), from: 10_000, lease: .seconds(5)) == nil)
        #expect(state.book(3, gpu("A"), from: 30_000, lease: .seconds(5)) == nil)
        var capacity = try TestHost.capacity()
        capacity.gpus[0].failure = "gone"
        state.run(.setCapacity(capacity))
        #expect(state.run(.renew(id(1), .seconds(20), user)).answer == .done(id(1)))
        let refusal = Refusal.wouldRunInto(id(3), time(30_000))
        #expect(state.run(.renew(id(1), .seconds(31), user)).answer == .refused(refusal))
    }

    @Test("one that holds more than there is left is renewed beside promises that it is not in the way of")
    func overHeld() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, cpu(6000), lease: .seconds(5))
        #expect(state.book(2, [Ask(.memory, amount: Quantity(100))], from: 10_000, lease: .seconds(5)) == nil)
        state.run(.setCapacity(try TestHost.capacity(cpu: 4000)))
        #expect(state.run(.renew(id(1), .seconds(20), user)).answer == .done(id(1)))
    }

    @Test("one is not renewed where a promise whose start has come waits for its units")
    func stuck() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, gpu("A"), lease: .seconds(10))
        #expect(state.book(2, gpu("A"), from: 10_000, lease: .seconds(60)) == nil)
        // Somebody sets the clock: the start has come, and the lease goes on by the other clock.
        let now = Now(wall: time(12_000), uptime: 2000)
        for change in state.decide(.admit(depth: 64), now).changes { state.apply(change, at: now.wall) }
        #expect(state.waiters[id(2)] != nil)
        let renewal = state.decide(.renew(id(1), .seconds(20), user), now)
        #expect(renewal.answer == .refused(.wouldRunInto(id(2), time(10_000))))
        #expect(state.decide(.renew(id(1), .seconds(8), user), now).answer == .done(id(1)))
    }

    @Test("what its quota never lets in keeps nothing from others")
    func overQuota() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.book(1, cpu(4000), from: 10_000, lease: .seconds(20)) == nil)
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(3000)))])))
        #expect(state.reserve(2, cpu(3000), user: 2) == nil)
        guard case .wouldRunInto(_, time(10_000)) = state.reserve(3, cpu(3000), user: 3) else {
            Issue.record("it would be in the way")
            return
        }
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.waiters[id(1)] != nil)
        #expect(state.reserve(3, cpu(3000), user: 3, lease: .seconds(5), at: 11_000) == nil)
    }

    @Test("others go for one of higher priority where two promises after it follow each other")
    func oneAfterTheOther() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, cpu(4000))
        #expect(state.book(2, cpu(4000), from: 30_000, lease: .seconds(10)) == nil)
        #expect(state.book(3, cpu(4000), from: 50_000, lease: .seconds(10)) == nil)
        let request = ReservationRequest(
            resources: Resources(cpu(4000)), lease: .seconds(100), strategy: .priority, priority: 1)
        let decision = state.run(.reserve(id(4), request, other, nil))
        #expect(decision.answer == .done(id(4)))
        #expect(state.reservations[id(1)]?.preemption?.by == id(4))
        state.run(.tick, at: 10_000)
        state.run(.noteFreed(id(1), nil), at: 10_000)
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.reservations[id(4)]?.deadline == 110_000)
    }

    @Test("a GPU that is promised for tomorrow is granted for five minutes today, however much else ends until then")
    func manySteps() throws {
        var state = TestHost.state(try TestHost.capacity())
        for number in 1...70 as ClosedRange<UInt64> {
            state.reserve(number, cpu(100), lease: .seconds(600 * Int64(number)))
        }
        let (day, hour): (Int64, Int64) = (86_400_000, 3_600_000)
        #expect(state.book(101, gpu("A"), from: day, lease: .seconds(3600)) == nil)
        #expect(state.book(102, gpu("B"), from: day + 2 * hour, lease: .seconds(3600)) == nil)
        let one = [Ask(.gpu, amount: Quantity(1000))]
        #expect(state.queue(103, one, wait: .seconds(2 * 86_400)) == nil)
        // The one that is given back first is its own from then on.
        let expected = state.standing(of: id(103), Now(wall: time(0), uptime: 0))?.expected
        #expect(expected == day + hour)
        #expect(state.reserve(104, one, lease: .seconds(300)) == nil)
    }

    @Test("what is promised for when its own user's lease is over is kept until that is gone, though a cap is reached")
    func ownEnd() throws {
        var state = TestHost.state(try TestHost.capacity())
        let caps = Caps(quantities: [.gpu: Quantity(1000)])
        #expect(state.reserve(1, gpu("A"), lease: .seconds(10), caps: caps) == nil)
        #expect(state.book(2, gpu("B"), from: 10_000, lease: .seconds(60), caps: caps) == nil)
        state.run(.tick, at: 10_000)
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.waiters[id(2)] != nil)
        #expect(state.reserve(3, gpu("B"), user: 2, lease: .seconds(5), at: 10_000) != nil)
        state.run(.noteFreed(id(1), nil), at: 12_000)
        state.run(.admit(depth: 64), at: 12_000)
        #expect(state.reservations[id(2)]?.grant[.gpu]?.units.map(\.name) == ["gpu1"])
    }

    @Test("one whose units are being given back takes nobody else's meanwhile")
    func handover() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.reserve(1, gpu("A"), lease: .seconds(10)) == nil)
        #expect(state.reserve(2, cpu(6000), lease: .seconds(10)) == nil)
        #expect(state.book(3, [Ask(.gpu, amount: Quantity(1000))], from: 10_000, lease: .seconds(60)) == nil)
        #expect(state.book(4, gpu("B") + cpu(6000), from: 10_000, lease: .seconds(60)) == nil)
        state.run(.tick, at: 10_000)
        state.run(.admit(depth: 64), at: 10_000)
        for number in [1, 2] as [UInt64] { state.run(.noteFreed(id(number), nil), at: 12_000) }
        state.run(.admit(depth: 64), at: 12_000)
        let units = [3, 4].map { state.reservations[id($0)]?.grant[.gpu]?.units.map(\.name) }
        #expect(units == [["gpu0"], ["gpu1"]])
    }

    @Test("what can be had no more keeps nothing from others, neither now nor when it is over")
    func lost() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.book(1, gpu("A"), from: 10_000, lease: .seconds(3600)) == nil)
        var capacity = try TestHost.capacity()
        capacity.gpus[0].failure = "gone"
        state.run(.setCapacity(capacity), at: 5000)
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.waiters[id(1)] != nil)
        #expect(state.book(2, gpu("B"), user: 2, from: 7_200_000, lease: .seconds(60), at: 10_000) == nil)
        #expect(state.reserve(3, gpu("B"), user: 2, lease: .seconds(60), at: 10_000) == nil)
    }

    @Test("a reservation does not grow on a unit that has failed, but on another")
    func growth() throws {
        var state = TestHost.state(try TestHost.capacity())
        let half = [Ask(.gpu, amount: Quantity(500))]
        #expect(state.reserve(1, half, lease: .seconds(60)) == nil)
        var capacity = try TestHost.capacity()
        capacity.gpus[0].failure = "gone"
        state.run(.setCapacity(capacity))
        let part = ResourceChange.Part(type: .gpu, amount: Quantity(1000))
        let change = ResourceChange(parts: [part], storage: [])
        #expect(state.run(.resize(id(1), change, user)).answer == .done(id(1)))
        #expect(state.reservations[id(1)]?.grant[.gpu]?.units.map(\.name) == ["gpu1"])
    }

    @Test("where a part of what was promised is not there, the rest is kept for it")
    func rest() throws {
        var state = TestHost.state(try TestHost.capacity())
        let memory = Ask(.memory, amount: Quantity(600))
        #expect(state.book(1, gpu("A") + [memory], from: 10_000, lease: .seconds(60)) == nil)
        state.run(.noteUnmanaged(Quantity(500)), at: 10_000)
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.waiters[id(1)] != nil)
        #expect(state.reserve(2, gpu("A"), user: 2, lease: .seconds(30), at: 10_000) != nil)
        state.run(.noteUnmanaged(.zero), at: 11_000)
        state.run(.admit(depth: 64), at: 11_000)
        #expect(state.reservations[id(1)]?.grant[.memory]?.amount == Quantity(600))
    }

    @Test("one whose start has come is not moved into a pool that is full")
    func full() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.run(.configurePools([.of("q", .dynamic, most: [.cpu: 4000])]))
        var request = ReservationRequest(resources: Resources(cpu(4000)))
        request.pool = PoolName(known: "q")
        #expect(state.run(.reserve(id(1), request, other, nil)).answer == .done(id(1)))
        #expect(state.book(2, cpu(3000), from: 10_000, lease: .seconds(60)) == nil)
        var covers = Withheld()
        covers.types = [.cpu]
        let window = MaintenanceWindow(id: "w", start: time(5000), end: time(20_000), covers: covers)
        #expect(state.run(.addWindow(window)).answer == .nothing)
        #expect(state.run(.move(id(2), to: PoolName(known: "q"), user), at: 12_000).answer != .done(id(2)))
        state.run(.admit(depth: 64), at: 20_000)
        #expect(state.reservations[id(2)]?.pool == .standard)
    }

    @Test("one whose GPU is being given back does not begin on another that is known to go under maintenance")
    func known() throws {
        var state = TestHost.state(try TestHost.capacity())
        var covers = Withheld()
        covers.units = [.gpu: ["gpu0"]]
        state.windows = [MaintenanceWindow(id: "w", start: time(30_000), end: time(40_000), covers: covers)]
        #expect(state.reserve(1, gpu("B"), lease: .seconds(10)) == nil)
        #expect(state.book(2, [Ask(.gpu, amount: Quantity(1000))], from: 10_000, lease: .seconds(60)) == nil)
        state.run(.tick, at: 10_000)
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.waiters[id(2)] != nil)
        state.run(.noteFreed(id(1), nil), at: 12_000)
        state.run(.admit(depth: 64), at: 12_000)
        #expect(state.reservations[id(2)]?.grant[.gpu]?.units.map(\.name) == ["gpu1"])
    }

    @Test(
        "one is renewed beside a promise of the same type where the host is over by itself, and covered by what it holds"
    )
    func overHost() throws {
        var state = TestHost.state(try TestHost.capacity())
        func memory(_ amount: Int64) -> [Ask] { [Ask(.memory, amount: Quantity(amount))] }
        #expect(state.reserve(1, memory(590)) == nil)
        #expect(state.reserve(2, memory(10) + gpu("A"), lease: .seconds(10)) == nil)
        #expect(state.book(3, memory(5), from: 20_000, lease: .seconds(10)) == nil)
        state.run(.noteUnmanaged(Quantity(450)))
        #expect(state.run(.renew(id(2), .seconds(30), user)).answer == .done(id(2)))
        var covers = Withheld()
        covers.units = [.gpu: ["gpu0"]]
        let grant = try #require(state.reservations[id(2)]?.grant)
        #expect(state.isWithheld(grant, by: covers))
        covers.units = [.gpu: ["gpu1"]]
        #expect(!state.isWithheld(grant, by: covers))
    }
}
