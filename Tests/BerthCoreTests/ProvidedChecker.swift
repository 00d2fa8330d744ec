import BerthCore
import BerthModel

/// Says what is wrong with what is held of units, in other code than the core's: it knows by their names alone which units are
/// the same piece of hardware.
struct ProvidedChecker {
    let reservations: [Reservation]
    let capacity: Capacity
    let holdings: Holdings
    /// The types that a plugin provides or extends.
    let offered: Set<ResourceType>

    private struct Held {
        let name: String
        let by: ReservationID
        let quantity: Quantity
    }

    /// Everything that is wrong.
    var problems: [String] {
        let types = Set(ProvidedDrawing.types).union(capacity.provided.keys)
        return types.sorted().flatMap(problems) + types.sorted().flatMap(leftovers)
    }

    private func held(_ type: ResourceType) -> [Held] {
        reservations.flatMap { reservation in
            (reservation.grant[type]?.units ?? []).map {
                Held(name: $0.name, by: reservation.id, quantity: $0.quantity)
            }
        }
    }

    private func problems(_ type: ResourceType) -> [String] {
        let held = held(type)
        var problems: [String] = []
        for (place, one) in held.enumerated() {
            for another in held[..<place] where ProvidedChecker.overlap(one.name, another.name) {
                // Shares of one GPU lie beside each other.
                let areShares = [one, another].allSatisfy { $0.quantity < type.whole }
                if areShares, one.name == another.name, one.by != another.by { continue }
                problems.append("\(type) \(one.name) of \(one.by) is held beside \(another.name) of \(another.by)")
            }
        }
        var sums: [String: Quantity] = [:]
        for unit in held { sums[unit.name] = (sums[unit.name] ?? .zero) + unit.quantity }
        if sums != holdings.units[type] ?? [:] { problems.append("the sums of \(type) are not what is held") }
        if holdings[type] != sums.values.reduce(.zero, +) { problems.append("the sum of \(type) is not what is held") }
        for reservation in reservations {
            guard let hold = reservation.grant[type] else { continue }
            if hold.amount != hold.units.map(\.quantity).reduce(.zero, +) {
                problems.append("the units of \(reservation.id) are not its amount of \(type)")
            }
        }
        let units = capacity.wholeUnits(type)
        if Set(units.map(\.name)).count != units.count { problems.append("a \(type) is there twice") }
        for name in sums.keys.sorted() where !units.contains(where: { $0.name == name }) {
            problems.append("\(type) \(name) is held, and there is none")
        }
        for (name, sum) in sums.sorted(by: { $0.key < $1.key }) where sum > type.whole {
            problems.append("more than the whole of \(type) \(name) is held")
        }
        if sums.count > units.count { problems.append("less than no \(type) is free") }
        return problems
    }

    /// What is there and should not be.
    private func leftovers(_ type: ResourceType) -> [String] {
        let names = Set(held(type).map(\.name))
        let units = capacity.provided[type]
        var problems = (units ?? []).filter { $0.withdrawn != nil && !names.contains($0.name) }.map {
            "\(type) \($0.name) is withdrawn, and nobody holds it"
        }
        if offered.contains(type) {
            if units == nil { problems.append("\(type) is unknown, and a plugin provides it") }
            return problems
        }
        if let units, units.isEmpty { problems.append("\(type) is known, without units and without a plugin") }
        if units?.contains(where: { $0.withdrawn == nil }) == true {
            problems.append("\(type) has units that are not withdrawn, without a plugin")
        }
        return problems
    }

    /// Whether two units are the same thing, or one has a part of the other. A plugin's parts and those of the kernel may be
    /// the same ones.
    private static func overlap(_ one: String, _ another: String) -> Bool {
        guard one != another else { return true }
        func whole(_ name: String) -> Substring { name.prefix { $0 != "/" && $0 != ":" } }
        guard whole(one) == whole(another) else { return false }
        return one == whole(one) || another == whole(another) || one.contains("/") != another.contains("/")
    }

    /// What is wrong with what a command newly gave to a reservation.
    static func problems(
        with change: Event.Change, of reservations: [ReservationID: Reservation], in capacity: Capacity
    ) -> [String] {
        let (former, grant): (Grant, Grant)
        switch change {
        case .granted(let reservation): (former, grant) = (Grant([]), reservation.grant)
        case .resized(let id, let resized): (former, grant) = (reservations[id]?.grant ?? Grant([]), resized)
        default: return []
        }
        return ProvidedDrawing.types.flatMap { type -> [String] in
            guard let hold = grant[type] else { return [] }
            let kept = Set(former[type]?.units.map(\.name) ?? [])
            let units = capacity.wholeUnits(type)
            return hold.units.map(\.name).filter { !kept.contains($0) }.flatMap { name -> [String] in
                guard let unit = units.first(where: { $0.name == name }) else {
                    return ["\(name) is granted, and unknown"]
                }
                var problems: [String] = []
                let isShare = hold.units.contains { $0.quantity < type.whole }
                if isShare, name.contains("/") || name.contains(":") {
                    problems.append("a share of \(name) is granted")
                }
                if let failure = unit.failure { problems.append("\(name) is granted, and failed: \(failure)") }
                if (unit.parent != nil) != (hold.constraints["partition"] != nil) {
                    problems.append("\(name) is granted, and is not what was asked for")
                }
                return problems
            }
        }
    }
}
