extension Grant {
    /// The smallest grant that covers both: what the groups above a leaf carry while it is brought from the one to the
    /// other.
    public func union(_ other: Grant) -> Grant {
        var union = other
        for hold in holds {
            if let index = union.holds.firstIndex(where: { $0.type == hold.type }) {
                union.holds[index] = hold.union(union.holds[index])
            } else {
                union.holds.append(hold)
            }
        }
        union.holds.sort { $0.type < $1.type }
        for ask in storage {
            if let index = union.storage.firstIndex(where: { $0.device == ask.device }) {
                union.storage[index] = ask.union(union.storage[index])
            } else {
                union.storage.append(ask)
            }
        }
        union.storage.sort { $0.device < $1.device }
        return union
    }
}

extension Hold {
    /// Covers both; what is no quantity is the other's.
    fileprivate func union(_ other: Hold) -> Hold {
        var union = other
        union.amount = max(amount, other.amount)
        if let limit, let otherLimit = other.limit { union.limit = max(limit, otherLimit) }
        if cpus != nil || other.cpus != nil {
            // Shared CPU time that becomes whole cores is given up at once: it holds back nobody.
            let both = (cpus ?? CPUSet()).union(other.cpus ?? CPUSet())
            union.cpus = both
            union.limit = nil
            union.amount = Quantity(Int64(both.count) * 1000)
        }
        if let nodes { union.nodes = nodes.union(other.nodes ?? CPUSet()) }
        var shares = Dictionary(units.map { ($0.name, $0.quantity) }, uniquingKeysWith: max)
        for share in other.units { shares[share.name] = max(shares[share.name] ?? .zero, share.quantity) }
        union.terms = terms.union(other.terms)
        union.units = shares.sorted { $0.key < $1.key }.map { UnitShare(name: $0.key, quantity: $0.value) }
        return union
    }
}

extension StorageAsk {
    fileprivate func union(_ other: StorageAsk) -> StorageAsk {
        StorageAsk(
            device: device, rates: rates.union(other.rates), weight: [weight, other.weight].compactMap { $0 }.max())
    }
}

extension StorageRates {
    /// Of each rate the higher; no rate is no ceiling, and counts for nothing.
    fileprivate func union(_ other: StorageRates) -> StorageRates {
        var union = other
        for rate in StorageRates.all {
            guard let own = self[keyPath: rate.path] else { continue }
            union[keyPath: rate.path] = max(own, union[keyPath: rate.path] ?? .zero)
        }
        return union
    }
}
