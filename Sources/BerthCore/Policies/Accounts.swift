package import BerthModel

/// Who holds how much, and who had how much: what policies go by.
///
/// Changed by events alone, at the times of the events, so that a replay gives the same.
package struct Accounts: Hashable, Sendable {
    /// What is remembered.
    package private(set) var accounting = Accounting()
    /// What there is to hold.
    package private(set) var totals = Amounts()
    private var accounts: [Subject: Account] = [:]

    package init() {}

    /// The account of one as it was when it last changed; nil where it has none.
    package subscript(subject: Subject) -> Account? { accounts[subject] }

    /// The account as it is at a moment, in milliseconds since 1970.
    package func account(_ subject: Subject, at time: Int64) -> Account {
        accounts[subject]?.settled(at: time, accounting) ?? Account(at: time)
    }

    /// All who have an account.
    package var subjects: some Collection<Subject> { accounts.keys }

    /// Counts what some begin to hold, or with a negative sign hold no more.
    package mutating func add(_ amounts: Amounts, live: Int, sign: Int, for subjects: [Subject], at time: Int64) {
        for subject in subjects {
            if accounts[subject] == nil { forgetSome(before: subject, at: time) }
            accounts[subject, default: Account(at: time)].settle(at: time, accounting)
            accounts[subject, default: Account(at: time)].add(amounts, live: live, sign: sign, of: totals)
            if case .workflow = subject, accounts[subject]?.isForgotten == true { accounts[subject] = nil }
        }
    }

    /// Takes the host to have this.
    package mutating func setTotals(_ totals: Amounts, at time: Int64) {
        guard totals != self.totals else { return }
        self.totals = totals
        for subject in accounts.keys {
            accounts[subject]?.settle(at: time, accounting)
            accounts[subject]?.weigh(totals)
        }
    }

    /// Remembers this from now on.
    package mutating func setAccounting(_ accounting: Accounting, at time: Int64) {
        for subject in accounts.keys {
            accounts[subject]?.settle(at: time, self.accounting)
            accounts[subject]?.keep(accounting.periods)
        }
        self.accounting = accounting
    }

    /// Takes up what was remembered, where all that is held is counted already.
    mutating func restore(_ memory: Memory) {
        accounting = memory.accounting
        for (subject, entry) in memory.entries {
            var account = accounts[subject] ?? Account(at: entry.at)
            account.at = entry.at
            account.average = entry.average
            account.used = entry.used
            accounts[subject] = account
        }
    }

    /// Anybody can make up workflows: those that hold nothing and hardly did are forgotten, whenever there are twice as many
    /// accounts as the last time. Users and groups stay: there are only so many.
    private mutating func forgetSome(before subject: Subject, at time: Int64) {
        guard case .workflow = subject, accounts.count >= 1024, accounts.count & (accounts.count - 1) == 0 else {
            return
        }
        accounts = accounts.filter { subject, account in
            subject.kind != .workflow || !account.settled(at: time, accounting).isForgotten
        }
    }
}
