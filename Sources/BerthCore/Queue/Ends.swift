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
    ///   - now: in milliseconds of CLOCK_BOOTTIME
    ///   - most: so many of those whose leases end
    ///   - reservation: one whose end is among them in any case
    func ends(after now: Int64, most: Int, besides reservation: Reservation? = nil) -> [End] {
        var soonest = leases.soonest(most)
        if let reservation, reservation.lease != nil, let deadline = reservation.deadline,
            !soonest.contains(where: { $0.id == reservation.id })
        {
            soonest.append((deadline, reservation.id))
        }
        let leased = soonest.compactMap { at, id -> End? in
            guard let reservation = reservations[id], reservation.preemption == nil else { return nil }
            return End(reservation, at: at, isCertain: false)
        }
        let going = preemptions.going.sorted().compactMap { id -> End? in
            guard let reservation = reservations[id], reservation.isLive else { return nil }
            return End(reservation, at: reservation.deadline ?? now, isCertain: true)
        }
        // What has ended is gone any moment. With a later guess others could get in again and again before whoever waits for it.
        return leased + going
            + endingIDs.sorted().compactMap { id in reservations[id].map { End($0, at: now + 1, isCertain: true) } }
    }
}
