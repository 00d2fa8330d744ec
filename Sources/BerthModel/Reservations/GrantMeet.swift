extension Grant {
    /// What is left of this grant on the way to another one before anything new is added: of everything the smaller. Each
    /// of the two covers it, so it can be held while neither is.
    public func meet(_ other: Grant) -> Grant {
        Grant(
            holds.map { hold in other[hold.type].map(hold.meet) ?? hold },
            storage: storage.map { ask in other.storage.first { $0.device == ask.device }.map(ask.meet) ?? ask })
    }
}

extension Hold {
    /// Where the two have no CPU or unit in common nothing is given up: a reservation is never without any.
    fileprivate func meet(_ other: Hold) -> Hold {
        var meet = self
        if let cpus {
            let common = cpus.intersection(other.cpus ?? CPUSet())
            guard !common.isEmpty else { return self }
            meet.cpus = common
            meet.amount = Quantity(Int64(common.count) * 1000)
        } else if other.cpus != nil {
            return self
        } else {
            meet.amount = min(amount, other.amount)
            if let limit, let otherLimit = other.limit { meet.limit = min(limit, otherLimit) }
        }
        if !units.isEmpty {
            let others = Dictionary(other.units.map { ($0.name, $0.quantity) }, uniquingKeysWith: max)
            let common = units.compactMap { share in
                others[share.name].map { UnitShare(name: share.name, quantity: min(share.quantity, $0)) }
            }
            guard !common.isEmpty else { return self }
            meet.units = common
            meet.amount = common.map(\.quantity).reduce(.zero, +)
        }
        meet.terms = terms.meet(other.terms)
        meet.asked = meet.amount == amount ? asked : meet.amount == other.amount ? other.asked : nil
        meet.minimum = meet.amount == amount ? minimum : meet.amount == other.amount ? other.minimum : nil
        return meet
    }
}

extension StorageAsk {
    /// A weight that only the other has is something new.
    fileprivate func meet(_ other: StorageAsk) -> StorageAsk {
        StorageAsk(
            device: device, rates: rates.meet(other.rates), weight: weight.map { min($0, other.weight ?? $0) })
    }
}

extension StorageRates {
    /// Of each rate the lower. A ceiling that only the other has is something new: where it cannot be held, what is gone
    /// back to must be no worse held than before.
    fileprivate func meet(_ other: StorageRates) -> StorageRates {
        var meet = self
        for rate in StorageRates.all {
            guard let limit = self[keyPath: rate.path], let otherLimit = other[keyPath: rate.path] else { continue }
            meet[keyPath: rate.path] = min(limit, otherLimit)
        }
        return meet
    }
}
