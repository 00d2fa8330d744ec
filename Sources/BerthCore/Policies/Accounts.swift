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
        accounts[subject].map { settled($0, subject, at: time) } ?? Account(at: time)
    }

    /// All who have an account.
    package var subjects: some Collection<Subject> { accounts.keys }

    /// Counts what some begin to hold, or with a negative sign hold no more.
    /// - Parameters:
    ///   - end: when it is over, in milliseconds since 1970; nil where that is not known
    ///   - time: now
    package mutating func add(
        _ amounts: Amounts, live: Int, sign: Int, until end: Int64?, for subjects: [Subject], at time: Int64
    ) {
        let end = counted(end)
        for subject in subjects {
            if accounts[subject] == nil { forgetSome(before: subject, at: time) }
            if accounts[subject] == nil { accounts[subject] = Account(at: time) }
            settle(subject, at: time)
            accounts[subject]?.add(amounts, live: live, sign: sign, until: end, of: totals)
            if subject.kind == .workflow, accounts[subject]?.isForgotten == true { accounts[subject] = nil }
        }
    }

    /// The same of a copy of an account.
    func add(_ amounts: Amounts, live: Int, sign: Int, until end: Int64?, to account: inout Account) {
        account.add(amounts, live: live, sign: sign, until: counted(end), of: totals)
    }

    /// An end where it plays a part: only hours are counted ahead.
    private func counted(_ end: Int64?) -> Int64? { accounting.periods.isEmpty ? nil : end }

    /// Notes anew when what is held is over: from now on that plays a part, or does no more.
    mutating func setEnds(_ held: some Sequence<(amounts: Amounts, end: Int64, subjects: [Subject])>) {
        for subject in accounts.keys { accounts[subject]?.clearEnds() }
        guard !accounting.periods.isEmpty else { return }
        for (amounts, end, subjects) in held {
            for subject in subjects { accounts[subject]?.add(amounts, sign: 1, until: end) }
        }
    }

    /// Takes the host to have this.
    package mutating func setTotals(_ totals: Amounts, at time: Int64) {
        guard totals != self.totals else { return }
        self.totals = totals
        for subject in accounts.keys {
            settle(subject, at: time)
            accounts[subject]?.weigh(totals)
        }
    }

    private func settled(_ account: Account, _ subject: Subject, at time: Int64) -> Account {
        account.settled(at: time, halfLife: accounting.halfLife(in: subject.pool), periods: accounting.periods)
    }

    private mutating func settle(_ subject: Subject, at time: Int64) {
        accounts[subject]?.settle(
            at: time, halfLife: accounting.halfLife(in: subject.pool), periods: accounting.periods)
    }

    /// Remembers this from now on.
    package mutating func setAccounting(_ accounting: Accounting, at time: Int64) {
        for subject in accounts.keys {
            settle(subject, at: time)
            accounts[subject]?.keep(accounting.periods)
        }
        self.accounting = accounting
    }

    /// Takes nothing to be held in any pool that is counted by itself, as a start for those who hold something there, and forgets
    /// pools that are not.
    mutating func clearPools(at time: Int64) {
        for subject in Array(accounts.keys) {
            guard let pool = subject.pool else { continue }
            settle(subject, at: time)
            accounts[subject]?.clearHeld()
            if accounting.pools[pool] == nil { accounts[subject] = nil }
        }
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
        guard subject.kind == .workflow, accounts.count >= 1024, accounts.count & (accounts.count - 1) == 0 else {
            return
        }
        accounts = accounts.filter { subject, account in
            subject.kind != .workflow || !settled(account, subject, at: time).isForgotten
        }
    }
}
