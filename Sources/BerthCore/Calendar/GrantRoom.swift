internal import BerthModel

extension State {
    /// Whether just this can be held beside what others hold.
    /// - Parameter isHeld: whether it is held now: then what of it has failed or is offline is no matter, for nobody else gets that
    func hasRoom(for grant: Grant, beside held: Holdings, isHeld: Bool = false) -> Bool {
        guard let whole = capacity else { return false }
        let capacity = whole.without(held.withheld)
        func hasFailed(_ unit: Capacity.Unit, _ type: ResourceType) -> Bool {
            guard isHeld else { return unit.failure != nil }
            return held.withheld.contains(unit.name, of: type)
                || unit.parent.map { held.withheld.contains($0, of: type) } ?? false
        }
        var sum = held
        sum.add(grant)
        let fits = grant.holds.allSatisfy { hold in
            switch hold.type {
            case .cpu:
                if let cpus = hold.cpus {
                    guard isHeld || cpus.isSubset(of: capacity.cpus), cpus.intersection(held.exclusiveCPUs).isEmpty
                    else {
                        return false
                    }
                }
                return sum.cpu <= capacity.cpu - capacity.reservedCPU
            case .memory:
                let rest = capacity.memory - max(capacity.reservedMemory, unmanagedMemory ?? .zero)
                return sum.memory <= rest
                    && (hold.nodes ?? []).allSatisfy { node in
                        capacity.nodeMemory[node].map { sum.nodeMemory[node] ?? .zero <= $0 } ?? true
                    }
            case .pids: return capacity.pids.map { sum.pids <= $0 } ?? true
            case .network:
                return hold.units.allSatisfy { share in
                    guard let unit = capacity.interfaces.first(where: { $0.name == share.name }) else { return isHeld }
                    guard !hasFailed(unit, .network) else { return false }
                    return unit.capacity.map { sum.network[share.name] ?? .zero <= $0 } ?? true
                }
            case .storage: return true
            default:
                let units = capacity.wholeUnits(hold.type)
                let taken = TakenUnits(hold.type, units, held.units[hold.type] ?? [:])
                return hold.units.allSatisfy { share in
                    guard let unit = units.first(where: { $0.name == share.name }) else { return isHeld }
                    guard !hasFailed(unit, hold.type) else { return false }
                    return taken.hasRoom(for: share.quantity, on: unit)
                }
            }
        }
        guard fits, !grant.storage.isEmpty else { return fits }
        let rates = sum.storage
        return grant.storage.allSatisfy { ask in
            guard let disk = capacity.disk(named: ask.device) else { return true }
            guard !held.withheld.covers(disk) else { return false }
            return StorageRates.all.allSatisfy { rate in
                guard ask.rates[keyPath: rate.path] != nil, let whole = disk.rates[keyPath: rate.path] else {
                    return true
                }
                return rates[disk.name]?[keyPath: rate.path] ?? .zero <= whole
            }
        }
    }
}
