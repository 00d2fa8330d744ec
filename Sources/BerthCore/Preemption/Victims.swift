internal import BerthModel

/// One that has to go for another.
struct Victim: Hashable {
    var id: ReservationID
    /// When it ends at the latest, in milliseconds of CLOCK_BOOTTIME.
    var deadline: Int64
}

/// What may become of one that cannot be granted now and may have others go.
enum Prospect: Hashable {
    /// Nobody's going would let it in.
    case none
    /// It is in when those have gone who go anyway, by this moment of CLOCK_BOOTTIME.
    case ending(by: Int64)
    /// These have to go; they and those who go anyway are gone by this moment.
    case victims([Victim], by: Int64)
}

extension Plan {
    /// Who has to go so that one that waits can be granted, for whom nobody had to go yet: those of the least priority, of
    /// these those that have the least to lose together, of these the fewest, and none without whom it could be granted as well.
    ///
    /// Nobody goes for what would not be granted for all that. What ends or goes already counts as gone, and what is meant
    /// for those before it as held. Leases that end soon do not count: they may be renewed.
    func prospect(of reservation: Reservation, _ now: Now, excess: @escaping (Grant) -> Excess?) -> Prospect {
        guard let waiting = reservation.waiting else { return .none }
        let entitlement = Entitlement(reservation, waiting.request, self)
        guard !entitlement.choices.isEmpty else { return .none }
        let request = waiting.request
        let choices = entitlement.choices.map { choice in
            var quick = choice
            quick.strategy = .greedy
            return quick
        }
        let own = users[reservation.user] ?? state.users[reservation.user]?.holdings ?? Holdings()
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let near: [Neighbours]
        do throws(Refusal) { near = try state.neighbours(request, caller) } catch { return .none }
        let closed = closures.types(for: reservation.pool, of: state.pools, own: ownTypes(of: [request]))
        // What is promised to others counts where it begins before this one would be over.
        let over = request.lease.map { now.wall + state.preemptionTerms.grace + $0 }
        let promised = state.promised(after: now, before: over)
        let (most, withheld) = (promised.most, state.withheld(before: over, now))
        /// With what is meant for those before it, too.
        func withPlanned(_ rest: Rest) -> Rest {
            let staying = rest.held
            return planned.reduce(into: rest) { rest, one in
                // What was planned for when a lease ends lies elsewhere if that is renewed.
                let elsewhere =
                    state.hasRoom(for: one.grant, beside: staying)
                    ? nil : state.fit(one.grant.resources, beside: rest.held)
                rest.add(elsewhere ?? one.grant, to: one.pool)
            }
        }
        func fits(_ rest: Rest) -> Bool {
            var rest = withPlanned(rest)
            let rooms = state.hasPools ? state.rooms(for: request.pool, at: rest.moments(beside: promised.steps)) : nil
            rest.add(most)
            rest.withhold(withheld)
            return choices.contains { choice in
                do throws(Refusal) {
                    let found = try state.choose(
                        choice, caller, having: own, beside: rest.held, in: rooms, without: Set(closed.keys),
                        near: near, excess: excess)
                    return entitlement.allows(found.grant)
                } catch {
                    return false
                }
            }
        }
        /// What is short by sums for each choice.
        func lacking(_ rest: Rest) -> [Amounts] {
            var rest = withPlanned(rest)
            rest.add(most)
            return choices.flatMap(\.choices).map { state.lacking($0.least, beside: rest.held) }
        }
        var rest = Rest(state)
        var goneBy: Int64?
        for (id, at) in going {
            guard let held = state.reservations[id] else { continue }
            rest.remove(held)
            goneBy = max(goneBy ?? at, at)
        }
        if fits(rest) { return goneBy.map { .ending(by: $0) } ?? .none }
        let notices = victims(of: entitlement, beside: rest, now, fits, lacking).flatMap { candidate in
            // All of a gang go at one time, so that what is queued again of it is whole.
            let notice = candidate.members.map { state.preemptionTerms.notice(for: $0) }.max() ?? 0
            let deadline = now.uptime + notice
            return candidate.members.map { Victim(id: $0.id, deadline: min($0.deadline ?? deadline, deadline)) }
        }
        guard !notices.isEmpty else { return .none }
        return .victims(notices, by: notices.reduce(goneBy ?? now.uptime) { max($0, $1.deadline) })
    }

