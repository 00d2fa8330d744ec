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
        let span = countsHours ? end.map { Spans.Span(until: $0) } : nil
        change(subjects, at: time) { account, totals in
            account.add(amounts, live: live, sign: sign, of: totals)
            if let span { account.add(amounts, sign: sign, over: span) }
        }
    }

    /// Counts what some were promised, or with a negative sign are no more.
    mutating func promise(_ amounts: Amounts, sign: Int, over span: Spans.Span, for subjects: [Subject], at time: Int64)
    {
        guard countsHours else { return }
        change(subjects, at: time) { account, _ in account.add(amounts, sign: sign, over: span) }
    }

    private mutating func change(_ subjects: [Subject], at time: Int64, _ body: (inout Account, Amounts) -> Void) {
        let totals = totals
        for subject in subjects {
            if accounts[subject] == nil { forgetSome(before: subject, at: time) }
            if accounts[subject] == nil { accounts[subject] = Account(at: time) }
            settle(subject, at: time)
            body(&accounts[subject, default: Account(at: time)], totals)
            if subject.kind == .workflow, accounts[subject]?.isForgotten == true { accounts[subject] = nil }
        }
    }

    /// Whether hours are counted: then it plays a part when what is held is over.
    var countsHours: Bool { !accounting.periods.isEmpty }

    /// Notes anew what is held and promised from when until when.
    mutating func setSpans(_ all: [(amounts: Amounts, span: Spans.Span, subjects: [Subject])], at time: Int64) {
        for subject in accounts.keys { accounts[subject]?.clearSpans() }
        for (amounts, span, subjects) in all { promise(amounts, sign: 1, over: span, for: subjects, at: time) }
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
