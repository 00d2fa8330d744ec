internal import BerthModel

/// Choosing among what a request prefers.
extension Placement {
    /// The choice if all that is preferred is insisted on; nil where there is not all of that, and for what is held already, which
    /// stays where it is.
    func preferred(_ resources: Resources) -> Placed? {
        guard current == nil, let insisting = resources.insisting(same) else { return nil }
        var placed = searched(insisting)
        guard placed.shortfalls.isEmpty else { return nil }
        for index in placed.grant.holds.indices {
            guard let ask = resources[placed.grant.holds[index].type] else { continue }
            placed.grant.holds[index].constraints = ask.constraints
            placed.grant.holds[index].preferences = ask.preferences
        }
        return placed
    }
}

extension Resources {
    /// The same with what each ask prefers of where it lies as what it must have; nil where the two cannot be said together. A part
    /// of a unit is another thing than the whole.
    fileprivate func insisting(_ same: Same?) -> Resources? {
        var insisting = self
        for index in asks.indices {
            insisting.asks[index].preferences = [:]
            guard asks[index].liesSomewhere || same == .numa && asks[index].type == .memory else { continue }
            for (name, preference) in asks[index].preferences where name != "partition" {
                let former = asks[index].constraints[name]
                guard let both = former.map({ $0.and(preference) }) ?? preference else { return nil }
                insisting.asks[index].constraints[name] = both
            }
        }
        return insisting
    }
}
