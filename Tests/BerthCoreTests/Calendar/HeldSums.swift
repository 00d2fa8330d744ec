import BerthCore
import BerthModel

/// What is held at one moment, added up in other code than the core's.
struct HeldSums {
    private var all = Amounts()
    private var ofPools: [PoolName: Amounts] = [:]
    private var units: [String: Int64] = [:]
    private var owners: [Int: Int] = [:]

    /// Takes something to be held, in these pools.
    mutating func add(_ grant: Grant, in pools: [Pool] = []) {
        let amounts = Amounts(grant)
        all.add(amounts)
        for pool in pools { ofPools[pool.name, default: Amounts()].add(amounts) }
        for hold in grant.holds {
            for share in hold.units { units[share.name, default: 0] += share.quantity.units }
            for cpu in hold.cpus.map(Array.init) ?? [] { owners[cpu, default: 0] += 1 }
        }
    }

    /// The same of what is asked, on whatever units.
    mutating func add(_ asked: Resources, in pools: [Pool]) {
        all.add(Amounts(asked))
        for pool in pools { ofPools[pool.name, default: Amounts()].add(Amounts(asked)) }
    }

    /// What there is too little of; nil where all of it can be held at once.
    func excess(of pools: Pools) -> String? {
        for (type, most) in PoolDrawing.whole where all[type] > Int128(most) {
            return "\(all[type]) \(type) of \(most)"
        }
        if let unit = units.first(where: { $0.value > 1000 }) { return "\(unit.value) of \(unit.key)" }
        if let cpu = owners.first(where: { $0.value > 1 }) { return "CPU \(cpu.key) for \(cpu.value)" }
        for (name, amounts) in ofPools {
            for type in pools.types {
                guard let most = pools[name]?.most(of: type), amounts[type] > Int128(most.units) else { continue }
                return "\(amounts[type]) \(type) of \(most) in \(name)"
            }
        }
        return nil
    }
}

extension MaintenanceWindow {
    /// Whether a grant holds anything of what it covers.
    func touches(_ grant: Grant) -> Bool {
        guard !covers.isEverything else { return !grant.holds.isEmpty || !grant.storage.isEmpty }
        return grant.holds.contains { hold in
            covers.types.contains(hold.type)
                || hold.units.contains { covers.units[hold.type]?.contains($0.name) == true }
        }
    }
}
