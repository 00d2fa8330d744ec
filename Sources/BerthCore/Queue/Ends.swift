internal import BerthModel

/// When what is held ends, as far as that is known.
extension State {
    /// Whether so many have ended since a moment of the wall clock, in milliseconds, and are not gone yet.
    func isGoing(atLeast count: Int, since moment: Int64) -> Bool {
        endingIDs.count >= count
            && endingIDs.lazy.filter { self.reservations[$0]?.endedAt?.milliseconds ?? 0 >= moment }.prefix(count).count
                >= count
    }

    /// So many that may end are looked at.
    private static let mostLikely = 1024

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
    ///   - isLikely: whether how long others of its name took counts where it has no lease
    func ends(after now: Now, most: Int, besides reservation: Reservation? = nil, isLikely: Bool = false) -> [End] {
        var soonest = leases.soonest(most)
        if let reservation, reservation.lease != nil, let deadline = reservation.deadline,
            !soonest.contains(where: { $0.id == reservation.id })
        {
            soonest.append((deadline, reservation.id))
        }
        if isLikely {
            // They are kept by the last moment of each: of so many the next ones are found.
            let likely = usualEnds.soonest(State.mostLikely, after: now.wall.milliseconds).compactMap {
                _, id in reservations[id]?.usualEnd(after: now.wall).map { (at: now.uptime(of: $0), id: id) }
            }
            soonest += likely.sorted { ($0.at, $0.id) < ($1.at, $1.id) }.prefix(most)
        }
        let leased = soonest.compactMap { at, id -> End? in
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
