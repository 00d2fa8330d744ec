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
    /// So many at most are looked at for one, those of the least priority and with the least to lose.
    private static let mostCandidates = 1000

    /// Who has to go so that one that waits can be granted, for whom nobody had to go yet: those of the least priority, of
    /// these those that have the least to lose, and of those who are left none without whom it could be granted as well.
    ///
    /// Nobody goes for what would not be granted for all that. What ends or goes already counts as gone, and what is meant
    /// for those before it as held. Leases that end soon do not count: they may be renewed.
    func prospect(of reservation: Reservation, _ now: Now, excess: @escaping (Grant) -> Excess?) -> Prospect {
        guard let waiting = reservation.waiting else { return .none }
        var request = waiting.request
        request.strategy = .greedy
        let own = users[reservation.user] ?? state.users[reservation.user]?.holdings ?? Holdings()
        let caller = Caller(user: reservation.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let near: [Neighbours]
        do throws(Refusal) { near = try state.neighbours(request, caller) } catch { return .none }
        let closed = closures.types(for: reservation.pool, of: state.pools, own: ownTypes(of: request))
        func fits(_ rest: Rest) -> Bool {
            let rest = planned.reduce(into: rest) { $0.add($1.grant, to: $1.pool) }
            do throws(Refusal) {
                _ = try state.choose(
                    request, caller, having: own, beside: rest.held,
                    in: state.rooms(for: request.pool, at: [(rest.held, rest.pools)]), without: Set(closed.keys),
                    near: near, excess: excess)
                return true
            } catch {
                return false
            }
        }
        var rest = Rest(state)
        var goneBy: Int64?
        for (id, at) in going {
            guard let held = state.reservations[id] else { continue }
            rest.remove(held)
            goneBy = max(goneBy ?? at, at)
        }
        if fits(rest) { return goneBy.map { .ending(by: $0) } ?? .none }
        let candidates = candidates(for: reservation, request, caller, now)
        var victims: [Reservation] = []
        var next = 1
        var isEnough = false
        for candidate in candidates {
            rest.remove(candidate)
            victims.append(candidate)
            guard victims.count == next || victims.count == candidates.count else { continue }
            isEnough = fits(rest)
            if isEnough { break }
            next *= 2
        }
        guard isEnough else { return .none }
        // Spared are those with the most to lose first.
        for victim in victims.reversed() {
            var kept = rest
            kept.add(victim.grant, to: victim.pool)
            guard fits(kept) else { continue }
            rest = kept
            victims.removeAll { $0.id == victim.id }
        }
        let notices = victims.map { victim in
            let deadline = now.uptime + state.preemptionTerms.notice(for: victim)
            return Victim(id: victim.id, deadline: min(victim.deadline ?? deadline, deadline))
        }
        return .victims(notices, by: notices.reduce(goneBy ?? now.uptime) { max($0, $1.deadline) })
    }

    /// Those that may go for one: of lower priority, holding what it asks for, the first to go first.
    private func candidates(
        for reservation: Reservation, _ request: ReservationRequest, _ caller: Caller, _ now: Now
    ) -> [Reservation] {
        let types = Set(request.choices.flatMap(\.types))
        let isOnDisks = request.choices.contains { !$0.storage.isEmpty }
        // What it must lie near has to stay.
        let needed = Set(request.affinity.flatMap { state.targets(of: $0) { _ in true } }.map(\.id))
        let ranked = state.preemptions.below(reservation.priority).compactMap { id -> Ranked? in
            guard let held = state.reservations[id], held.isLive, going[id] == nil, !needed.contains(id),
                held.grant.holds.contains(where: { types.contains($0.type) })
                    || isOnDisks && !held.grant.storage.isEmpty
            else { return nil }
            return Ranked(held, of: state.accounts.totals, now)
        }
        return ranked.sorted().prefix(Plan.mostCandidates).map(\.reservation)
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

    mutating func remove(_ reservation: Reservation) {
        held.remove(reservation.grant)
        if let tree { pools.add(reservation.grant, sign: -1, to: reservation.pool, of: tree) }
    }
}

/// One that may have to go, and what that would cost.
private struct Ranked: Comparable {
    let reservation: Reservation
    let share: Double
    /// The work that would be lost: its dominant share of the host, times the milliseconds that it has had it.
    let lost: Double

    init(_ reservation: Reservation, of totals: Amounts, _ now: Now) {
        self.reservation = reservation
        share = Amounts(reservation.grant).dominantShare(of: totals)
        let since = (reservation.grantedAt ?? reservation.createdAt).milliseconds
        lost = share * Double(max(0, now.wall.milliseconds - since))
    }

    /// The larger goes first of those that lose the same, so that fewer need go.
    static func < (left: Ranked, right: Ranked) -> Bool {
        (left.reservation.priority, left.lost, -left.share, left.reservation.id)
            < (right.reservation.priority, right.lost, -right.share, right.reservation.id)
    }

    static func == (left: Ranked, right: Ranked) -> Bool { left.reservation.id == right.reservation.id }
}
