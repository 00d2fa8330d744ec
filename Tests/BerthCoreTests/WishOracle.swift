import BerthCore
import BerthJSON
import BerthModel

/// What a request must be granted, in other code than the core's: by sums over what is held, type by type.
struct WishOracle {
    /// Everything that is held by others.
    let others: [Reservation]
    let capacity: Capacity
    let caller: Caller

    /// Which units and nodes may be used.
    struct Place {
        var nodes: Set<Int>?
        var outside: Set<Int> = []
        var units: [ResourceType: Set<String>] = [:]
        var unitsOutside: [ResourceType: Set<String>] = [:]

        func allows(_ node: Int) -> Bool { nodes?.contains(node) != false && !outside.contains(node) }
        func allows(_ unit: Capacity.Unit, _ type: ResourceType) -> Bool {
            unit.node.map(allows) != false && units[type]?.contains(unit.name) != false
                && unitsOutside[type]?.contains(unit.name) != true
        }
    }

    /// The amounts of a choice, by type; nil where not even the least fits.
    func amounts(_ resources: Resources, _ place: Place) -> [ResourceType: Int64]? {
        var amounts: [ResourceType: Int64] = [:]
        for ask in resources.asks {
            var room = room(ask, place)
            if let cap = caller.caps.quantities[ask.type] {
                room = min(room, cap.units - own.compactMap { $0[ask.type]?.amount.units }.reduce(0, +))
            }
            let least = whole((ask.minimum ?? ask.amount).units, ask, up: true)
            guard least <= room else { return nil }
            amounts[ask.type] = min(whole(ask.amount.units, ask, up: true), whole(room, ask, up: false))
        }
        return amounts
    }

    private var own: [Grant] { others.filter { $0.user == caller.user }.map(\.grant) }
    private var holds: [Hold] { others.flatMap(\.grant.holds) }
    private func held(_ type: ResourceType) -> Int64 {
        holds.filter { $0.type == type }.map(\.amount.units).reduce(0, +)
    }

    /// Whole cores of two threads, whole GPUs.
    private func whole(_ units: Int64, _ ask: Ask, up: Bool) -> Int64 {
        let step: Int64 = ask.type == .gpu && !WishOracle.isShare(ask) ? 1000 : ask.exclusive ? 2000 : 1
        return (units + (up ? step - 1 : 0)) / step * step
    }

    private func room(_ ask: Ask, _ place: Place) -> Int64 {
        func isWanted(_ node: Int) -> Bool { ask.constraints["numa"]?.holds(of: JSONValue(node)) != false }
        let cpuLeft = capacity.cpu.units - capacity.reservedCPU.units - held(.cpu)
        switch ask.type {
        case .cpu:
            guard ask.exclusive else { return cpuLeft }
            let taken = Set(holds.flatMap { $0.cpus.map(Array.init) ?? [] })
            var shared =
                capacity.reservedCPU.units
                + holds.filter { $0.cpus == nil && $0.type == .cpu }
                .map(\.amount.units).reduce(0, +)
            var free: Int64 = 0
            for core in 0..<4 where !taken.contains(2 * core) {
                if shared > 0 { shared -= 2000 } else if place.allows(core / 2), isWanted(core / 2) { free += 2000 }
            }
            return min(free, cpuLeft / 1000 * 1000)
        case .memory:
            let left = capacity.memory.units - capacity.reservedMemory.units - held(.memory)
            guard ask.constraints["numa"] != nil else { return left }
            let rooms = (0...1).filter { isWanted($0) && place.allows($0) }.map { node in
                let bound = holds.filter { $0.type == .memory && $0.nodes == [node] }.map(\.amount.units).reduce(0, +)
                return (capacity.nodeMemory[node]?.units ?? 0) - bound
            }
            return rooms.max().map { min(left, $0) } ?? 0
        case .pids: return (capacity.pids?.units ?? 0) - held(.pids)
        case .network:
            let rooms = capacity.interfaces.filter { $0.failure == nil && place.allows($0, .network) }.map { unit in
                (unit.capacity?.units ?? 0)
                    - holds.flatMap(\.units).filter { $0.name == unit.name }.map(\.quantity.units).reduce(0, +)
            }
            return rooms.max() ?? 0
        default:
            let rooms = capacity.gpus.filter { place.allows($0, .gpu) }.map(left)
            return WishOracle.isShare(ask) ? rooms.max() ?? 0 : Int64(rooms.filter { $0 == 1000 }.count) * 1000
        }
    }

