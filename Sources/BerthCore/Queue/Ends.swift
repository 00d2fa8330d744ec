internal import BerthModel

/// When what is held ends, as far as that is known.
extension State {
    /// One that ends, as far as that is known.
    struct End {
        var id: ReservationID
        /// In milliseconds of CLOCK_BOOTTIME.
        var at: Int64
        var grant: Grant
        var pool: PoolName
        /// Whether nothing that its holder does can put it off: it ends already, or has to go for another.
        var isCertain: Bool

        init(_ reservation: Reservation, at moment: Int64, isCertain: Bool) {
            (id, grant, pool) = (reservation.id, reservation.grant, reservation.pool)
            at = moment
            self.isCertain = isCertain
        }
    }

    /// What of the live and the ending ones ends soonest, as far as that is known.
    /// - Parameters:
    ///   - now: the moment
    ///   - most: so many of those whose leases end, and of those that are likely to end
    ///   - reservation: one whose lease's end is among them in any case
    ///   - isDeclared: whether only leases count, and not how long others of a name took
    func ends(after now: Now, most: Int, besides reservation: Reservation? = nil, isDeclared: Bool = false) -> [End] {
        var soonest = Dictionary(leases.soonest(most).map { ($0.id, $0.at) }, uniquingKeysWith: min)
        if !isDeclared {
            for (wall, id) in usualEnds.soonest(most, after: now.wall.milliseconds) {
                let at = now.uptime(of: Timestamp(milliseconds: wall))
                soonest[id] = min(soonest[id] ?? reservations[id].flatMap(\.leaseEnd) ?? at, at)
            }
        }
        if let reservation, let end = reservation.leaseEnd { soonest[reservation.id] = end }
        let leased = soonest.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.compactMap { id, at -> End? in
            guard let reservation = reservations[id], reservation.preemption == nil else { return nil }
            return End(reservation, at: at, isCertain: false)
        }
        let going = preemptions.going.sorted().compactMap { id -> End? in
            guard let reservation = reservations[id], reservation.isLive else { return nil }
            return End(reservation, at: reservation.deadline ?? now.uptime, isCertain: true)
        }
        // What has ended is gone any moment. With a later guess others could get in again and again before whoever waits for it.
        return leased + going
            + endingIDs.sorted().compactMap { id in
                reservations[id].map { End($0, at: now.uptime + 1, isCertain: true) }
            }
    }
}

extension Reservation {
    /// When its lease ends, in milliseconds of CLOCK_BOOTTIME; nil where it has none.
    fileprivate var leaseEnd: Int64? { lease == nil ? nil : deadline }
}