    /// Those who are enough, and none without whom the others are; nobody where all who may go are not enough.
    private func victims(
        of entitlement: Entitlement, beside whole: Rest, _ now: Now, _ fits: (Rest) -> Bool,
        _ lacking: (Rest) -> [Amounts]
    ) -> [Candidate] {
        var rest = whole
        var victims: [Candidate] = []
        var next = 1
        let candidates = candidates(for: entitlement, now)
        for candidate in candidates where entitlement.covers(candidate, rest.pools) {
            rest.remove(candidate)
            victims.append(candidate)
            guard victims.count == next else { continue }
            if fits(rest) { break }
            next *= 2
        }
        guard !victims.isEmpty, fits(rest) else { return [] }
        // Spared are those with the most to lose first.
        for index in victims.indices.reversed() {
            var kept = rest
            kept.add(victims[index])
            guard fits(kept) else { continue }
            rest = kept
            victims.remove(at: index)
        }
        // Of whom a pool takes back what they borrowed depends on who else goes.
        guard entitlement.priority != nil else { return victims }
        let search = VictimSearch(candidates, besides: victims, lacking: lacking(whole))
        return search.cheapest { fits($0.reduce(into: whole) { $0.remove($1) }) }
    }
}

/// What is held if some have gone.
private struct Rest {
    private(set) var held: Holdings
    /// What each pool holds, where pools say anything.
    private(set) var pools: PoolHoldings
    private let tree: Pools?

    init(_ state: State) {
        held = state.holdings
        pools = state.poolHoldings
        tree = state.hasPools ? state.pools : nil
    }

    mutating func add(_ grant: Grant, to pool: PoolName) {
        held.add(grant)
        if let tree { pools.add(grant, to: pool, of: tree) }
    }

    /// With what is promised besides, at each of its times.
    func moments(beside steps: [Timeline.Step]) -> [(held: Holdings, pools: PoolHoldings)] {
        steps.map { step in
            var moment = (held: held, pools: pools)
            moment.held.add(step.held)
            moment.pools.add(step.pools)
            return moment
        }
    }

    mutating func add(_ candidate: Candidate) { for member in candidate.members { add(member.grant, to: member.pool) } }

    mutating func add(_ promised: Holdings) { held.add(promised) }

    mutating func withhold(_ withheld: Withheld) { held.withheld.formUnion(withheld) }

    mutating func remove(_ reservation: Reservation) {
        held.remove(reservation.grant)
        if let tree { pools.add(reservation.grant, sign: -1, to: reservation.pool, of: tree) }
    }

    mutating func remove(_ candidate: Candidate) { for member in candidate.members { remove(member) } }
}

extension State {
    /// What of some resources is short by sums alone, beside what is held.
    fileprivate func lacking(_ least: Resources, beside held: Holdings) -> Amounts {
        Amounts(least).parts.reduce(into: Amounts()) { lacking, part in
            let total = accounts.totals[part.type]
            guard total > 0, isCounted(part.type) else { return }
            lacking.add(max(part.units + Int128(held[part.type].units) - total, 0), of: part.type)
        }
    }

    /// Whether what is held of a type and what there is of it count the same: not where a unit may have any amount, or is a part of
    /// another.
    private func isCounted(_ type: ResourceType) -> Bool {
        switch type {
        case .cpu, .memory: true
        case .pids, .network, .storage: false
        default: capacity?.wholeUnits(type).allSatisfy { $0.parent == nil } ?? false
        }
    }
}