    /// Whether a share of one GPU will do.
    private static func isShare(_ ask: Ask) -> Bool { ask.type == .gpu && (ask.minimum ?? ask.amount) < Quantity(1000) }

    /// How much of a GPU nobody holds.
    func left(of unit: Capacity.Unit) -> Int64 {
        1000 - holds.flatMap(\.units).filter { $0.name == unit.name }.map(\.quantity.units).reduce(0, +)
    }
}

// MARK: - What others say of places

extension WishOracle {
    func targets(_ affinity: Affinity) -> [Reservation] {
        others.filter { $0.isLive && ($0.user == caller.user || caller.isAdmin) }.filter { reservation in
            switch affinity.target {
            case .reservation(let id): reservation.id == id
            case .labels(let labels): labels.allSatisfy { reservation.labels[$0.key] == $0.value }
            }
        }
    }

    /// The nodes that a grant touches.
    func nodes(_ grant: Grant) -> Set<Int> {
        var nodes: Set<Int> = []
        for hold in grant.holds {
            nodes.formUnion(hold.cpus?.map { $0 / 4 } ?? [])
            if hold.type == .memory { nodes.formUnion(hold.nodes.map(Array.init) ?? []) }
            for unit in capacity.gpus + capacity.interfaces where hold.units.contains(where: { $0.name == unit.name }) {
                unit.node.map { _ = nodes.insert($0) }
            }
        }
        return nodes
    }

    /// Where a request may lie by one thing that it says of others, besides.
    func narrow(_ place: Place, _ affinity: Affinity, isApart: Bool) -> Place {
        var place = place
        let targets = targets(affinity)
        if affinity.scope == .numa {
            let theirs = Set(targets.flatMap { nodes($0.grant) })
            if isApart {
                place.outside.formUnion(theirs)
            } else {
                place.nodes = place.nodes?.intersection(theirs) ?? theirs
            }
        } else {
            for type in [ResourceType.gpu, .network] {
                let theirs = Set(targets.flatMap { $0.grant[type]?.units.map(\.name) ?? [] })
                guard !theirs.isEmpty else { continue }
                if isApart {
                    place.unitsOutside[type, default: []].formUnion(theirs)
                } else {
                    place.units[type] = place.units[type]?.intersection(theirs) ?? theirs
                }
            }
        }
        return place
    }

    /// Whether something is asked that can lie where the request says of others.
    private func hasPlace(_ resources: Resources, _ request: ReservationRequest) -> Bool {
        func lies(_ affinity: Affinity, isApart: Bool) -> Bool {
            let targets = targets(affinity)
            if affinity.isPreferred || targets.isEmpty && !isApart { return true }
            return resources.asks.contains { ask in
                switch ask.type {
                case .gpu, .network:
                    affinity.scope == .numa || isApart || targets.contains { $0.grant[ask.type] != nil }
                case .cpu: affinity.scope == .numa && ask.exclusive
                case .memory: affinity.scope == .numa && ask.constraints["numa"] != nil
                default: false
                }
            }
        }
        return request.affinity.allSatisfy { lies($0, isApart: false) }
            && request.antiAffinity.allSatisfy { lies($0, isApart: true) }
    }

