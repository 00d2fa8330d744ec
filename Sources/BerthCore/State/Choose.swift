package import BerthModel

/// What a request is granted.
package struct Choice: Hashable, Sendable {
    /// What is held.
    package var grant: Grant
    /// How its units were chosen.
    package var units: UnitChoice
    /// Why it is less than was asked; nil where it is not.
    package var short: Refusal?
    /// Which of the alternatives it is; nil for the resources themselves.
    package var alternative: Int?
    /// Why not what the request would have liked better, the best first.
    package var passed: [Refusal] = []

    init(_ placed: Placed, _ strategy: Strategy) {
        grant = placed.grant
        units = placed.choice(strategy)
    }

    /// Takes other units for the same.
    mutating func take(_ placed: Placed, _ strategy: Strategy) {
        grant = placed.grant
        units = placed.choice(strategy)
    }
}

extension Placed {
    fileprivate func choice(_ strategy: Strategy) -> UnitChoice {
        UnitChoice(strategy: strategy, isExact: isExact, nodes: nodes.count)
    }
}

extension State {
    /// What a request is granted, beside what others hold, within what its user may have: the first of its choices that
    /// can be granted.
    /// - Parameters:
    ///   - request: the request
    ///   - caller: whose it is, with what it may have
    ///   - own: what its user has
    ///   - held: what all hold
    ///   - rooms: what its pool may take
    ///   - closed: types of which nothing is to be had; what is chosen has none of them
    ///   - neighbours: what the request says of others, where that is known already
    ///   - excess: the hard quota that a grant would pass
    func choose(
        _ request: ReservationRequest, _ caller: Caller, having own: Holdings, beside held: Holdings,
        in rooms: PoolRooms?, without closed: Set<ResourceType> = [], near neighbours: [Neighbours]? = nil,
        excess: @escaping (Grant) -> Excess? = { _ in nil }
    ) throws(Refusal) -> Choice {
        let near: [Neighbours]
        if let neighbours { near = neighbours } else { near = try self.neighbours(request, caller) }
        let choosing = Choosing(
            placement: try placement(beside: held, request.strategy ?? .standard, request.same), caps: caller.caps,
            rest: own, rooms: rooms, neighbours: near, excess: excess)
        var passed: [Refusal] = []
        for (index, resources) in request.choices.enumerated() where closed.isDisjoint(with: resources.types) {
            do throws(Refusal) {
                var choice = try choosing.choose(resources)
                choice.alternative = index == 0 ? nil : index - 1
                choice.passed = passed
                return choice
            } catch {
                passed.append(index == 0 ? error : error.ofAlternative(index - 1))
            }
        }
        throw passed.count == 1 ? passed[0] : .noneFits(passed)
    }

    /// What is held instead of what a reservation holds, for resources that it shall have from now on.
    /// - Parameters:
    ///   - resources: what it shall have
    ///   - changed: the types that a change speaks of: for them nothing is taken from the others, whatever those would do with
    ///   - reservation: what it holds now
    ///   - caller: who asks
    ///   - held: what all hold, it too
    ///   - rooms: what its pool may take beside all others
    ///   - excess: the hard quota that a grant would pass
    func choose(
        _ resources: Resources, changing changed: Set<ResourceType>, insteadOf reservation: Reservation,
        _ caller: Caller, beside held: Holdings, in rooms: PoolRooms?, excess: @escaping (Grant) -> Excess?
    ) throws(Refusal) -> Choice {
        var others = held
        others.remove(reservation.grant)
        var rest = users[reservation.user]?.holdings ?? Holdings()
        rest.remove(reservation.grant)
        let choosing = Choosing(
            placement: try placement(
                beside: others, reservation.strategy, reservation.same, current: reservation.grant),
            caps: caller.caps, rest: rest, rooms: rooms, neighbours: neighbours(reservation, caller), excess: excess)
        let kept = resources.keeping(reservation.grant, but: changed)
        do throws(Refusal) {
            var choice = try choosing.choose(kept)
            for index in choice.grant.holds.indices {
                choice.grant.holds[index].minimum = resources[choice.grant.holds[index].type]?.minimum
            }
            return choice
        } catch {
            // What could not be granted any more, for the host has less than it had, stays as it is.
            guard !choosing.holds(reservation.grant.resources.keeping(reservation.grant, but: []))
            else { throw error }
            let others = Set(resources.types).subtracting(changed).subtracting([.storage])
            var choice = try choosing.choose(resources.without(others))
            let stays = reservation.grant.holds.filter { others.contains($0.type) }
            choice.grant = Grant(choice.grant.holds + stays, storage: choice.grant.storage)
            return choice
        }
    }

    func placement(
        beside held: Holdings, _ strategy: Strategy, _ same: Same?, current: Grant? = nil
    ) throws(Refusal) -> Placement {
        // Nobody comes here before discovery has spoken.
        guard let capacity, let cores else { throw .invalid([]) }
        return Placement(
            capacity: capacity, cores: cores, held: held, unmanaged: unmanagedMemory, current: current,
            strategy: strategy, same: same, shapes: learned.commonest ?? capacity.shapes ?? Shape.standard)
    }
}

extension Choosing {
    /// Whether there is room for what is held.
    fileprivate func holds(_ resources: Resources) -> Bool {
        do throws(Refusal) { _ = try choose(resources.least) } catch { return false }
        return true
    }
}

