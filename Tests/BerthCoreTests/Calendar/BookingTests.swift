import BerthCore
import BerthJSON
import BerthModel
import Testing

@Suite("A start that was promised") struct BookingTests {
    private let wall: Int64 = 1_000_000

    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }

    private func now(_ uptime: Int64) -> Now { Now(wall: Timestamp(milliseconds: wall + uptime), uptime: uptime) }

    @Test("is granted at its start, and ends when it was said to")
    func start() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.book(1, cpu(8000), from: 10_000, lease: .seconds(5)) == nil)
        let promised = try #require(state.waiters[id(1)])
        #expect(promised.state == .pending && promised.start == Timestamp(milliseconds: wall + 10_000))
        #expect(promised.waiting?.booking?.grant[.cpu]?.amount == Quantity(8000))
        #expect(try promised.storedAndRead() == promised)
        #expect(state.nextMoment(now(0)) == 10_000)
        state.run(.admit(depth: 64), at: 9999)
        #expect(state.waiters[id(1)] != nil)
        state.run(.tick, at: 10_000)
        let decision = state.run(.admit(depth: 64), at: 10_000)
        #expect(decision.effects == [.enforce(id(1))])
        let granted = try #require(state.reservations[id(1)])
        #expect(granted.deadline == 15_000 && granted.lease == .seconds(5))
        #expect(try granted.storedAndRead() == granted)
        #expect(state.nextMoment(now(10_000)) == 15_000)
    }

    @Test("needs a lease and a time to come, not too far ahead")
    func nonsense() throws {
        var state = TestHost.state(try TestHost.capacity())
        for (start, lease) in [(0, .seconds(1)), (367 * 86_400_000, .seconds(1)), (10_000, nil)] as [(Int64, Duration?)]
        {
            guard case .invalid(let violations) = state.book(1, cpu(1000), from: start, lease: lease) else {
                Issue.record("\(start) is promised")
                continue
            }
            #expect(violations.map(\.pointer) == ["/start"])
        }
    }

    @Test("is refused where something does not fit then, with the first time after it at which it would")
    func refusal() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, cpu(4000), lease: .seconds(20))
        #expect(state.book(2, cpu(4000), from: 10_000, lease: .seconds(30)) == nil)
        let refusal = state.book(3, cpu(4000), from: 15_000, lease: .seconds(10))
        guard case .notThen(let inner, _, let first) = refusal, case .insufficient(let short, true) = inner.first else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(short.map(\.free) == [.zero] && first == Timestamp(milliseconds: wall + 20_000))
        #expect(state.book(4, cpu(4000), from: 20_000, lease: .seconds(10)) == nil)
        // What has no lease holds for ever.
        state.reserve(5, [Ask(.memory, amount: Quantity(600))])
        guard
            case .notThen(_, _, nil) = state.book(
                6, [Ask(.memory, amount: Quantity(600))], from: 1000, lease: .seconds(1))
        else {
            Issue.record("memory is promised that is held for ever")
            return
        }
    }

    @Test("keeps others from what would still hold then, and says so")
    func others() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.book(1, cpu(6000), from: 10_000, lease: .seconds(5)) == nil)
        let inTheWay = Refusal.wouldRunInto(id(1), Timestamp(milliseconds: wall + 10_000))
        #expect(state.reserve(2, cpu(3000)) == inTheWay)
        #expect(state.reserve(2, cpu(3000), lease: .seconds(11)) == inTheWay)
        #expect(state.reserve(2, cpu(3000), lease: .seconds(10)) == nil)
        #expect(state.reserve(3, cpu(2000)) == nil)
        let renewal = state.run(.renew(id(2), .seconds(12), user))
        #expect(renewal.answer == .refused(inTheWay))
        #expect(state.run(.renew(id(2), .seconds(9), user)).answer == .done(id(2)))
        let change = try #require(try? ResourceChange.reader.read(["cpu": 3]))
        #expect(state.run(.resize(id(3), change, user)).answer == .refused(inTheWay))
        // It is over by then.
        let more = try #require(try? ResourceChange.reader.read(["cpu": 4]))
        #expect(state.run(.resize(id(2), more, user)).answer == .done(id(2)))
        // Who waits is given a moment after it.
        state.queue(4, cpu(7000), lease: .seconds(2))
        #expect(state.standing(of: id(4), now(0))?.expected == nil)
        state.end(3, at: 1)
        #expect(state.standing(of: id(4), now(1))?.expected == 15_000)
    }

    @Test("delays nobody who waited before")
    func waiters() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.reserve(1, cpu(8000), lease: .seconds(10))
        state.queue(2, cpu(8000), lease: .seconds(10))
        guard case .notThen(_, _, let first) = state.book(3, cpu(1000), from: 15_000, lease: .seconds(1)) else {
            Issue.record("it is promised what another waits for")
            return
        }
        #expect(first == Timestamp(milliseconds: wall + 20_000))
        #expect(state.book(3, cpu(1000), from: 20_000, lease: .seconds(1)) == nil)
    }

    @Test("waits before all others for what is not there at its start, and no longer than to its end")
    func stuck() throws {
        var state = TestHost.state(try TestHost.capacity())
        let gpu = [Ask(.gpu, amount: Quantity(1000), constraints: ["model": "A"])]
        #expect(state.book(1, gpu, from: 10_000, lease: .seconds(10)) == nil)
        var capacity = try TestHost.capacity()
        capacity.gpus[0].failure = "gone"
        state.run(.setCapacity(capacity))
        state.run(.admit(depth: 64), at: 10_000)
        #expect(state.waiters[id(1)] != nil)
        #expect(state.standing(of: id(1), now(10_000))?.refusal?.shortTypes == [.gpu])
        #expect(state.nextMoment(now(10_000)) == 20_000)
        var back = state
        back.run(.setCapacity(try TestHost.capacity()), at: 12_000)
        #expect(back.reserve(2, gpu, lease: .seconds(1), at: 12_000) != nil)
        back.run(.admit(depth: 64), at: 12_000)
        #expect(back.reservations[id(1)]?.deadline == 20_000)
        let decision = state.run(.tick, at: 20_000)
        #expect(decision.changes == [.ended(id(1), .failed, .wait), .freed(id(1), nil)])
    }

    @Test("is of the wall clock: kept over another boot, and over what somebody sets the clock to")
    func clocks() throws {
        var state = TestHost.state(try TestHost.capacity())
        #expect(state.book(1, cpu(8000), from: 10_000, lease: .seconds(5)) == nil)
        let now = Now(wall: Timestamp(milliseconds: wall + 12_000), uptime: 77)
        for change in state.decide(.noteBoot("c"), now).changes { state.apply(change, at: now.wall) }
        #expect(state.nextMoment(now) == 3077)
        let decision = state.decide(.admit(depth: 64), now)
        guard case .granted(let granted) = decision.changes.first else {
            Issue.record("it is not granted")
            return
        }
        #expect(granted.deadline == 77 + 3000 && granted.expiresAt == Timestamp(milliseconds: wall + 15_000))
        let back = Now(wall: Timestamp(milliseconds: wall), uptime: 100_000)
        #expect(state.decide(.tick, back).changes.isEmpty && state.nextMoment(back) == 110_000)
    }

    @Test("counts against quotas and caps, with what else was promised for that time")
    func caps() throws {
        var state = TestHost.state(try TestHost.capacity())
        let caps = Caps(reservations: 3, quantities: [.cpu: Quantity(4000)])
        #expect(state.book(1, cpu(3000), from: 10_000, lease: .seconds(5), caps: caps) == nil)
        guard case .notThen(let inner, _, nil) = state.book(2, cpu(2000), from: 12_000, lease: .seconds(5), caps: caps)
        else {
            Issue.record("a cap is passed")
            return
        }
        #expect(inner == [.overCap(.quantity(.cpu, cap: Quantity(4000), held: Quantity(3000), asked: Quantity(2000)))])
        #expect(state.book(2, cpu(2000), from: 15_000, lease: .seconds(5), caps: caps) == nil)
        #expect(state.book(3, cpu(1000), from: 30_000, lease: .seconds(5), caps: caps) == nil)
        #expect(state.book(4, cpu(1000), from: 30_000, lease: .seconds(5), caps: caps) == .overCap(.reservations(3)))
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.memory, Quantity(500)))])))
        let memory = [Ask(.memory, amount: Quantity(300))]
        #expect(state.book(5, memory, user: 2, from: 10_000, lease: .seconds(5)) == nil)
        guard case .notThen(let over, _, _) = state.book(6, memory, user: 2, from: 14_000, lease: .seconds(5)),
            case .overQuota? = over.first
        else {
            Issue.record("a quota is passed")
            return
        }
        #expect(state.book(6, memory, user: 2, from: 15_000, lease: .seconds(5)) == nil)
    }
}

extension State {
    /// Asks for a start, in milliseconds after the first moment; nil where it is promised.
    @discardableResult
    mutating func book(
        _ number: UInt64, _ asks: [Ask], user: UInt32 = 1, from start: Int64, lease: Duration?, caps: Caps = Caps(),
        at uptime: Int64 = 0
    ) -> Refusal? {
        var request = ReservationRequest(resources: Resources(asks), lease: lease)
        request.start = Timestamp(milliseconds: 1_000_000 + start)
        let caller = Caller(user: user, isAdmin: false, caps: caps)
        return run(.reserve(id(number), request, caller, nil), at: uptime).answer.refusal
    }
}
