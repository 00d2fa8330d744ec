import BerthCore
import BerthModel
import Testing

/// Hard quotas on hours: in no period one has more, by what was had, by leases and by promises.
///
/// The first moment lies 40 seconds into a minute: the next begins after 20, and the one after that after 80.
@Suite("A quota on hours") struct HoursQuotaTests {
    /// 100 CPU-seconds in each minute.
    private static let quota = Quota(.each(.user), isHard: true, .hours(.cpu, 100_000_000, per: 60_000))

    private func cpu(_ amount: Int64) -> [Ask] { [Ask(.cpu, amount: Quantity(amount))] }

    private func state() throws -> State {
        var state = TestHost.state(try TestHost.capacity())
        state.say(Policy(quotas: Quotas([HoursQuotaTests.quota])))
        return state
    }

    /// CPU-seconds that one had already, and that it asked for more; nil where no quota on hours is in the way.
    private func excess(_ refusal: Refusal?) -> [Int128]? {
        let excess: Excess? =
            switch refusal {
            case .overQuota(let excess): excess
            case .notThen(let why, _, _): if case .overQuota(let excess)? = why.first { excess } else { nil }
            default: nil
            }
        return excess.map { [$0.had / 1_000_000, $0.asked / 1_000_000] }
    }

    @Test("holds in the next period too, into which leases reach")
    func next() throws {
        var state = try state()
        #expect(state.reserve(1, cpu(1000), lease: .seconds(75)) == nil)
        #expect(state.reserve(2, cpu(1000), lease: .seconds(60)) == nil)
        // 55 and 40 in the next, and 40 in this one.
        #expect(excess(state.reserve(3, cpu(1000), lease: .seconds(26))) == [95, 6])
        #expect(state.reserve(3, cpu(1000), lease: .seconds(25)) == nil)
        #expect(excess(state.reserve(4, cpu(3000), lease: .seconds(15))) == [60, 45])
    }

    @Test("counts promises, whichever was first", arguments: [false, true])
    func promises(isReversed: Bool) throws {
        var state = try state()
        let (late, early): (Int64, Int64) = (50_000, 25_000)
        if isReversed {
            #expect(state.book(1, cpu(4000), from: early, lease: .seconds(10)) == nil)
            #expect(excess(state.book(2, cpu(8000), from: late, lease: .seconds(10))) == [40, 80])
            return
        }
        #expect(state.book(1, cpu(8000), from: late, lease: .seconds(10)) == nil)
        #expect(excess(state.book(2, cpu(4000), from: early, lease: .seconds(10))) == [80, 40])
        // A lease from now on reaches into that minute as well.
        #expect(excess(state.reserve(3, cpu(1000), lease: .seconds(41))) == [80, 21])
        #expect(state.reserve(3, cpu(1000), lease: .seconds(35)) == nil)
        #expect(excess(state.run(.renew(id(3), .seconds(41), admin)).answer.refusal) == [80, 21])
        state.end(3, at: 35_000)
        // It does not stand in its own way, and counts once when it has begun.
        #expect(state.admitted(at: late) == [id(1)])
        let now = 1_000_000 + late
        #expect(state.accounts.account(.user(1), at: now).hours(of: .cpu, per: 60_000) == 95_000_000)
    }

    @Test("counts what begins in one period and ends in another in each")
    func across() throws {
        var state = try state()
        #expect(state.book(1, cpu(4000), from: 85_000, lease: .seconds(20)) == nil)
        // Ten seconds in each of two.
        #expect(excess(state.book(2, cpu(2001), from: 70_000, lease: .seconds(20))) == [80, 20])
        #expect(state.book(2, cpu(2000), from: 70_000, lease: .seconds(20)) == nil)
        #expect(state.book(3, cpu(8000), from: 25_000, lease: .seconds(10)) == nil)
        // What is moved, withdrawn or given back counts no more.
        state.run(.release(id(2), admin))
        #expect(state.book(4, cpu(2000), from: 60_000, lease: .seconds(10)) == nil)
        let accounts = state.accounts
        let policy = state.policy
        state.say(nil)
        state.say(policy)
        #expect(state.accounts.account(.user(1), at: 1_000_000) == accounts.account(.user(1), at: 1_000_000))
        var restored = TestHost.state(try TestHost.capacity())
        restored.restore(state.kept, state.accounts.memory, pools: state.pools)
        #expect(restored.accounts == state.accounts)
    }

    @Test("lets who gives time back, and not who wants more")
    func renewals() throws {
        var state = try state()
        #expect(state.reserve(1, cpu(2000), lease: .seconds(50)) == nil)
        #expect(excess(state.run(.renew(id(1), .seconds(55), admin)).answer.refusal) == [0, 110])
        // Of the next minute more is spoken for than there is, since there is less of it.
        state.say(
            Policy(
                quotas: Quotas([Quota(.each(.user), isHard: true, .hours(.cpu, 10_000_000, per: 60_000))])))
        #expect(state.run(.renew(id(1), .seconds(49), admin)).answer.refusal == nil)
        #expect(state.run(.renew(id(1), .seconds(50), admin)).answer.refusal != nil)
    }

    @Test("counts each of a gang as long as it lasts")
    func gangs() throws {
        var state = try state()
        #expect(state.join(1, "a", of: 2, cpu(1000), lease: .seconds(50), at: 20_000) == nil)
        #expect(state.join(2, "a", of: 2, cpu(5000), lease: .seconds(10), at: 20_000) == nil)
        #expect(state.admitted(at: 20_000) == [id(1), id(2)])
        #expect(state.join(3, "b", of: 2, cpu(100), user: 2, at: 20_000) == nil)
        let never = state.join(4, "b", of: 2, cpu(2000), user: 2, lease: .seconds(60), at: 20_000)
        #expect(excess(never) == [0, 120])
        #expect(state.join(4, "b", of: 2, cpu(1900), user: 2, lease: .seconds(40), at: 20_000) == nil)
        #expect(state.admitted(at: 20_000) == [id(3), id(4)])
        let account = state.accounts.account(.user(2), at: 1_020_000)
        #expect(account.hours(of: .cpu, per: 60_000) == 76_000_000)
    }

    @Test("on how many there may be at a time counts nobody out twice who has ended")
    func ended() throws {
        var state = TestHost.state(try TestHost.capacity())
        state.say(Policy(quotas: Quotas([Quota(.each(.user), isHard: true, .reservations(1))])))
        #expect(state.reserve(1, cpu(1000)) == nil)
        state.run(.release(id(1), admin))
        #expect(state.reserve(2, cpu(1000), lease: .seconds(50)) == nil)
        #expect(state.book(3, cpu(1000), from: 40_000, lease: .seconds(5)) != nil)
        #expect(state.book(3, cpu(1000), from: 50_000, lease: .seconds(5)) == nil)
    }
}
