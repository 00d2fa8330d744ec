internal import BerthModel

/// After others have gone.
extension Explaining {
    /// Those of lower priority that would have to go for it: what becomes of it if it says that they may.
    mutating func displace() {
        var changed = request
        changed.strategy = .priority
        let notices = trial.notices(for: changed)
        guard let by = notices.map(\.deadline).max() else { return }
        let known = notices.map(\.id).filter { caller.isAdmin || state.reservations[$0]?.user == caller.user }
        found.append(Change(.preempt(known, others: notices.count - known.count, by: by), changed))
    }
}
