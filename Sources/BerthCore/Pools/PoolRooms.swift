internal import BerthModel

/// What one pool may take at each of some moments.
struct PoolRooms {
    /// The pool.
    let name: PoolName
    private let moments: [(room: PoolRoom, held: Holdings)]
    /// What it may take where nobody holds anything.
    private let whole: PoolRoom
    /// The types that pools say anything of.
    private let types: Set<ResourceType>
    private let capacity: Capacity
    private let unmanaged: Quantity?

    fileprivate init(
        _ name: PoolName, _ moments: [(held: Holdings, pools: PoolHoldings)], _ pools: Pools, _ capacity: Capacity,
        _ unmanaged: Quantity?
    ) {
        self.name = name
        self.capacity = capacity
        self.unmanaged = unmanaged
        self.moments = moments.map { (PoolRoom(name, of: pools, beside: $0.pools), $0.held) }
        whole = PoolRoom(name, of: pools, beside: PoolHoldings())
        types = pools.types
    }

    /// How far the pool is short for what is asked.
    /// - Parameters:
    ///   - amounts: what is asked of each type
    ///   - current: what the same reservation holds, which it may always keep
    func shortfalls(_ amounts: Amounts, keeping current: Grant? = nil) -> [Shortfall] {
        amounts.parts.compactMap { part in
            guard types.contains(part.type), let most = most(of: part.type), part.units > most,
                part.units > Int128(current?[part.type]?.amount.units ?? 0)
            else { return nil }
            var shortfall = Shortfall(
                part.type, asked: Quantity(Int64(clamping: part.units)), free: Quantity(Int64(clamping: most)),
                capacity: Quantity(Int64(clamping: largest(part.type) ?? Int128(Int64.max))))
            shortfall.pool = name
            return shortfall
        }
    }

    /// Whether so much of a type is what the pool is guaranteed and does not hold, at every one of the moments.
    func isOwn(_ amount: Int128, of type: ResourceType) -> Bool {
        moments.allSatisfy { $0.room.isOwn(amount, of: type) }
    }

    /// The outermost pool whose own bound keeps so much from being taken; nil where the host is short of it.
    func bound(on amount: Int128, of type: ResourceType) -> PoolName? {
        var bound: PoolName?
        for moment in moments {
            switch moment.room.bound(
                on: amount, of: type,
                free: capacity.without(moment.held.withheld).free(of: type, beside: moment.held, unmanaged))
            {
            case .host: return nil
            case .pool(let name): bound = name
            case .none: break
            }
        }
        return bound
    }

    /// The most that may be taken of a type at every one of the moments; nil where there is no bound.
    func most(of type: ResourceType) -> Int128? {
        moments.compactMap { moment in
            let free = capacity.without(moment.held.withheld).free(of: type, beside: moment.held, unmanaged)
            return moment.room.most(of: type, free: free)
        }.min()
    }

    /// The most that it could ever hold of a type; nil where there is no bound.
    func largest(_ type: ResourceType) -> Int128? {
        whole.most(of: type, free: capacity.free(of: type, beside: Holdings(), nil))
    }
}

extension State {
    /// What a pool may take at each of some moments; nil where it may take all that is free.
    func rooms(for name: PoolName, at moments: [(held: Holdings, pools: PoolHoldings)]) -> PoolRooms? {
        guard hasPools, let capacity else { return nil }
        return PoolRooms(name, moments, pools, capacity, unmanagedMemory)
    }

    /// What a pool may take now; nil where it may take all that is free.
    func rooms(for name: PoolName) -> PoolRooms? { rooms(for: name, at: [(holdings, poolHoldings)]) }

    /// What a pool may take where nobody holds anything; nil where it may take all.
    func wholeRooms(for name: PoolName) -> PoolRooms? { rooms(for: name, at: [(Holdings(), PoolHoldings())]) }
}

extension Capacity {
    /// How much of a type nobody holds; nil where there is no end of it.
    func free(of type: ResourceType, beside held: Holdings, _ unmanaged: Quantity?) -> Int128? {
        switch type {
        case .cpu: return Int128((cpu - reservedCPU - held.cpu).units)
        case .memory: return Int128((memory - max(reservedMemory, unmanaged ?? .zero) - held.memory).units)
        case .pids: return pids.map { Int128(($0 - held.pids).units) }
        case .network, .storage: return nil
        default:
            let units = wholeUnits(type)
            let taken = TakenUnits(type, units, held.units[type] ?? [:])
            return units.reduce(0) { sum, unit in
                unit.failure == nil && !unit.isPart ? sum + Int128(taken.room(on: unit).units) : sum
            }
        }
    }
}
