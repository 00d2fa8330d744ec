import BerthCore
import BerthModel
import Testing

/// What caps and quotas make of promises: what is held together counts together.
@Suite("Caps and quotas of a time to come") struct PromisedQuotaTests {
    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }

    /// By how much what was not to begin then would pass a quota.
    private func passed(_ refusal: Refusal?) -> Excess? {
        guard case .notThen(let why, _, _)? = refusal, case .overQuota(let excess)? = why.first else { return nil }
        return excess
    }

    @Test("two promises one after the other count once against a cap, for a third that spans both")
    func caps() throws {
        var state = TestHost.state(try TestHost.capacity())
        let caps = Caps(quantities: [.cpu: Quantity(4000)])
        #expect(state.book(1, cpu(3000), from: 10_000, lease: .seconds(5), caps: caps) == nil)
        #expect(state.book(2, cpu(2000), from: 15_000, lease: .seconds(5), caps: caps) == nil)
        guard case .notThen(let why, _, _) = state.book(3, cpu(1500), from: 12_000, lease: .seconds(6), caps: caps)
        else {
            Issue.record("a cap is passed")
            return
        }
        #expect(why == [.overCap(.quantity(.cpu, cap: Quantity(4000), held: Quantity(3000), asked: Quantity(1500)))])
        #expect(state.book(3, cpu(1000), from: 10_000, lease: .seconds(10), caps: caps) == nil)
        #expect(state.book(4, cpu(1000), from: 15_000, lease: .seconds(5), caps: caps) == nil)
        #expect(state.book(5, cpu(1), from: 15_000, lease: .seconds(5), caps: caps) != nil)
    }

    @Test("and against quotas on amounts and on how many")
    func quotas() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.say(
            Policy(
                quotas: Quotas([
                    Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(4000))),
                    Quota(.each(.user), isHard: true, .reservations(2)),
                ])))
        #expect(state.book(1, cpu(3000), from: 10_000, lease: .seconds(5)) == nil)
        #expect(state.book(2, cpu(2000), from: 15_000, lease: .seconds(5)) == nil)
        guard let excess = passed(state.book(3, cpu(1500), from: 12_000, lease: .seconds(6))) else {
            Issue.record("a quota is passed")
            return
        }
        #expect(excess.had == 3000 && excess.asked == 1500)
        #expect(state.book(3, cpu(1000), from: 10_000, lease: .seconds(10)) == nil)
        guard let many = passed(state.book(4, cpu(1), from: 19_000, lease: .seconds(5))) else {
            Issue.record("a quota on how many is passed")
            return
        }
        #expect(many.had == 2)
        #expect(state.book(4, cpu(1), from: 20_000, lease: .seconds(5)) == nil)
    }

    @Test("what is barred by a lease that is over, though nobody has ended it yet, is kept all the same")
    func over() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(3000)))])))
        #expect(state.reserve(1, cpu(2000), lease: .seconds(10)) == nil)
        let asks = cpu(2000) + [Ask(.memory, amount: Quantity(600))]
        #expect(state.book(2, asks, from: 10_000, lease: .seconds(20)) == nil)
        let memory = [Ask(.memory, amount: Quantity(600))]
        state.queue(3, memory, user: 2, lease: .seconds(30), at: 12_000)
        #expect(state[id(3)]?.state == .pending)
        state.run(.tick, at: 12_000)
        state.run(.noteFreed(id(1), nil), at: 12_000)
        state.run(.admit(depth: State.admitDepth), at: 12_000)
        #expect(state[id(2)]?.state == .confirmed && state[id(3)]?.state == .pending)
    }

    @Test("what is barred by leases is kept until it is let, and others get what is left beside it")
    func barred() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(3000)))])))
        #expect(state.book(1, cpu(2000), from: 10_000, lease: .seconds(30)) == nil)
        #expect(state.book(2, cpu(3000), user: 2, from: 20_000, lease: .seconds(20)) == nil)
        state.reserve(3, cpu(500), lease: .seconds(12), at: 5000)
        state.reserve(4, cpu(1000), lease: .seconds(13), at: 5000)
        state.run(.admit(depth: State.admitDepth), at: 10_000)
        #expect(state[id(1)]?.state == .pending, "its user has 1,500 of 3,000, and two thousand more were promised")
        // Two thousand are kept, and three thousand more from second 20 on.
        #expect(state.reserve(5, cpu(3001), user: 3, at: 11_000) != nil)
        #expect(state.reserve(5, cpu(3000), user: 3, at: 11_000) == nil)
        #expect(state.reserve(6, cpu(3000), user: 3, lease: .seconds(7), at: 11_000) != nil)
        state.run(.tick, at: 17_000)
        state.run(.noteFreed(id(3), nil), at: 17_000)
        state.run(.tick, at: 18_000)
        state.run(.noteFreed(id(4), nil), at: 18_000)
        state.run(.admit(depth: State.admitDepth), at: 21_000)
        #expect(state[id(1)]?.state == .confirmed && state[id(2)]?.state == .confirmed)
    }

    @Test("a lease that ends today counts no hours until tomorrow")
    func hours() throws {
        var state = TestHost.state(try TestHost.capacity())
        // It is a Thursday, and periods begin on Mondays.
        let week: Int64 = 7 * 86_400_000
        let hour: Int64 = 3_600_000
        let quota = Quota(.each(.user), isHard: true, .hours(.cpu, Int128(3 * 1000 * hour), per: week))
        state.say(Policy(quotas: Quotas([quota])))
        #expect(state.reserve(1, cpu(1000), lease: .seconds(3600)) == nil)
        #expect(state.book(2, cpu(1000), from: 24 * hour, lease: .seconds(3600)) == nil)
        let refusal = state.book(3, cpu(1000), from: 30 * hour, lease: .seconds(4 * 3600))
        #expect(passed(refusal) != nil, "a quota of hours is passed")
    }
}
