internal import BerthModel

/// How requests become a gang.
extension State {
    /// What becomes of a new request of a gang: it waits for the others. What all of them together could never have on this
    /// host, or its user may never have, is refused to the one that would make it so much.
    func join(_ gang: Gang, _ candidate: Reservation, _ now: Now) throws(Refusal) -> Decision {
        let key = GangKey(user: candidate.user, name: gang.id)
        let kept = gangs[key] ?? []
        let others = waiters.members(of: key)
        if let first = others.first { try checkAgreement(of: candidate, with: first, gang) }
        guard kept.count == others.count, kept.count < gang.size else { throw .gang(.full(gang)) }
        let members = others + [candidate]
        if let never = never(members, in: candidate.pool, now) { throw never }
        // Whoever only asks what would be: one that does not wait has no gang.
        guard candidate.waiting?.request.wait != nil else {
            if members.count < gang.size { throw .gang(.waiting(gang, others: gang.size - members.count)) }
            let standing = policies.standing(of: claimant(together: members), accounts, at: now.wall.milliseconds)
            if case .over(let excess) = standing { throw .overQuota(excess) }
            throw refusal(of: candidate, in: gang, now)
        }
        return Decision(changes: [.queued(candidate)], answer: .done(candidate.id))
    }

    /// A gang has one place in the queue, so what decides about that must be the same for all.
    private func checkAgreement(of candidate: Reservation, with other: Reservation, _ gang: Gang) throws(Refusal) {
        if let size = other.gang?.size, size != gang.size {
            throw .gang(.mismatch(gang, pointer: "/gang/size", theirs: "\(size)"))
        }
        if let priority = other.waiting?.request.priority, priority != candidate.waiting?.request.priority {
            throw .gang(.mismatch(gang, pointer: "/priority", theirs: "\(priority)"))
        }
        if other.pool != candidate.pool {
            throw .gang(.mismatch(gang, pointer: "/pool", theirs: other.pool.text))
        }
        if other.workflow != candidate.workflow {
            throw .gang(.mismatch(gang, pointer: "/labels/workflow", theirs: other.workflow ?? "none"))
        }
    }

    /// Why one of a gang, that waits or has waited, is not granted now.
    /// - Parameter now: to look for what is promised and for maintenance in its way too; nil is not to
    func refusal(of reservation: Reservation, in gang: Gang, _ now: Now? = nil) -> Refusal {
        // In the order in which they are looked at.
        var members = waiters.members(of: GangKey(user: reservation.user, name: gang.id))
        if !members.contains(where: { $0.id == reservation.id }) { members.append(reservation) }
        guard members.count >= gang.size, reservation.reason != .gang else { return .gang(.incomplete(gang)) }
        let own = users[reservation.user]?.holdings ?? Holdings()
        do throws(Refusal) {
            _ = try choose(
                together: members, having: own, beside: holdings,
                in: { rooms(for: reservation.pool, at: [(holdings, poolHoldings)], beside: $0) }, by: .greedy)
        } catch {
            return error
        }
        guard let now else { return .wouldDelay(waiters.count) }
        let standing = policies.standing(of: claimant(together: members), accounts, at: now.wall.milliseconds)
        if case .over(let excess) = standing { return .overQuota(excess) }
        return delay(of: members, now)
    }

    /// Ends the others of a gang of which one could not be brought to hold what it was granted: none runs alone.
    func endGang(of reservation: Reservation) -> Decision {
        var decision = Decision(answer: .nothing)
        guard let key = reservation.gangKey else { return decision }
        for id in (gangs[key] ?? []).sorted() where id != reservation.id && reservations[id]?.isLive == true {
            let ending = ending(id, .failed, .gang, answer: .nothing)
            decision.changes += ending.changes
            decision.effects += ending.effects
        }
        return decision
    }

    /// Gangs of which nothing is left but those who were queued again: from now on they are as large as that, for who had
    /// ended before, or is not queued again, never comes.
    func lessenedGangs() -> [Event.Change] {
        waiters.requeuedGangs.sorted { ($0.user, $0.name) < ($1.user, $1.name) }.flatMap { key -> [Event.Change] in
            let members = waiters.members(of: key)
            guard members.count == gangs[key]?.count,
                members.allSatisfy({ $0.requeueOf != nil && $0.gang?.size ?? 0 > members.count })
            else { return [] }
            return members.map { .queued($0.ofGang(sized: members.count)) }
        }
    }

    /// Notes a reservation that waits or holds something as one of its gang.
    mutating func noteGang(of reservation: Reservation) {
        guard let key = reservation.gangKey else { return }
        gangs[key, default: []].insert(reservation.id)
    }

    /// Notes that it is over.
    mutating func forgetGang(of reservation: Reservation) {
        guard let key = reservation.gangKey else { return }
        gangs[key]?.remove(reservation.id)
        if gangs[key]?.isEmpty == true { gangs[key] = nil }
    }
}

extension Reservation {
    /// The same of a gang of so many that wait.
    fileprivate func ofGang(sized size: Int) -> Reservation {
        var reservation = self
        reservation.gang = gang.flatMap { size > 1 ? Gang(id: $0.id, size: size) : nil }
        reservation.waiting?.request.gang = reservation.gang
        return reservation
    }
}

extension Claimant {
    /// A complete gang is one who waits: in the name of the first of it, since that waits, for what all of them ask for.
    init(together members: [Reservation]) {
        self.init(members[0])
        count = members.count
        guard count > 1 else { return }
        self.members = members.map { Claimant($0) }.map { Member(demand: $0.demand, duration: $0.duration) }
        for member in self.members.dropFirst() {
            for part in member.demand.parts { demand.add(part.units, of: part.type) }
        }
        duration = self.members.compactMap(\.duration).max()
    }
}

extension Refusal {
    /// The same of one of a gang, beside what others of it are to have.
    var besideGang: Refusal {
        func marked(_ shortfalls: [Shortfall]) -> [Shortfall] {
            shortfalls.map { shortfall in
                var shortfall = shortfall
                shortfall.isBesideGang = true
                return shortfall
            }
        }
        return switch self {
        case .insufficient(let shortfalls, let ever): .insufficient(marked(shortfalls), ever: ever)
        case .unmet(let shortfalls, let violations): .unmet(marked(shortfalls), violations)
        case .noneFits(let refusals): .noneFits(refusals.map(\.besideGang))
        default: self
        }
    }
}
