package import BerthModel

/// Why those units: what a choice comes to by one of the things that its strategy goes by, beside the first that fit by number.
package struct UnitReason: Hashable, Sendable {
    /// What counts.
    package enum Measure: String, Hashable, Sendable, CaseIterable {
        /// What is touched, as little as possible.
        case nodes = "numa_nodes"
        case packages
        case dies
        case caches = "l3_caches"
        /// PCIe switches that GPUs, interfaces and others' units lie on; one on none counts for itself.
        case switches = "pcie_switches"
        /// What is left to those who come later, as much as possible: requests of the commonest shapes, over all rows of them
        /// that are tried.
        case later = "requests_left"
        /// Of the commonest shapes, those that no node has room for any more.
        case shapes = "shapes_lost"
        /// Room on GPUs, in thousandths, and CPUs, that are of no use to the commonest shapes any more, each counted as often as
        /// its shape is common.
        case gpuRoom = "gpu_room_lost"
        case cpus = "cpus_lost"
        /// The distances between the nodes, as the firmware has them, in sum.
        case distance
        /// How full the fullest is of what it takes a part of, in thousandths: NUMA nodes, GPUs and interfaces.
        case fullest
    }

    /// The first thing that counts and tells them apart.
    package var measure: Measure
    /// What it is of the units that were chosen.
    package var chosen: Int64
    /// What it would be of the first that fit.
    package var first: Int64
    /// The first that fit.
    package var instead: Grant
}

extension State {
    /// Why a grant has those units, and not the first that fit by number; nil where it has those, or nothing but their numbers
    /// tells them apart.
    /// - Parameters:
    ///   - granted: what would be granted
    ///   - id: its id, that nobody has
    ///   - request: what it was asked by
    ///   - caller: whose it is
    func reason(
        for granted: Reservation, _ id: ReservationID, _ request: ReservationRequest, _ caller: Caller, _ now: Now
    ) -> UnitReason? {
        guard let strategy = granted.choice?.strategy, strategy != .greedy, request.gang == nil else { return nil }
        var quick = request.only(granted.alternative.map { $0 + 1 } ?? 0)
        quick.strategy = .greedy
        guard let first = decide(.reserve(id, quick, caller, nil), now).granted?.grant,
            !first.hasUnits(of: granted.grant)
        else { return nil }
        let placement: Placement
        do throws(Refusal) { placement = try self.placement(beside: holdings, strategy, request.same) } catch {
            return nil
        }
        let measures = strategy == .balanced ? placement.fullest : placement.costs
        let (chosen, other) = (measures(granted.grant), measures(first))
        for (mine, theirs) in zip(chosen, other) where mine.value != theirs.value {
            // Wishes, and those who wait, may have led elsewhere.
            guard mine.measure == .later ? mine.value > theirs.value : mine.value < theirs.value else { return nil }
            return UnitReason(measure: mine.measure, chosen: mine.value, first: theirs.value, instead: first)
        }
        return nil
    }
}

extension Grant {
    /// Whether it has the CPUs, the units and the nodes of another.
    fileprivate func hasUnits(of other: Grant) -> Bool {
        holds.elementsEqual(other.holds) { mine, theirs in
            mine.type == theirs.type && mine.cpus == theirs.cpus && mine.nodes == theirs.nodes
                && Set(mine.units) == Set(theirs.units)
        }
    }
}

extension Placement {
    /// What a grant costs by all that `optimized` goes by, in its order.
    fileprivate func costs(_ grant: Grant) -> [(measure: UnitReason.Measure, value: Int64)] {
        var placed = Placed()
        placed.grant = grant
        placed.nodes = capacity.nodes(of: grant)
        placed.switches = capacity.switches(of: grant)
        return zip(Placement.counted, cost(of: placed, HostRest(self))).map { measure, cost in
            // A cost is what is to be little.
            (measure, measure == .later ? -cost : cost)
        }
    }

    /// How full the fullest of what it takes a part of would be, in thousandths.
    fileprivate func fullest(_ grant: Grant) -> [(measure: UnitReason.Measure, value: Int64)] {
        var sum = held
        sum.add(grant)
        var most: Int64 = 0
        func take(_ part: Int64, of whole: Int64) { if whole > 0 { most = max(most, part * 1000 / whole) } }
        for group in capacity.topology.groups(.node) {
            let cpus = grant[.cpu]?.cpus ?? CPUSet()
            guard !cpus.intersection(group.cpus).isEmpty else { continue }
            take(Int64(sum.exclusiveCPUs.intersection(group.cpus).count), of: Int64(group.cpus.count))
        }
        for node in grant[.memory]?.nodes ?? CPUSet() {
            take(sum.nodeMemory[node]?.units ?? 0, of: capacity.nodeMemory[node]?.units ?? 0)
        }
        for hold in grant.holds where hold.type == .gpu || hold.type.isProvided {
            let units = capacity.wholeUnits(hold.type).filter { $0.failure == nil && $0.parent == nil }
            let taken = sum.units[hold.type] ?? [:]
            let names = Set(hold.units.map(\.name))
            if hold.amount < hold.type.whole {
                for unit in units where names.contains(unit.name) {
                    take(taken[unit.name]?.units ?? 0, of: hold.type.whole.units)
                }
                continue
            }
            for (_, beside) in Dictionary(grouping: units, by: { $0.node ?? -1 })
            where beside.contains(where: { names.contains($0.name) }) {
                let part = beside.reduce(Int64(0)) { $0 + (taken[$1.name]?.units ?? 0) }
                take(part, of: Int64(beside.count) * hold.type.whole.units)
            }
        }
        for share in grant[.network]?.units ?? [] {
            let whole = capacity.interfaces.first { $0.name == share.name }?.capacity
            take(sum.network[share.name]?.units ?? 0, of: whole?.units ?? 0)
        }
        return [(.fullest, most)]
    }
}

extension Capacity {
    /// The PCIe switches that a grant lies on; a unit on none counts by its name.
    fileprivate func switches(of grant: Grant) -> Set<String> {
        var switches: Set<String> = []
        for hold in grant.holds where !hold.units.isEmpty {
            let units = hold.type == .network ? interfaces : wholeUnits(hold.type)
            for name in hold.units.map(\.name) {
                switches.insert(units.first { $0.name == name }?.pcieSwitch ?? name)
            }
        }
        return switches
    }
}
