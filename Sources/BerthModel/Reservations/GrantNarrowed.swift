extension Grant {
    /// The NUMA nodes that memory has to come from: those asked for it, else those of the reservation's own CPUs; nil where it
    /// may come from any.
    public var memoryNodes: CPUSet? {
        [self[.memory]?.nodes, self[.cpu].flatMap { $0.cpus == nil ? nil : $0.nodes }].compactMap { $0 }
            .first { !$0.isEmpty }
    }

    /// The same with what plugins narrow. Where nothing would be left the grant counts.
    public func memoryNodes(_ narrowing: Narrowing) -> CPUSet? {
        guard let narrowed = narrowing.nodes, !narrowed.isEmpty else { return memoryNodes }
        guard let granted = memoryNodes else { return narrowed }
        let common = granted.intersection(narrowed)
        return common.isEmpty ? granted : common
    }

    /// What the leaf is to hold for this grant with what plugins narrow: of each value the tighter. It has no hold and no
    /// disk that the grant has not.
    public func narrowed(by narrowing: Narrowing) -> Grant {
        var narrowed = self
        let nodes = memoryNodes(narrowing)
        for (index, hold) in holds.enumerated() {
            switch hold.type {
            case .cpu where hold.cpus != nil: narrowed.holds[index].nodes = nodes
            case .memory where hold.nodes != nil || narrowing.nodes != nil: narrowed.holds[index].nodes = nodes
            case .pids:
                guard let most = narrowing.pids else { continue }
                narrowed.holds[index].limit = min(hold.limit ?? hold.amount, most)
            default: continue
            }
        }
        for (index, ask) in storage.enumerated() {
            guard let own = narrowing.storage.first(where: { $0.device == ask.device }) else { continue }
            narrowed.storage[index].rates = ask.rates.tightened(by: own.rates)
        }
        return narrowed
    }
}

extension Reservation {
    /// What plugins narrow, by type. What one has said for a type that the grant has no more counts no more.
    public func narrowings(for grant: Grant) -> [ResourceType: Narrowing] {
        provisions.filter { grant[$0.key] != nil && !$0.value.cgroup.isEmpty }.mapValues(\.cgroup)
    }
}

extension [ResourceType: Narrowing] {
    /// What all of them together leave.
    public var met: Narrowing { sorted { $0.key < $1.key }.reduce(Narrowing()) { $0.meet($1.value) } }
}