    /// Where a request must lie; nil where what it says of others cannot be met at all.
    func place(_ request: ReservationRequest) -> Place? {
        var place = Place()
        for affinity in request.affinity where !affinity.isPreferred {
            let targets = targets(affinity)
            if targets.isEmpty {
                guard case .labels(let labels) = affinity.target,
                    labels.allSatisfy({ request.labels[$0.key] == $0.value })
                else { return nil }
                continue
            }
            let holdsUnits = targets.contains { $0.grant[.gpu] != nil || $0.grant[.network] != nil }
            let isThere = affinity.scope == .unit ? holdsUnits : targets.contains { !nodes($0.grant).isEmpty }
            guard isThere else { return nil }
            place = narrow(place, affinity, isApart: false)
        }
        for affinity in request.antiAffinity where !affinity.isPreferred {
            place = narrow(place, affinity, isApart: true)
        }
        return place
    }
}

// MARK: - What is wrong with a decision

extension WishOracle {
    /// Everything that is wrong with what was decided about a request that makes sense.
    func problems(_ request: ReservationRequest, _ granted: Reservation?) -> [String] {
        let place = place(request)
        let fitting = place.flatMap { place in
            request.choices.enumerated().lazy.filter { hasPlace($1, request) }.compactMap { index, resources in
                self.amounts(resources, place).map { (index, resources, $0) }
            }.first
        }
        guard let granted else { return fitting.map { ["choice \($0.0) fits, and is refused"] } ?? [] }
        guard let place, let (index, resources, amounts) = fitting else { return ["it does not fit, and is granted"] }
        guard index == (granted.alternative.map { $0 + 1 } ?? 0) else {
            return ["choice \(index) fits, and \(granted.alternative.map { $0 + 1 } ?? 0) is granted"]
        }
        var problems = WishOracle.problems(granted)
        for ask in resources.asks where granted.grant[ask.type]?.amount.units != amounts[ask.type] {
            let held = granted.grant[ask.type]?.amount.units ?? 0
            problems.append("\(held) of \(ask.type) is granted, and \(amounts[ask.type] ?? 0) fits")
        }
        problems += misplaced(granted.grant, place).map { "\($0), where it must not lie" }
        problems += request.affinity.filter(\.isPreferred).prefix(1).flatMap { affinity -> [String] in
            let better = narrow(place, affinity, isApart: false)
            let isThere = !targets(affinity).isEmpty && (affinity.scope == .unit || better.nodes?.isEmpty == false)
            guard isThere, self.amounts(resources, better) == amounts else { return [] }
            return misplaced(granted.grant, better).map { "\($0), and could lie where it would rather" }
        }
        if let ask = resources[.gpu], let model = ask.preferences["model"], let hold = granted.grant[.gpu] {
            let share = min(hold.amount.units, 1000)
            let better = capacity.gpus.filter { unit in
                model.holds(of: unit.capabilities["model"]) && place.allows(unit, .gpu) && left(of: unit) >= share
            }.map(\.name)
            let taken = hold.units.filter { better.contains($0.name) }.count
            let wanted = min(hold.units.count, better.count)
            let isBound =
                request.affinity.contains(where: \.isPreferred) || request.antiAffinity.contains(where: \.isPreferred)
            if taken < wanted, !isBound { problems.append("\(taken) GPUs are as preferred, and \(wanted) could be") }
        }
        return problems
    }

    /// What is wrong with what a reservation says of itself.
    static func problems(_ reservation: Reservation) -> [String] {
        var problems: [String] = []
        var isPartial = false
        for hold in reservation.grant.holds {
            let asked = hold.asked ?? hold.amount
            if hold.amount < asked { isPartial = true }
            if hold.amount < hold.minimum ?? asked { problems.append("\(hold.type) is less than the minimum") }
        }
        if reservation.isLive, isPartial != (reservation.state == .partial) {
            problems.append("it is \(reservation.state), and holds \(isPartial ? "a part" : "all")")
        }
        return problems
    }

    private func misplaced(_ grant: Grant, _ place: Place) -> [String] {
        let nodes = nodes(grant).filter { !place.allows($0) }.map { "it lies on node \($0)" }
        return nodes
            + grant.holds.flatMap { hold in
                (capacity.gpus + capacity.interfaces).filter { unit in
                    hold.units.contains { $0.name == unit.name } && !place.allows(unit, hold.type)
                }.map { "it holds \($0.name)" }
            }
    }
}
