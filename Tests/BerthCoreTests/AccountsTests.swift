import BerthCore
import BerthModel
import Testing

@Suite("Accounts")
struct AccountsTests {
    @Test("the mean share of the past halves with each half-life, whenever it was last looked at")
    func halfLife() {
        var accounts = host(cpu: 8)
        accounts.setAccounting(Accounting(halfLife: hours(2)), at: 0)
        accounts.add(amounts(cpu: 4), live: 1, sign: 1, until: nil, for: [.user(alice)], at: 0)
        #expect(abs(accounts.account(.user(alice), at: hours(2)).average - 0.25) < 1e-9)
        #expect(abs(accounts.account(.user(alice), at: hours(4)).average - 0.375) < 1e-9)
        var often = accounts
        for minute in 1..<240 {
            often.add(Amounts(), live: 0, sign: 1, until: nil, for: [.user(alice)], at: Int64(minute) * 60_000)
        }
        #expect(abs(often.account(.user(alice), at: hours(4)).average - 0.375) < 1e-9)
        accounts.add(amounts(cpu: 4), live: 1, sign: -1, until: nil, for: [.user(alice)], at: hours(4))
        #expect(accounts.account(.user(alice), at: hours(4)).share == 0)
        #expect(abs(accounts.account(.user(alice), at: hours(6)).average - 0.1875) < 1e-9)
        #expect(accounts.account(.user(alice), at: hours(100_000)).average == 0)
    }

    @Test("resource-hours are counted in periods that begin anew")
    func periods() {
        var accounts = host(cpu: 8)
        accounts.setAccounting(Accounting(periods: [hours(24)]), at: 0)
        accounts.add(amounts(cpu: 2), live: 1, sign: 1, until: nil, for: [.user(alice)], at: hours(20))
        func used(_ time: Int64) -> Int128? { accounts.account(.user(alice), at: time).used[hours(24)]?[.cpu] }
        #expect(used(hours(21)) == Int128(hours(1)) * 2000)
        #expect(used(hours(24) - 1) == Int128(hours(4) - 1) * 2000)
        #expect(used(hours(26)) == Int128(hours(2)) * 2000)
        accounts.add(amounts(cpu: 2), live: 1, sign: -1, until: nil, for: [.user(alice)], at: hours(27))
        #expect(used(hours(30)) == Int128(hours(3)) * 2000)
        #expect(used(hours(48)) == nil)
        #expect(Accounting.start(of: hours(168), at: 0) == -hours(72))
    }

    @Test("a clock that is set back counts for nothing, and does not stop the count")
    func clock() {
        var accounts = host(cpu: 8)
        accounts.setAccounting(Accounting(halfLife: hours(1), periods: [hours(24)]), at: 0)
        accounts.add(amounts(cpu: 8), live: 1, sign: 1, until: nil, for: [.user(alice)], at: hours(10))
        accounts.add(Amounts(), live: 0, sign: 1, until: nil, for: [.user(alice)], at: hours(5))
        let account = accounts.account(.user(alice), at: hours(6))
        #expect(abs(account.average - 0.5) < 1e-9)
        #expect(account.used[hours(24)]?[.cpu] == Int128(hours(1)) * 8000)
    }

    @Test("what a host has more of is a smaller share")
    func totals() {
        var accounts = host(cpu: 8, memory: 100)
        accounts.add(amounts(cpu: 4, memory: 75), live: 1, sign: 1, until: nil, for: [.user(alice)], at: 0)
        #expect(accounts[.user(alice)]?.share == 0.75)
        accounts.setTotals(amounts(cpu: 8, memory: 1000), at: 1)
        #expect(accounts[.user(alice)]?.share == 0.5)
    }

