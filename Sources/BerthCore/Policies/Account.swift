package import BerthModel

/// What one user, group or workflow holds, and what it had before.
package struct Account: Hashable, Sendable {
    /// Live reservations.
    package private(set) var live = 0
    /// What is held.
    package private(set) var held = Amounts()
    /// The dominant share of what is held.
    package private(set) var share = 0.0
    /// The mean of that share over the past, of which the older counts the less: half for each half-life.
    package internal(set) var average = 0.0
    /// What was used in the present period of each length: units times milliseconds.
    package internal(set) var used: [Int64: Amounts] = [:]
    /// What of ``held`` is over at a known time, and what was promised: kept where hours are counted.
    private(set) var spans = Spans()
    /// When this was so, in milliseconds since 1970.
    package internal(set) var at: Int64

    package init(at: Int64) { self.at = at }

    /// Whether there is nothing to it that would be missed: it holds nothing, hardly did, and no hours of it count.
    var isForgotten: Bool { live == 0 && held.parts.isEmpty && spans.isEmpty && average < 1e-6 && used.isEmpty }

    /// Lets time pass. Time that goes back, because somebody set the clock, counts for nothing.
    /// - Parameters:
    ///   - halfLife: after so long what it had counts half, in milliseconds
    ///   - periods: those in which hours are counted, in milliseconds
    mutating func settle(at time: Int64, halfLife: Int64, periods: [Int64]) {
        defer { at = time }
        guard time > at else { return }
        let kept = Decay.factor(over: time - at, halfLife: halfLife)
        average = average * kept + share * (1 - kept)
        for period in periods {
            let start = Accounting.start(of: period, at: time)
            if start > at { used[period] = nil }
            guard !held.parts.isEmpty else { continue }
            used[period, default: Amounts()].add(held, times: Int128(time - max(at, start)))
        }
    }

    /// The account as it is at a moment.
    package func settled(at time: Int64, halfLife: Int64, periods: [Int64]) -> Account {
        var account = self
        account.settle(at: time, halfLife: halfLife, periods: periods)
        return account
    }

    /// What the mean share counts for at a moment, in whole millionths: what is left of less is no reason to wait.
    package func history(at time: Int64, halfLife: Int64) -> Double {
        let kept = Decay.factor(over: time - at, halfLife: halfLife)
        return ((average * kept + share * (1 - kept)) * 1_000_000).rounded() / 1_000_000
    }

    /// Takes something in, or with a negative sign out.
    mutating func add(_ amounts: Amounts, live: Int, sign: Int, of totals: Amounts) {
        self.live += live * sign
        held.add(amounts, times: Int128(sign))
        weigh(totals)
    }

    /// Notes from when until when it has something, or with a negative sign has not.
    mutating func add(_ amounts: Amounts, sign: Int, over span: Spans.Span) {
        spans.add(amounts, sign: sign, over: span)
    }

    /// Takes nothing to be held, as a start for those who hold something.
    mutating func clearHeld() { (live, held, share, spans) = (0, Amounts(), 0, Spans()) }

    /// Forgets from when until when it has something.
    mutating func clearSpans() { spans = Spans() }

    /// So much of a type times milliseconds it has had in the present period of a length, and will have until that is over, or
    /// until its leases are. What has no lease counts as it is used.
    package func hours(of type: ResourceType, per period: Int64) -> Int128 {
        hours(of: type, per: period, since: Accounting.start(of: period, at: at))
    }

    /// The same in the period that begins then: the present one, or one to come.
    func hours(of type: ResourceType, per period: Int64, since start: Int64) -> Int128 {
        (start <= at ? used[period]?[type] ?? 0 : 0)
            + spans.hours(of: type, from: max(start, at), until: start + period)
    }

    /// Sees what is held as a share of this.
    mutating func weigh(_ totals: Amounts) { share = held.dominantShare(of: totals) }

    /// Keeps only the periods that are still counted.
    mutating func keep(_ periods: [Int64]) { used = used.filter { periods.contains($0.key) } }
}
