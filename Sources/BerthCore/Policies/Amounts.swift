package import BerthModel

/// How much of each type, added up exactly however much it is: what is held, what is asked, what was used.
///
/// Only what a type as a whole has is counted; rates of disks are not.
package struct Amounts: Hashable, Sendable {
    /// One type's sum, in the base unit of its measure.
    package struct Part: Hashable, Sendable {
        package var type: ResourceType
        package var units: Int128
    }

    /// What there is more or less than nothing of, by the names of the types.
    package private(set) var parts: [Part] = []

    package init() {}

    /// What is asked.
    package init(_ resources: Resources) {
        for ask in resources.asks { add(Int128(ask.amount.units), of: ask.type) }
    }

    /// What is held.
    package init(_ grant: Grant) {
        for hold in grant.holds { add(Int128(hold.amount.units), of: hold.type) }
    }

    /// What several hold together.
    init(_ grants: [Grant]) {
        for hold in grants.flatMap(\.holds) { add(Int128(hold.amount.units), of: hold.type) }
    }

    /// The least that a request will do with, of each type.
    init(leastOf request: ReservationRequest) {
        let choices = request.choices.map { Amounts($0.least) }
        for part in choices.first?.parts ?? [] {
            add(choices.map { $0[part.type] }.min() ?? 0, of: part.type)
        }
    }

    /// How much of one type.
    package subscript(type: ResourceType) -> Int128 { parts.first { $0.type == type }?.units ?? 0 }

    /// Adds units of one type; negative ones are taken away.
    package mutating func add(_ units: Int128, of type: ResourceType) {
        guard units != 0, type != .storage else { return }
        // A handful of types: looking at each is faster than hashing.
        guard let place = parts.firstIndex(where: { $0.type.name >= type.name }) else {
            parts.append(Part(type: type, units: units))
            return
        }
        guard parts[place].type == type else {
            parts.insert(Part(type: type, units: units), at: place)
            return
        }
        parts[place].units += units
        if parts[place].units == 0 { parts.remove(at: place) }
    }

    /// Adds all of the other, so many times.
    package mutating func add(_ other: Amounts, times factor: Int128 = 1) {
        for part in other.parts { add(part.units * factor, of: part.type) }
    }

    /// The largest share that it is of any one type: the dominant share (Ghodsi et al., "Dominant Resource Fairness",
    /// NSDI 2011). What there is nothing of, or nobody knows how much, does not count.
    package func dominantShare(of totals: Amounts) -> Double {
        var most = 0.0
        for part in parts {
            let total = totals[part.type]
            guard total > 0 else { continue }
            most = max(most, Double(rounding: part.units) / Double(rounding: total))
        }
        return most
    }
}

extension Double {
    /// The nearest to a number, at a tenth of the cost where 64 bits hold it: who goes first is a matter of shares.
    fileprivate init(rounding units: Int128) {
        if let small = Int64(exactly: units) { self.init(small) } else { self.init(units) }
    }
}

extension Capacity {
    /// How much of each type the host has in all.
    var totals: Amounts {
        var totals = Amounts()
        totals.add(Int128(cpu.units), of: .cpu)
        totals.add(Int128(memory.units), of: .memory)
        totals.add(Int128(pids?.units ?? 0), of: .pids)
        totals.add(interfaces.reduce(0) { $0 + Int128($1.capacity?.units ?? 0) }, of: .network)
        for type in Set(provided.keys).union([.gpu]) {
            let whole = wholeUnits(type).filter { $0.parent == nil }.count
            totals.add(Int128(whole) * Int128(type.whole.units), of: type)
        }
        return totals
    }
}
