internal import BerthModel

/// What all of a gang are granted, one beside the other.
extension State {
    /// What each of a gang is granted, beside what others hold and those of it before. Where that leaves too little for those
    /// after them, all are granted the least that will do, of a lesser choice or in another order where it must be, and then
    /// one after the other what is left.
    /// - Parameters:
    ///   - members: all of it, in the order in which they choose
    ///   - own: what their user has
    ///   - held: what all hold
    ///   - rooms: what their pool may take beside what those of them before are granted
    ///   - closed: types of which nothing is to be had
    ///   - strategy: how units are chosen; nil is as each of them says
    ///   - granted: who is to be granted something before them, where one of them is to lie near others, or apart from them
    ///   - isOver: who counts no more there
    ///   - isThorough: whether lesser choices and other orders are tried, which costs a hundred places
    ///   - excess: the hard quota that what all are granted would pass
    func choose(
        together members: [Reservation], having own: Holdings, beside held: Holdings,
        in rooms: @escaping ([Grant]) -> PoolRooms?, without closed: Set<ResourceType> = [],
        by strategy: Strategy? = nil, besides granted: [Reservation] = [],
        but isOver: @escaping (ReservationID) -> Bool = { _ in false },
        isThorough: Bool = true, excess: @escaping ([Grant]) -> Excess? = { _ in nil }
    ) throws(Refusal) -> [Choice] {
        var table = Table(
            state: self, own: own, held: held, rooms: rooms, closed: closed, strategy: strategy, granted: granted,
            isOver: isOver, excess: excess)
        do throws(Refusal) {
            for member in members { try table.place(member) }
            return table.choices
        } catch {
            guard isThorough ? table.arrange(members) : table.placeLeast(members) else { throw error }
            table.enlarge()
            return table.choices
        }
    }
}

/// Those of a gang who have been given their place, one beside the other.
private struct Table {
    let state: State
    let own: Holdings
    let held: Holdings
    let rooms: ([Grant]) -> PoolRooms?
    let closed: Set<ResourceType>
    let strategy: Strategy?
    let granted: [Reservation]
    let isOver: (ReservationID) -> Bool
    let excess: ([Grant]) -> Excess?
    private var places: [(member: Reservation, choice: Choice)] = []

    init(
        state: State, own: Holdings, held: Holdings, rooms: @escaping ([Grant]) -> PoolRooms?,
        closed: Set<ResourceType>, strategy: Strategy?, granted: [Reservation],
        isOver: @escaping (ReservationID) -> Bool, excess: @escaping ([Grant]) -> Excess?
    ) {
        (self.state, self.own, self.held, self.rooms) = (state, own, held, rooms)
        (self.closed, self.strategy, self.granted) = (closed, strategy, granted)
        (self.isOver, self.excess) = (isOver, excess)
    }

    var choices: [Choice] { places.map(\.choice) }

    /// So many places are tried for each arrangement, one for each member aside.
    private static let tries = 64

    mutating func clear() { places = [] }

    /// Finds places for all of them, the least that will do.
    mutating func arrange(_ members: [Reservation]) -> Bool {
        if placeLeast(members) { return true }
        if members.contains(where: { $0.waiting?.request.alternatives.isEmpty == false }) {
            var left = Table.tries + members.count
            clear()
            if place(members[...], &left) { return true }
            // Where there are too many ways to try them all, that in which each takes the least.
            if placeAll(members, only: { $0.smallestChoice }) { return true }
        }
        return placeReordered(members)
    }

    /// Gives all the least that will do, in their order; false where that is more than there is, or as much as was tried.
    mutating func placeLeast(_ members: [Reservation]) -> Bool {
        members.contains { $0.waiting?.request.takesLess == true } && placeAll(members) { _ in nil }
    }

    private mutating func placeAll(_ members: [Reservation], only choice: (ReservationRequest) -> Int?) -> Bool {
        clear()
        return members.allSatisfy { member in
            do throws(Refusal) {
                try place(member, atLeast: true, only: member.waiting.flatMap { choice($0.request) })
            } catch { return false }
            return true
        }
    }

    /// Whoever found no place goes first, and all begin anew (Joslin and Clements, "Squeaky Wheel Optimization", JAIR 1999).
    private mutating func placeReordered(_ members: [Reservation]) -> Bool {
        var order = members
        var tried: Set<[ReservationID]> = []
        var left = Table.tries + members.count
        while left > 0, tried.insert(order.map(\.id)).inserted {
            clear()
            let failed = order.firstIndex { member in
                left -= 1
                do throws(Refusal) { try place(member, atLeast: true) } catch { return true }
                return false
            }
            guard let failed else {
                let rank = Dictionary(members.enumerated().map { ($1.id, $0) }) { first, _ in first }
                places.sort { rank[$0.member.id, default: 0] < rank[$1.member.id, default: 0] }
                return true
            }
            // Who must lie near others of it finds them only when they lie somewhere; one that is like all before it is not
            // helped by another order.
            let isNear = order[failed].waiting?.request.affinity.contains { !$0.isPreferred } ?? false
            guard isNear || order[..<failed].contains(where: { !$0.asksTheSame(as: order[failed]) }) else {
                return false
            }
            order.insert(order.remove(at: failed), at: failed > 0 ? 0 : order.count)
        }
        return false
    }

