package import BerthModel

/// Where one that waits stands in the queue, as its holder is shown it.
package struct Standing: Hashable, Sendable {
    /// How many are looked at before it, and one more.
    package var position: Int
    /// When it is expected to be granted, in milliseconds of CLOCK_BOOTTIME; nil where nobody knows.
    package var expected: Int64?
    /// What it is short of now; empty where it only waits for those before it.
    package var shortfalls: [Shortfall]
    /// The quota that it waits for, which is hard, or for whose sake all others go first; nil for none.
    package var quota: Excess?
}

extension State {
    /// So many of those who wait are told when their turn is expected.
    private static let standingDepth = 1000

    /// Where all who wait stand, or one of them.
    package func standings(of one: ReservationID? = nil, _ now: Now) -> [ReservationID: Standing] {
        guard capacity != nil, !waiters.isEmpty else { return [:] }
        var plan = Plan(self, now: now.uptime, horizon: 4 * Plan.horizon)
        var standings: [ReservationID: Standing] = [:]
        var turns = turns(now)
        var index = 0
        while let id = turns.next(), let reservation = waiters[id] {
            defer { index += 1 }
            var standing = Standing(position: index + 1, expected: nil, shortfalls: [])
            standing.quota = quotaExcess(of: reservation, now)
            if index < State.standingDepth {
                switch plan.turn(of: reservation, in: &turns) {
                case .now: standing.expected = now.uptime
                case .later(let at): standing.expected = at
                case .unknown, .barred: break
                }
            }
            guard one == nil || one == reservation.id else { continue }
            if let resources = reservation.waiting?.request.resources {
                standing.shortfalls = shortfalls(resources.least, beside: holdings)
            }
            standings[reservation.id] = standing
            if one != nil { return standings }
        }
        // Those whose turn does not come while a hard quota is used up are behind all others.
        let rest = waiters.all.filter { (one == nil || one == $0.id) && standings[$0.id] == nil }
        for reservation in rest.sorted(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) {
            index += 1
            standings[reservation.id] = Standing(
                position: index, expected: nil, shortfalls: [], quota: quotaExcess(of: reservation, now))
        }
        return standings
    }

    private func quotaExcess(of reservation: Reservation, _ now: Now) -> Excess? {
        switch standing(of: reservation, now) {
        case .within: nil
        case .surplus(let excess), .over(let excess): excess
        }
    }
}
