internal import BerthJSON
package import BerthModel

/// What the leaf of a reservation may use of all that a plugin can narrow: a plugin's values have to lie within.
package struct NarrowingBounds: Hashable, Sendable {
    /// A value that does not lie within.
    package struct Passed: Error, Hashable, Sendable {
        /// What it is, and what it may be, as a sentence about the plugin.
        package let reason: String
    }

    /// The nodes that memory may come from.
    private let nodes: CPUSet
    /// What other plugins leave of them; nil where none says anything.
    private let othersNodes: CPUSet?
    /// The most processes; nil where there is no ceiling.
    private let pids: Quantity?
    private let arePidsGranted: Bool
    /// Rates that were granted.
    private let storage: [StorageAsk]
    private let capacity: Capacity?

    /// - Parameters:
    ///   - reservation: what it holds and what plugins narrow of it
    ///   - type: the type whose plugin is asked: what it said before does not count
    ///   - capacity: what the host has; nil where nothing is known of it
    package init(_ reservation: Reservation, besides type: ResourceType, on capacity: Capacity?) {
        let grant = reservation.grant
        var others = reservation.narrowings(for: grant)
        others[type] = nil
        othersNodes = others.met.nodes
        // A kernel that knows no nodes has node 0.
        let known = CPUSet(capacity?.nodeMemory.keys.filter { (0..<CPUSet.capacity).contains($0) } ?? [])
        nodes = grant.memoryNodes ?? (known.isEmpty ? [0] : known)
        let granted = grant[.pids].map { $0.limit ?? $0.amount }
        arePidsGranted = granted != nil
        pids = granted ?? (reservation.user == 0 ? nil : Narrowing.unaskedPids)
        storage = grant.storage
        self.capacity = capacity
    }

    /// What a plugin wants, with disks in place of their partitions.
    /// - Throws: where a value is looser than what the leaf has without it, or names what the host does not have
    package func narrowing(_ wanted: Narrowing) throws(Passed) -> Narrowing {
        if let wanted = wanted.nodes {
            guard wanted.isSubset(of: nodes) else {
                throw Passed(reason: "it gives cpuset.mems \(wanted), and the reservation's memory is of \(nodes)")
            }
            guard othersNodes.map({ !$0.isDisjoint(with: wanted) }) ?? true else {
                let others = othersNodes ?? []
                throw Passed(reason: "it gives cpuset.mems \(wanted), and another plugin \(others): no node is in both")
            }
        }
        if let wanted = wanted.pids, let most = pids, wanted > most {
            let held = arePidsGranted ? "\(most.units) were granted" : "\(most.units) are the most where none are asked"
            throw Passed(reason: "it gives pids.max \(wanted.units), and \(held)")
        }
        var narrowing = wanted
        narrowing.storage = []
        for ask in wanted.storage {
            let ask = try check(ask)
            guard !narrowing.storage.contains(where: { $0.device == ask.device }) else {
                throw Passed(reason: "it gives io.max of \(ask.device) twice")
            }
            narrowing.storage.append(ask)
        }
        return narrowing
    }

    /// - Returns: the same of the disk that a partition is on
    private func check(_ ask: StorageAsk) throws(Passed) -> StorageAsk {
        guard let disk = capacity?.disk(named: ask.device) else {
            let name = JSONValue.string(ask.device).excerpt
            throw Passed(reason: "it gives io.max of \(name), and there is no such disk")
        }
        let granted = storage.first { $0.device == disk.name }?.rates ?? StorageRates()
        for rate in StorageRates.all {
            guard let wanted = ask.rates[keyPath: rate.path], let most = granted[keyPath: rate.path], wanted > most
            else { continue }
            throw Passed(
                reason: "it gives io.max of \(disk.name) \(rate.name) \(rate.measure.text(wanted)), and "
                    + "\(rate.measure.text(most)) was granted")
        }
        var own = ask
        own.device = disk.name
        return own
    }
}