    /// Gives these a place each beside those who have theirs, of whichever of their choices leaves room for those after them.
    private mutating func place(_ members: ArraySlice<Reservation>, _ left: inout Int) -> Bool {
        guard let member = members.first else { return true }
        for choice in (member.waiting?.request.choices ?? []).indices where left > 0 {
            left -= 1
            do throws(Refusal) { try place(member, atLeast: true, only: choice) } catch { continue }
            if place(members.dropFirst(), &left) { return true }
            places.removeLast()
        }
        return false
    }

    /// Gives each what it would like best, as far as the others leave it; where they leave no more, it keeps its place. So it
    /// does where any of them is to be near others of it, and this would lie elsewhere.
    mutating func enlarge() {
        let isBound = places.contains { $0.member.waiting?.request.affinity.isEmpty == false }
        for (index, place) in places.enumerated() where place.member.waiting?.request.hasBetter == true {
            var others = places
            others.remove(at: index)
            do throws(Refusal) {
                let choice = try choice(for: place.member, beside: others, false, nil)
                if !isBound || state.lies(choice.grant, where: place.choice.grant) { places[index].choice = choice }
            } catch { continue }
        }
        // Who got no more than the least is told what it had asked for.
        for (index, place) in places.enumerated() {
            let choice = place.choice.alternative.map { $0 + 1 } ?? 0
            if let resources = place.member.waiting?.request.choices[choice] {
                places[index].choice.grant.note(resources)
            }
        }
    }

    /// - Parameters:
    ///   - isLeast: whether it gets the least that will do
    ///   - only: which of its choices it gets; nil is the first that fits
    mutating func place(_ member: Reservation, atLeast isLeast: Bool = false, only: Int? = nil) throws(Refusal) {
        places.append((member, try choice(for: member, beside: places, isLeast, only)))
    }

    private func choice(
        for member: Reservation, beside others: [(member: Reservation, choice: Choice)], _ isLeast: Bool,
        _ only: Int?
    ) throws(Refusal) -> Choice {
        guard let waiting = member.waiting else { throw .pending(member.id) }
        var request = isLeast ? waiting.request.least : waiting.request
        if let only { request = request.only(only) }
        request.strategy = strategy ?? request.strategy
        var (own, held) = (own, held)
        for other in others {
            own.add(other.choice.grant)
            held.add(other.choice.grant)
        }
        let grants = others.map(\.choice.grant)
        let caller = Caller(user: member.user, isAdmin: waiting.isAdmin, caps: waiting.caps)
        let placed = others.map { other in
            var placed = other.member
            placed.grant = other.choice.grant
            placed.state = Reservation.State(holding: placed.grant)
            return placed
        }
        do throws(Refusal) {
            var choice = try state.choose(
                request, caller, having: own, beside: held, in: rooms(grants), without: closed,
                near: try state.neighbours(request, caller, among: placed, besides: granted, but: isOver),
                excess: { excess(grants + [$0]) })
            if let only, only > 0 { choice.alternative = only - 1 }
            return choice
        } catch {
            throw others.isEmpty ? error : error.besideGang
        }
    }
}

extension State {
    /// Whether one grant has the units of another and lies on the same NUMA nodes.
    fileprivate func lies(_ grant: Grant, where other: Grant) -> Bool {
        guard let capacity, capacity.nodes(of: grant) == capacity.nodes(of: other) else { return false }
        return Neighbours.shared.allSatisfy { type in
            Set(grant[type]?.units.map(\.name) ?? []) == Set(other[type]?.units.map(\.name) ?? [])
        }
    }
}

extension ReservationRequest {
    /// The same with one of its choices alone.
    func only(_ choice: Int) -> ReservationRequest {
        var request = self
        request.resources = choices[choice]
        request.alternatives = []
        return request
    }

    /// Whether there is what it would like better than another that will do.
    var hasBetter: Bool { takesLess || !alternatives.isEmpty }

    /// Which of its choices takes no more than any other of anything; the last where there is none.
    fileprivate var smallestChoice: Int? {
        let sizes = choices.map { choice in
            Amounts(choice.least).parts.reduce(into: [ResourceType: Int128]()) { $0[$1.type] = $1.units }
        }
        return choices.indices.last { index in
            choices.indices.allSatisfy { other in
                sizes[index].allSatisfy { type, units in units <= sizes[other][type] ?? 0 } || other == index
            }
        } ?? choices.indices.last
    }

    /// The same with the least that will do of each of its choices.
    var least: ReservationRequest {
        var request = self
        request.resources = resources.least
        request.alternatives = alternatives.map(\.least)
        return request
    }
}

extension Reservation {
    /// Whether one of its gang asks for just the same.
    fileprivate func asksTheSame(as other: Reservation) -> Bool {
        guard let mine = waiting?.request, let theirs = other.waiting?.request else { return false }
        return mine.resources == theirs.resources && mine.alternatives == theirs.alternatives
            && mine.same == theirs.same
            && mine.affinity == theirs.affinity && mine.antiAffinity == theirs.antiAffinity
            && mine.labels == theirs.labels
    }
}