    @Test("workflows that anybody makes up are forgotten, users are not")
    func forgotten() {
        var accounts = host(cpu: 8)
        for number in 0..<5000 {
            let subjects: [Subject] = [.user(alice), .workflow("w\(number)")]
            let time = Int64(number)
            accounts.add(amounts(cpu: 1), live: 1, sign: 1, until: nil, for: subjects, at: time)
            accounts.add(amounts(cpu: 1), live: 1, sign: -1, until: nil, for: subjects, at: time + 1)
        }
        #expect(accounts.subjects.count == 1)
        // One that had its share stays until that is long ago.
        for number in 0..<1000 {
            let subject = Subject.workflow("w\(number)")
            accounts.add(amounts(cpu: 1), live: 1, sign: 1, until: nil, for: [subject], at: hours(1))
            accounts.add(amounts(cpu: 1), live: 1, sign: -1, until: nil, for: [subject], at: hours(2))
        }
        #expect(accounts.subjects.count == 1001)
        for number in 0..<100 {
            let subject = Subject.workflow("x\(number)")
            accounts.add(amounts(cpu: 1), live: 1, sign: 1, until: nil, for: [subject], at: hours(24 * 365))
        }
        #expect(accounts.subjects.count == 101)
    }
}

@Suite("Quotas")
struct QuotasTests {
    static let each = Quota(.each(.user), isHard: true, .amount(.cpu, Quantity(4000)))
    static let named = Quota(.one(.user(alice)), isHard: true, .amount(.cpu, Quantity(6000)))
    static let soft = Quota(.each(.user), isHard: false, .amount(.cpu, Quantity(2000)))

    @Test("what names one takes the place of what is said of each")
    func named() {
        let limits = Quotas([QuotasTests.each, QuotasTests.named, QuotasTests.soft])
        #expect(limits.on(.user(alice)) == [QuotasTests.named, QuotasTests.soft])
        #expect(limits.on(.user(bob)) == [QuotasTests.each, QuotasTests.soft])
        #expect(limits.on(.group("x")).isEmpty)
    }

    @Test("hard ones are told before soft ones, with what would be passed")
    func standing() {
        var accounts = host(cpu: 8)
        accounts.hold(bob, cpu: 2)
        let policy = Policy(quotas: Quotas([QuotasTests.soft, QuotasTests.each]))
        func standing(_ user: UInt32, _ cpu: Int64) -> QuotaStanding {
            Policies(host: policy).standing(of: claimant(1, user, since: 0, cpu: cpu), accounts, at: 0)
        }
        #expect(standing(alice, 2) == .within)
        #expect(
            standing(alice, 3)
                == .surplus(Excess(quota: QuotasTests.soft, subject: .user(alice), had: 0, asked: 3000, passes: false)))
        #expect(
            standing(bob, 3)
                == .over(Excess(quota: QuotasTests.each, subject: .user(bob), had: 2000, asked: 3000, passes: true)))
        #expect(
            standing(bob, 5)
                == .over(Excess(quota: QuotasTests.each, subject: .user(bob), had: 2000, asked: 5000, passes: false)))
        // What is not asked for cannot be too much.
        #expect(standing(bob, 0) == .within)
    }

    @Test("hours are refused when they are used up, or would be by what is asked for so long")
    func hoursLeft() {
        let limit = Quota(
            .one(.workflow("nightly")), isHard: true, .hours(.cpu, Int128(hours(10)) * 1000, per: hours(24)))
        let policy = Policy(quotas: Quotas([limit]))
        var accounts = host(cpu: 8)
        accounts.setAccounting(policy.accounting, at: 0)
        accounts.add(amounts(cpu: 2), live: 1, sign: 1, until: nil, for: [.workflow("nightly")], at: 0)
        func excess(at time: Int64, _ duration: Int64?, workflow: String? = "nightly") -> Excess? {
            let claimant = claimant(1, alice, workflow: workflow, since: 0, duration: duration)
            if case .over(let excess) = Policies(host: policy).standing(of: claimant, accounts, at: time) {
                return excess
            }
            return nil
        }
        #expect(excess(at: hours(4), nil) == nil)
        #expect(excess(at: hours(4), hours(2)) == nil)
        #expect(excess(at: hours(4), hours(3))?.passes == true)
        #expect(excess(at: hours(4), hours(11))?.passes == false)
        #expect(excess(at: hours(5), nil)?.renewedAt == hours(24))
        #expect(excess(at: hours(5), nil, workflow: "other") == nil)
        #expect(excess(at: hours(24), nil) == nil)
    }
}

extension Accounts {
    fileprivate mutating func hold(_ user: UInt32, cpu: Int64) {
        add(amounts(cpu: cpu), live: 1, sign: 1, until: nil, for: [.user(user)], at: 0)
    }
}
