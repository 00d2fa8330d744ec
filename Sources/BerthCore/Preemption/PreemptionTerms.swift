internal import BerthModel

/// How those who have to go for others are treated: a setting.
package struct PreemptionTerms: Hashable, Sendable {
    /// How long they have from their notice to their end.
    package var grace: Duration
    /// How long those have at most who asked for a signal so long before.
    package var most: Duration

    package init(grace: Duration = .seconds(10), most: Duration = .seconds(600)) {
        self.grace = grace
        self.most = max(grace, most)
    }

    /// How long one has from its notice to its end, in milliseconds.
    func notice(for reservation: Reservation) -> Int64 {
        guard let warning = reservation.warning else { return grace.milliseconds }
        return max(grace, min(warning.before, most)).milliseconds
    }
}
