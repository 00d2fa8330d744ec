internal import BerthModel

/// What somebody will have by what is known: what is held until its lease ends, and what is promised.
extension State {
    /// Something that begins or ends to be held.
    private struct Turning {
        var at: Timestamp
        var grant: Grant
        /// What of the same moment comes first: what is held already, then what ends, then what begins.
        var order: Int
        var subjects: [Subject]
        /// Whether it counts as live.
        var isLive: Bool

        var sign: Int64 { order == 1 ? -1 : 1 }
    }

    /// What one user will hold the most between two times.
    func foreseen(of user: UInt32, from start: Timestamp, until end: Timestamp, _ now: Now) -> Holdings {
        var (most, held) = (Holdings(), Holdings())
        follow(turnings(of: user, now), from: start, until: end) { turning in
            if turning.sign > 0 { held.add(turning.grant) } else { held.remove(turning.grant) }
        } see: { _ in
            most.formMaximum(held)
            return true
        }
        return most
    }

    /// The hard quota that one would pass by what it would be promised, beside what others have at any moment of its time.
    func foreseenExcess(
        of candidate: Reservation, promising grant: Grant, from start: Timestamp, until end: Timestamp, _ now: Now
    ) -> Excess? {
        guard policies.hasQuotas else { return nil }
        var (accounts, claimant) = (accounts, claimant(candidate))
        claimant.demand = Amounts(grant)
        var found: Excess?
        follow(turnings(of: nil, now, but: candidate.id), from: start, until: end) { turning in
            // What is held is in the accounts.
            guard turning.order > 0 else { return }
            accounts.add(
                Amounts(turning.grant), live: turning.isLive ? 1 : 0, sign: Int(turning.sign), until: nil,
                for: turning.subjects, at: turning.at.milliseconds)
        } see: { moment in
            let standing = policies.standing(of: claimant, at: moment.milliseconds, but: \.isHours) {
                accounts.account($0, at: moment.milliseconds)
            }
            if case .over(let excess) = standing { found = excess }
            return found == nil
        }
        return found ?? foreseenExcessOfHours(claimant, of: candidate, from: start, until: end, now)
    }

    /// The hard quota on hours among them: what is held and promised then counts, as far as it is known when it is over.
    private func foreseenExcessOfHours(
        _ claimant: Claimant, of candidate: Reservation, from start: Timestamp, until end: Timestamp, _ now: Now
    ) -> Excess? {
        guard accounts.countsHours else { return nil }
        var claimant = claimant
        claimant.start = start.milliseconds
        claimant.duration = max(0, end.milliseconds - max(start, now.wall).milliseconds)
        let accounts = accounts.without(candidate, in: self, now)
        let standing = policies.standing(of: claimant, at: now.wall.milliseconds, but: { !$0.isHours }) {
            accounts.account($0, at: now.wall.milliseconds)
        }
        if case .over(let excess) = standing { return excess }
        return nil
    }

    /// All that is held and promised of one user, or of everybody, in the order of time.
    /// - Parameter but: one whose promise does not count
    private func turnings(of user: UInt32?, _ now: Now, but id: ReservationID? = nil) -> [Turning] {
        var turnings: [Turning] = []
        func add(_ reservation: Reservation, _ at: Timestamp, _ grant: Grant, _ order: Int) {
            let turning = Turning(
                at: max(at, now.wall), grant: grant, order: order, subjects: subjects(of: reservation),
                isLive: reservation.isLive || reservation.state == .pending)
            turnings.append(turning)
        }
        for reservation in reservations.values where user.map({ $0 == reservation.user }) ?? true {
            add(reservation, now.wall, reservation.grant, 0)
            // What has ended is gone any moment.
            let end = reservation.isLive ? (reservation.isLimited ? reservation.expiresAt : nil) : now.wall
            if let end { add(reservation, end, reservation.grant, 1) }
        }
        for reservation in booked where reservation.id != id && user.map({ $0 == reservation.user }) ?? true {
            guard let booking = reservation.waiting?.booking else { continue }
            add(reservation, booking.start, booking.grant, 2)
            add(reservation, booking.end, booking.grant, 1)
        }
        return turnings.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
    }

    /// Goes over what begins and ends before a time, and sees what is so at a moment, and whenever something begins after it.
    /// - Parameter see: ends it with false
    private func follow(
        _ turnings: [Turning], from start: Timestamp, until end: Timestamp, take: (Turning) -> Void,
        see: (Timestamp) -> Bool
    ) {
        var isBegun = false
        for turning in turnings where turning.at < end {
            if !isBegun, turning.at > start {
                isBegun = true
                guard see(start) else { return }
            }
            take(turning)
            guard !isBegun || turning.order != 2 || see(turning.at) else { return }
        }
        if !isBegun { _ = see(start) }
    }
}

extension Reservation {
    /// Whether it ends at a known time if it is not renewed: by its lease, or for another.
    fileprivate var isLimited: Bool { lease != nil || preemption != nil }
}
