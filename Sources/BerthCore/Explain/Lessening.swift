internal import BerthModel

/// Less of what is asked: the most that fits, which is what a request is granted that says it would do with any amount.
extension Explaining {
    /// Less of one type with the others as they are; where that does not do, less of all that are short.
    mutating func lessen(_ resources: Resources, _ index: Int) {
        var base = resources.least
        for place in base.asks.indices { base.asks[place].minimum = nil }
        let short = state.shortfalls(base, beside: state.holdings)
        var isEnough = false
        for place in base.asks.indices where lessen(resources, base, [place], index) { isEnough = true }
        let (slower, rates) = slowed(base, short)
        if !rates.isEmpty, !isEnough {
            var changed = resources
            (changed.storage, changed.disks) = (slower.storage, slower.disks)
            if trial.grant(only(changed)) != nil {
                isEnough = true
                found.append(Change(.less(rates), replacing(index, with: changed), choice: index))
            }
        }
        guard !isEnough else { return }
        let types = Set(short.map(\.type))
        let places = base.asks.indices.filter { types.contains(base.asks[$0].type) }
        if lessen(resources, slower, places, index, rates) { return }
        _ = lessen(resources, slower, Array(base.asks.indices), index, rates)
    }

    /// - Parameters:
    ///   - resources: as they were asked
    ///   - base: the least of them that would have done
    ///   - places: of which asks there may be less
    ///   - rates: what was lowered already
    private mutating func lessen(
        _ resources: Resources, _ base: Resources, _ places: [Int], _ index: Int, _ rates: [Change.Less] = []
    ) -> Bool {
        var open = base
        for place in places { open.asks[place].openDown() }
        guard open != base, let grant = granted(open) ?? granted(sharing(open)) else { return false }
        var changed = resources
        (changed.storage, changed.disks) = (base.storage, base.disks)
        var less: [Change.Less] = []
        for place in places {
            let ask = base.asks[place]
            guard let held = grant[ask.type]?.amount, held < ask.amount else { continue }
            changed.asks[place].amount = held
            changed.asks[place].minimum = nil
            less.append(
                Change.Less(ask.type, ask.type.measure, asked: ask.amount, fits: held))
        }
        guard !less.isEmpty else { return false }
        found.append(Change(.less(less + rates), replacing(index, with: changed), choice: index))
        return true
    }

    private mutating func granted(_ resources: Resources?) -> Grant? {
        resources.flatMap { trial.grant(only($0)) }
    }

    /// The same where a share of one GPU would do for several; nil where there are none.
    private func sharing(_ resources: Resources) -> Resources? {
        guard let place = resources.asks.firstIndex(where: { $0.type == .gpu && $0.amount > $0.type.whole }),
            resources.asks[place].minimum != nil
        else { return nil }
        var sharing = resources
        sharing.asks[place].amount = ResourceType.gpu.whole
        sharing.asks[place].minimum = nil
        sharing.asks[place].openDown()
        return sharing.asks[place].minimum == nil ? nil : sharing
    }

    /// The rates of disks that are short, as high as they can be; nothing where a disk has nothing left.
    private func slowed(_ base: Resources, _ short: [Shortfall]) -> (Resources, [Change.Less]) {
        var slower = base
        var rates: [Change.Less] = []
        for shortfall in short where shortfall.type == .storage {
            guard let short = shortfall.disk, shortfall.free > .zero,
                let rate = StorageRates.all.first(where: { $0.name == short.rate }),
                let disk = state.capacity?.disk(named: short.disk)
            else { return (base, []) }
            if let place = base.storage.firstIndex(where: {
                state.capacity?.disk(named: $0.device)?.name == disk.name
            }) {
                slower.storage[place].rates[keyPath: rate.path] = shortfall.free
            } else if let place = base.disks.firstIndex(where: {
                disk.satisfies($0.constraints) && $0.rates[keyPath: rate.path] == shortfall.asked
            }) {
                slower.disks[place].rates[keyPath: rate.path] = shortfall.free
            } else {
                return (base, [])
            }
            rates.append(
                Change.Less(.storage, disk: short, shortfall.measure, asked: shortfall.asked, fits: shortfall.free))
        }
        return (slower, rates)
    }
}

extension Ask {
    /// Says that it would do with any amount that can be asked for.
    fileprivate mutating func openDown() {
        let least =
            type == .gpu && (amount > type.whole || constraints["partition"] != nil)
            ? type.whole : type.measure.smallest
        if least < amount { minimum = least }
    }
}
