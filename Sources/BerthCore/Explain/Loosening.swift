internal import BerthJSON
internal import BerthModel

/// Without one of the conditions that a request makes.
extension Explaining {
    /// So many values of a fact are tried, and so many NUMA nodes.
    private static let mostValues = 8

    /// Conditions on the units of each type, and whole cores.
    mutating func loosen(_ resources: Resources, _ index: Int, _ capacity: Capacity) {
        var isMoved = false
        for (place, ask) in resources.asks.enumerated() {
            for (name, constraint) in ask.constraints.sorted(by: { $0.key < $1.key }) {
                if name == "numa", move(resources, [place], constraint, index, capacity) {
                    isMoved = true
                } else {
                    loosen(resources, place, name, constraint, index, capacity)
                }
            }
        }
        loosenDisks(resources, index, capacity)
        let bound = resources.asks.indices.filter { resources.asks[$0].constraints["numa"] != nil }
        if !isMoved, bound.count > 1, let first = resources.asks[bound[0]].constraints["numa"] {
            _ = move(resources, bound, first, index, capacity)
        }
        if let place = resources.asks.firstIndex(where: { $0.type == .cpu && $0.exclusive }) {
            var changed = resources
            changed.asks[place].exclusive = false
            // Shared time lies nowhere.
            changed.asks[place].constraints = [:]
            changed.asks[place].preferences = [:]
            tell(.shared, changed, index)
        }
    }

    /// The same of disks that are chosen by what they are.
    private mutating func loosenDisks(_ resources: Resources, _ index: Int, _ capacity: Capacity) {
        for (place, ask) in resources.disks.enumerated() {
            for (name, constraint) in ask.constraints.sorted(by: { $0.key < $1.key }) {
                var changed = resources
                changed.disks[place].constraints[name] = nil
                guard let grant = trial.grant(only(changed)) else { continue }
                let chosen = capacity.disks.filter { disk in grant.storage.contains { $0.device == disk.name } }
                var there: [JSONValue] = []
                for value in chosen.compactMap({ $0.capabilities[name] })
                where !there.contains(value) && !constraint.holds(of: value) { there.append(value) }
                let what = Change.What.fact(.storage, name, asked: constraint, instead: nil, there: there)
                found.append(Change(what, replacing(index, with: changed), choice: index))
            }
        }
    }

    /// What must be so of a unit, without that: and what there is instead.
    private mutating func loosen(
        _ resources: Resources, _ place: Int, _ name: String, _ constraint: Constraint, _ index: Int,
        _ capacity: Capacity
    ) {
        let type = resources.asks[place].type
        var changed = resources
        changed.asks[place].constraints[name] = nil
        guard let grant = trial.grant(only(changed)) else { return }
        let units = type == .network ? capacity.interfaces : capacity.wholeUnits(type)
        var instead: Constraint?
        for nearer in constraint.nearer(among: units.compactMap { $0.capabilities[name] }).prefix(Self.mostValues) {
            changed.asks[place].constraints[name] = nearer
            if trial.grant(only(changed)) != nil {
                instead = nearer
                break
            }
            changed.asks[place].constraints[name] = nil
        }
        let names = Set(grant[type]?.units.map(\.name) ?? [])
        var there: [JSONValue] = []
        for unit in units where names.contains(unit.name) && there.count < Self.mostValues {
            if let value = unit.capabilities[name], !there.contains(value) { there.append(value) }
        }
        let what = Change.What.fact(type, name, asked: constraint, instead: instead, there: there)
        found.append(Change(what, replacing(index, with: changed), choice: index))
    }

    /// Another NUMA node for some types; false where none will do.
    private mutating func move(
        _ resources: Resources, _ places: [Int], _ constraint: Constraint, _ index: Int, _ capacity: Capacity
    ) -> Bool {
        let known = CPUSet(capacity.topology.groups(.node).map(\.id)).union(CPUSet(capacity.nodeMemory.keys))
        let others = known.filter { !constraint.holds(of: JSONValue($0)) }
        for node in others.prefix(Self.mostValues) {
            var changed = resources
            for place in places { changed.asks[place].constraints["numa"] = Constraint(integerLiteral: Int64(node)) }
            guard trial.grant(only(changed)) != nil else { continue }
            let types = places.map { resources.asks[$0].type }
            let what = Change.What.node(types, asked: constraint, node: node)
            found.append(Change(what, replacing(index, with: changed), choice: index))
            return true
        }
        return false
    }

    private mutating func tell(_ what: Change.What, _ resources: Resources, _ index: Int) {
        guard trial.grant(only(resources)) != nil else { return }
        found.append(Change(what, replacing(index, with: resources), choice: index))
    }

    /// Not on one node, and not where others are or are not.
    mutating func separate() {
        func tell(_ what: Change.What, _ changed: ReservationRequest) {
            if trial.grant(changed) != nil { found.append(Change(what, changed)) }
        }
        if request.same != nil {
            var changed = request
            changed.same = nil
            tell(.same, changed)
        }
        for (place, affinity) in request.affinity.enumerated() where !affinity.isPreferred {
            var changed = request
            changed.affinity.remove(at: place)
            tell(.near(affinity, isApart: false), changed)
        }
        for (place, affinity) in request.antiAffinity.enumerated() where !affinity.isPreferred {
            var changed = request
            changed.antiAffinity.remove(at: place)
            tell(.near(affinity, isApart: true), changed)
        }
    }
}

extension Constraint {
    /// The same bound at values that there are, the nearest to it first: of `>=40GiB` the largest that is less. Nothing for
    /// what is no bound.
    fileprivate func nearer(among values: [JSONValue]) -> [Constraint] {
        guard case .string(let text) = json, let sign = text.first, sign == ">" || sign == "<" else { return [] }
        let numbers = Set(
            values.compactMap { value -> Int64? in
                guard case .number(let number) = value, !holds(of: value) else { return nil }
                return number.int64
            }
        ).sorted()
        // As it was written: in bytes, in bits, or as a bare number.
        let measure: Measure = text.contains("i") && !text.hasSuffix("bit") ? .bytes : .bitsPerSecond
        let isBare = text.utf8.last.map { 0x30...0x39 ~= $0 } ?? true
        return (sign == ">" ? numbers.reversed() : numbers).map { number in
            let isPlain = isBare || !(0...Quantity.largest.units ~= number)
            return Constraint(stringLiteral: "\(sign)=\(isPlain ? "\(number)" : measure.text(Quantity(number)))")
        }
    }
}
