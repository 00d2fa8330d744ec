internal import BerthModel

/// What is likely of those of whom leases do not tell it.
extension Plan {
    /// Sees what is likely too, for who waits from now on. What is promised rests on leases alone.
    mutating func seeLikely(horizon: Int) {
        guard state.waiters.bookings.isEmpty, state.hasUsualEnds(after: clock) else { return }
        likely = [Plan(state, clock, horizon: horizon, isLikely: true)]
    }

    /// Sees it no more.
    mutating func forgetLikely() { likely = [] }

    /// When it is likely to be the turn of somebody who waits, who has it then in what is likely; nil where nobody knows.
    mutating func likelyMoment(_ turn: (inout Plan) -> Turn) -> Int64? {
        guard !likely.isEmpty else { return nil }
        return switch turn(&likely[0]) {
        case .now, .together: now
        case .later(let at): at
        case .unknown, .barred: nil
        }
    }

    /// The same of one for whom there would be room now, were that not closed: when it is open. Nil where that is not to come.
    func likely(from at: Int64, _ closed: [ResourceType: Int64], for choices: [Resources]) -> Int64? {
        guard at <= now else { return at }
        let types = Set(choices.flatMap(\.types))
        return closed.filter { types.contains($0.key) && $0.value > now }.values.max()
    }
}
