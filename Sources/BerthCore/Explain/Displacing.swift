internal import BerthModel

/// After others have gone.
extension Explaining {
    /// Those that would have to go for it: as it is asked, where its pool takes back what it has lent; or those of lower
    /// priority, if it says that they may.
    mutating func displace() {
        var changed = request
        var notices = request.wait != nil && state.hasPools ? trial.notices(for: request) : []
        if notices.isEmpty {
            changed.strategy = .priority
            notices = trial.notices(for: changed)
        }
        guard let by = notices.map(\.deadline).max() else { return }
        let known = notices.map(\.id).filter { caller.isAdmin || state.reservations[$0]?.user == caller.user }
        found.append(Change(.preempt(known, others: notices.count - known.count, by: by), changed))
    }
}
