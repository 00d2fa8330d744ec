internal import BerthModel

/// Whom one that waits may have go.
struct Entitlement {
    let request: ReservationRequest
    /// Those of lower priority; nil where nobody goes for that.
    let priority: Int?
    private let state: State
    /// Of what it asks for what others may go for.
    let choices: [ReservationRequest]
    /// What its pool holds already, with what is meant for those before it.
    private let held: PoolHoldings

    init(_ reservation: Reservation, _ request: ReservationRequest, _ plan: Plan) {
        self.request = request
        state = plan.state
        priority = request.strategy == .priority ? reservation.priority : nil
        // Those before it have what is the pool's own first.
        held = plan.state.takesBack(reservation) ? plan.heldAndPlanned : PoolHoldings()
        choices =
            priority == nil
            ? plan.state.ownChoices(of: reservation, beside: held).map { request.only($0).least } : [request]
    }

    /// Whether others may go for this grant: whole cores may be more than the pool is guaranteed, and two pools would take
    /// that from each other for ever.
    func allows(_ grant: Grant) -> Bool {
        priority != nil || state.isOwn(Amounts(grant), of: request.pool, beside: held)
    }

    /// Whether one may have to go, with what each pool holds by then.
    func covers(_ candidate: Candidate, _ held: PoolHoldings) -> Bool { covers(candidate.first, held) }

    private func covers(_ reservation: Reservation, _ held: PoolHoldings) -> Bool {
        if let priority { return reservation.priority < priority }
        return state.hasBorrowed(reservation, from: request, held)
    }

    /// All that may have to go as things are, in no order.
    fileprivate var all: [Reservation] {
        if let priority { return state.preemptions.below(priority).compactMap { state.reservations[$0] } }
        return state.reservations.values.filter { covers($0, state.poolHoldings) }
    }
}

/// One that may have to go, with all of its gang, and what that would cost.
struct Candidate: Comparable {
    let first: Reservation
    let members: [Reservation]
    private let share: Double
    /// The work that would be lost: its dominant share of the host, times the milliseconds that it has had it.
    let lost: Double

    fileprivate init(_ members: [Reservation], of totals: Amounts, _ now: Now) {
        first = members[0]
        self.members = members
        share = Amounts(members.map(\.grant)).dominantShare(of: totals)
        lost = members.reduce(0) { sum, member in
            let since = (member.grantedAt ?? member.createdAt).milliseconds
            return sum + Amounts(member.grant).dominantShare(of: totals) * Double(max(0, now.wall.milliseconds - since))
        }
    }

    /// The larger goes first of those that lose the same, so that fewer need go.
    static func < (left: Candidate, right: Candidate) -> Bool {
        (left.first.priority, left.lost, -left.share, left.first.id)
            < (right.first.priority, right.lost, -right.share, right.first.id)
    }

    static func == (left: Candidate, right: Candidate) -> Bool { left.first.id == right.first.id }
}

extension Plan {
    /// So many at most are looked at for one, those of the least priority and with the least to lose.
    private static let mostCandidates = 1000

    /// Those that may go for one and hold what it asks for, the first to go first.
    func candidates(for entitlement: Entitlement, _ now: Now) -> [Candidate] {
        let request = entitlement.request
        let types = Set(request.choices.flatMap(\.types))
        let isOnDisks = types.contains(.storage)
        // What it must lie near has to stay.
        let needed = Set(request.affinity.flatMap { state.targets(of: $0) { _ in true } }.map(\.id))
        var gangs: Set<GangKey> = []
        let candidates = entitlement.all.compactMap { held -> Candidate? in
            guard held.isLive, going[held.id] == nil,
                held.grant.holds.contains(where: { types.contains($0.type) })
                    || isOnDisks && !held.grant.storage.isEmpty
            else { return nil }
            if let key = held.gangKey, !gangs.insert(key).inserted { return nil }
            let members = mates(of: held)
            guard !members.isEmpty, !members.contains(where: { needed.contains($0.id) }) else { return nil }
            return Candidate(members, of: state.accounts.totals, now)
        }
        return Array(candidates.sorted().prefix(Plan.mostCandidates))
    }

    /// With one of a gang all of it goes.
    private func mates(of held: Reservation) -> [Reservation] {
        guard let key = held.gangKey else { return [held] }
        return (state.gangs[key] ?? []).sorted().compactMap { state.reservations[$0] }
            .filter { $0.isLive && going[$0.id] == nil }
    }

    /// What each pool holds and is meant for those who were given a place.
    var heldAndPlanned: PoolHoldings {
        planned.reduce(into: state.poolHoldings) { $0.add($1.grant, to: $1.pool, of: state.pools) }
    }
}
