internal import BerthModel

/// How long the reservations of a name took, by what was seen of the same user's: the last few of each name.
///
/// It says when what has no lease is likely to end: when it is as old as one of them was at its end, and then the next. So who waits
/// for that has an expected start, and who is over by then may pass (after Tsafrir, Etsion and Feitelson, "Backfilling Using
/// System-Generated Predictions Rather than User Runtime Estimates", IEEE TPDS 2007; a mean of them would let those pass who are in
/// the way where a name stands for much that is short and something that is long). It follows from the ends that were applied, so
/// the same log makes the same; snapshots keep it.
package struct LearnedDurations: Hashable, Sendable {
    /// What is learned about.
    package struct Key: Hashable, Sendable {
        /// The user's number.
        package var user: UInt32
        /// The name that its requests gave.
        package var name: String

        package init(user: UInt32, name: String) { (self.user, self.name) = (user, name) }
    }

    /// What was seen of one name.
    package struct Seen: Hashable, Sendable {
        package var key: Key
        /// In milliseconds, the last of them last.
        package var taken: [Int64]

        package init(key: Key, taken: [Int64]) { (self.key, self.taken) = (key, taken) }
    }

    /// So many must have been seen of a name before it tells anything.
    package static let enough = 3
    /// So many of a name are remembered.
    static let mostOfOne = 8
    /// So many names are remembered.
    static let mostNames = 1024

    /// What took longer counts as this, in milliseconds: a year.
    private static let longest = Reservation.longestUsual.milliseconds

    private var taken: [Key: [Int64]] = [:]
    /// When something of a name was seen last, counted in ends.
    private var lastSeen: [Key: Int] = [:]
    private var ends = 0

    package init() {}

    /// What was kept.
    /// - Parameter kept: as ``kept`` says it
    package init(_ kept: [Seen]) {
        for seen in kept { for duration in seen.taken { note(duration, of: seen.key) } }
    }

    /// What a snapshot keeps, the name first of which something was seen the longest ago.
    package var kept: [Seen] {
        taken.map { Seen(key: $0.key, taken: $0.value) }.sorted { lastSeen[$0.key] ?? 0 < lastSeen[$1.key] ?? 0 }
    }

    /// How long those of a name took, in milliseconds, the shortest first; none while too few were seen.
    package func known(of key: Key) -> [Int64] {
        guard let taken = taken[key], taken.count >= LearnedDurations.enough else { return [] }
        return Set(taken).sorted()
    }

    /// One of a name took so long.
    mutating func note(_ duration: Int64, of key: Key) {
        taken[key, default: []].append(min(max(duration, 1), LearnedDurations.longest))
        if taken[key, default: []].count > LearnedDurations.mostOfOne { taken[key]?.removeFirst() }
        ends += 1
        lastSeen[key] = ends
        guard taken.count > LearnedDurations.mostNames else { return }
        // A quarter goes at a time, so that one more name costs little; first of all those that tell nothing yet, of which
        // anybody can make up many.
        let old = lastSeen.sorted { left, right in
            func tells(_ key: Key) -> Int { taken[key]?.count ?? 0 >= LearnedDurations.enough ? 1 : 0 }
            return (tells(left.key), left.value) < (tells(right.key), right.value)
        }.prefix(LearnedDurations.mostNames / 4).map(\.key)
        for key in old { (taken[key], lastSeen[key]) = (nil, nil) }
    }
}

extension State {
    /// Learns from one that ended by itself: what was cut short says nothing.
    mutating func learn(from reservation: Reservation, endedAt time: Timestamp) {
        guard let key = reservation.durationKey, let granted = reservation.grantedAt, time > granted else { return }
        // A release of what ends with its last process cuts it short.
        switch reservation.reason {
        case .lastProcess: durations.note(time.milliseconds - granted.milliseconds, of: key)
        case .released where reservation.end == .released:
            durations.note(time.milliseconds - granted.milliseconds, of: key)
        default: break
        }
    }

    /// Whether anything without a lease is likely to end.
    func hasUsualEnds(after now: Now) -> Bool { usualEnds.hasAny(after: now.wall.milliseconds) }

    /// The change with how long what is granted without a lease is likely to hold.
    func expecting(_ change: Event.Change) -> Event.Change {
        guard case .granted(var reservation) = change, reservation.lease == nil, let key = reservation.durationKey
        else { return change }
        reservation.usual = durations.known(of: key).map { .milliseconds($0) }
        return .granted(reservation)
    }
}

extension Reservation {
    fileprivate var durationKey: LearnedDurations.Key? { name.map { LearnedDurations.Key(user: user, name: $0) } }
}
