package import BerthModel

/// Where one that waits stands in the queue, as its holder is shown it.
package struct Standing: Hashable, Sendable {
    /// How many are looked at before it, and one more.
    package var position: Int
    /// When it is expected to be granted, in milliseconds of CLOCK_BOOTTIME; nil where nobody knows.
    package var expected: Int64?
    /// What it is short of now; empty where it only waits for those before it.
    package var shortfalls: [Shortfall]
}

extension State {
    /// So many of those who wait are told when their turn is expected.
    private static let standingDepth = 1000

    /// Where all who wait stand, or one of them.
    package func standings(of one: ReservationID? = nil, _ now: Now) -> [ReservationID: Standing] {
        guard capacity != nil, !waiters.isEmpty else { return [:] }
        var plan = Plan(self, now: now.uptime, horizon: 4 * Plan.horizon)
        var standings: [ReservationID: Standing] = [:]
        for (index, reservation) in waiters.inOrder.enumerated() {
            var standing = Standing(position: index + 1, expected: nil, shortfalls: [])
            if index < State.standingDepth {
                switch plan.turn(of: reservation) {
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
            if one != nil { break }
        }
        return standings
    }
}