extension Resources {
    /// The same with what is held as the least that will do, of types that are not changed.
    fileprivate func keeping(_ grant: Grant, but changed: Set<ResourceType>) -> Resources {
        var kept = self
        for index in asks.indices where asks[index].minimum != nil && !changed.contains(asks[index].type) {
            guard let held = grant[asks[index].type]?.amount else { continue }
            kept.asks[index].minimum = min(max(held, asks[index].minimum ?? held), asks[index].amount)
        }
        return kept
    }
}

// MARK: - Near to others, and apart from them

extension State {
    /// What a new request says of others. What is not there is no matter where it is only preferred, where the request is to
    /// be apart from it, and to the first of those that are to be near each other by a label.
    /// - Parameters:
    ///   - companions: others of its gang, that are to be granted with it: they may be the ones that say so
    ///   - granted: who is to be granted something before it, and counts as if that were so already
    ///   - isOver: who counts no more, for this is of a time when it is over
    func neighbours(
        _ request: ReservationRequest, _ caller: Caller, among companions: [Reservation] = [],
        besides granted: [Reservation] = [], but isOver: (ReservationID) -> Bool = { _ in false }
    ) throws(Refusal) -> [Neighbours] {
        var all: [Neighbours] = []
        let isVisible = { (other: Reservation) in other.user == caller.user || caller.isAdmin }
        let wishes = request.affinity.map { ($0, false) } + request.antiAffinity.map { ($0, true) }
        for (affinity, isApart) in wishes {
            let there = targets(of: affinity, isVisible)
            let found =
                there.filter { !isOver($0.id) } + granted.filter { isVisible($0) && affinity.means($0) }
                + companions.filter { affinity.isOf($0.labels) }
            var neighbours = Neighbours(affinity: affinity, isApart: isApart, isAsked: true)
            neighbours.add(found, on: capacity)
            let isNeeded = !isApart && !affinity.isPreferred
            if isNeeded, found.isEmpty {
                guard affinity.isOf(request.labels) else {
                    throw there.isEmpty ? neighbours.absence : neighbours.departure
                }
                continue
            }
            if neighbours.isNothing {
                if isNeeded { throw .unmet([], [neighbours.violation]) }
                // What lies nowhere yet is said of places all the same: the request must have one.
                if affinity.isPreferred { continue }
            }
            all.append(neighbours)
        }
        return all + companions.flatMap { $0.apart(from: request.labels, on: capacity) }
    }

    /// The same for a change of what was granted: what is held already is never in the way, and what is no more there says
    /// nothing.
    private func neighbours(_ reservation: Reservation, _ caller: Caller) -> [Neighbours] {
        let wishes = reservation.affinity.map { ($0, false) } + reservation.antiAffinity.map { ($0, true) }
        guard !wishes.isEmpty else { return [] }
        var own = Neighbours(affinity: Affinity(.labels([:])), isApart: false, isAsked: false)
        own.add([reservation], on: capacity)
        return wishes.compactMap { affinity, isApart in
            let found = targets(of: affinity) { other in
                other.id != reservation.id
                    && (other.user == reservation.user || caller.isAdmin && caller.user == reservation.user)
            }
            var neighbours = Neighbours(affinity: affinity, isApart: isApart, isAsked: false)
            neighbours.add(found, on: capacity)
            guard !neighbours.isNothing else { return nil }
            neighbours.nodes = isApart ? neighbours.nodes.subtracting(own.nodes) : neighbours.nodes.union(own.nodes)
            for (type, names) in own.units {
                guard let theirs = neighbours.units[type] else { continue }
                neighbours.units[type] = isApart ? theirs.subtracting(names) : theirs.union(names)
            }
            return neighbours
        }
    }

    /// The live reservations that are meant.
    func targets(of affinity: Affinity, _ isVisible: (Reservation) -> Bool) -> [Reservation] {
        let ids: Set<ReservationID> =
            switch affinity.target {
            case .reservation(let id): [id]
            case .labels(let labels): labelled.all(labels)
            }
        return ids.compactMap { reservations[$0] }.filter { $0.isLive && isVisible($0) }
    }
}

extension Reservation {
    /// Where one of its gang with these labels must not lie, for this is to lie apart from it.
    fileprivate func apart(from labels: [String: String], on capacity: Capacity?) -> [Neighbours] {
        antiAffinity.filter { !$0.isPreferred && $0.isOf(labels) }.compactMap { affinity in
            var neighbours = Neighbours(affinity: affinity, isApart: true, isAsked: false)
            neighbours.add([self], on: capacity)
            return neighbours.isNothing ? nil : neighbours
        }
    }
}

extension Affinity {
    /// Whether a reservation is meant by it.
    fileprivate func means(_ reservation: Reservation) -> Bool {
        if case .reservation(let id) = target { reservation.id == id } else { isOf(reservation.labels) }
    }

    /// Whether what has these labels is meant by it.
    fileprivate func isOf(_ labels: [String: String]) -> Bool {
        guard case .labels(let wanted) = target else { return false }
        return wanted.allSatisfy { labels[$0.key] == $0.value }
    }
}

extension Neighbours {
    /// Takes in what reservations hold.
    fileprivate mutating func add(_ reservations: [Reservation], on capacity: Capacity?) {
        for reservation in reservations {
            if let capacity { nodes = nodes.union(capacity.nodes(of: reservation.grant)) }
            for type in Neighbours.shared {
                guard let hold = reservation.grant[type], !hold.units.isEmpty else { continue }
                units[type, default: []].formUnion(hold.units.map(\.name))
            }
        }
    }
}

extension Refusal {
    /// The same of an alternative: violations point into it.
    fileprivate func ofAlternative(_ index: Int) -> Refusal {
        guard case .invalid(let violations) = self else { return self }
        return .invalid(violations.map { $0.ofAlternative(index) })
    }
}
