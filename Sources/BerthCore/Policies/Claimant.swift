package import BerthModel

/// What a policy knows of one who waits.
package struct Claimant: Hashable, Sendable {
    /// The reservation that waits.
    package var id: ReservationID
    /// Whose it is.
    package var user: UInt32
    /// The group it counts for: the first of the configured ones that its user is in; nil where it is in none.
    package var group: String?
    /// The workflow that it says it is a part of: its label `workflow`.
    package var workflow: String?
    /// How much it matters to its user, and within the caller's cap to others: the larger the more.
    package var priority: Int
    /// Since when it waits, in milliseconds of one clock for all.
    package var since: Int64
    /// How long it means to hold what it asks for, in milliseconds; nil where it does not say.
    package var duration: Int64?
    /// What it asks for: of several choices and of minimums the least of each type.
    package var demand: Amounts
    /// How many reservations that is: more than one for a gang.
    package var count = 1
    /// Of a gang what each of it asks for.
    var members: [Member] = []
    /// When it is to begin, in milliseconds since 1970; nil is now.
    var start: Int64?
    /// The pools that it asks for which have a policy of their own, the innermost first.
    package var scopes: [PoolName] = []

    /// What one of a gang asks for, and how long it means to hold that.
    struct Member: Hashable, Sendable {
        var demand: Amounts
        var duration: Int64?
    }

    package init(
        id: ReservationID, user: UInt32, group: String? = nil, workflow: String? = nil, priority: Int = 0, since: Int64,
        duration: Int64? = nil, demand: Amounts
    ) {
        self.id = id
        self.user = user
        self.group = group
        self.workflow = workflow
        self.priority = priority
        self.since = since
        self.duration = duration
        self.demand = demand
    }

    /// What a priority may be.
    package static let priorities = -1000...1000

    /// When it would be over that begins at a time, in milliseconds since 1970; nil where it does not say.
    package func end(from time: Int64) -> Int64? { Claimant.end(of: duration, from: time) }

    private static func end(of duration: Int64?, from time: Int64) -> Int64? {
        duration.map { (Timestamp(milliseconds: time) + .milliseconds($0)).milliseconds }
    }

    /// Amounts with the times at which it has them no more, if it begins at a moment and has so much in all; nil where it does
    /// not say. What it has beyond what it asks for it has as long as any of it.
    func leases(of amounts: Amounts, from time: Int64) -> [(amounts: Amounts, end: Int64?)] {
        var rest = amounts
        for member in members { rest.add(member.demand, times: -1) }
        guard !members.isEmpty, rest.parts.allSatisfy({ $0.units > 0 }) else { return [(amounts, end(from: time))] }
        let leases = members.map { ($0.demand, Claimant.end(of: $0.duration, from: time)) }
        return rest.parts.isEmpty ? leases : leases + [(rest, end(from: time))]
    }

    /// Those whose accounts it counts in.
    package var subjects: [Subject] { Subject.all(user, group, workflow, in: scopes) }

    /// A reservation that waits, or might.
    package init(_ reservation: Reservation) {
        let request = reservation.waiting?.request
        self.init(
            id: reservation.id, user: reservation.user, group: reservation.group, workflow: reservation.workflow,
            priority: request?.priority ?? 0, since: reservation.createdAt.milliseconds,
            duration: reservation.lease?.milliseconds,
            demand: request.map { Amounts(leastOf: $0) } ?? Amounts(reservation.grant))
    }
}

extension Reservation {
    /// Those whose accounts it counts in, on the host and in these pools.
    package func subjects(in scopes: [PoolName] = []) -> [Subject] { Subject.all(user, group, workflow, in: scopes) }
}
