internal import BerthJSON
internal import BerthModel

/// Finding disks for those who leave it open which: each gets one of its own.
extension Placement {
    /// The disks as they are chosen, each with what is asked of it. Whoever is first takes its best; where another could have
    /// none for that, it takes the next best (augmenting paths, Kuhn 1955).
    /// - Parameters:
    ///   - asks: what is asked of any disks
    ///   - named: what is asked of disks by name, which are not chosen
    ///   - nodes: the NUMA nodes on which the rest lies
    func disks(
        _ asks: [DiskAsk], beside named: [StorageAsk], on nodes: CPUSet, _ shortfalls: inout [Shortfall]
    ) -> [StorageAsk] {
        guard !asks.isEmpty else { return [] }
        let open = capacity.disks.filter { disk in !named.contains { $0.device == disk.name } }
        let heldOf = held.storage
        let choices = asks.map { ask in best(for: ask, among: open, heldOf, on: nodes) }
        var holders: [String: Int] = [:]
        func place(_ index: Int, _ tried: inout Set<String>) -> Bool {
            for disk in choices[index] where tried.insert(disk.name).inserted {
                if let former = holders[disk.name], !place(former, &tried) { continue }
                holders[disk.name] = index
                return true
            }
            return false
        }
        for index in asks.indices {
            var tried: Set<String> = []
            if !place(index, &tried) { shortfalls += lacking(asks, index, among: open, choices[index].count) }
        }
        return holders.sorted { $0.key < $1.key }.map { disk, index in asks[index].of(disk) }
    }

    /// The disks that would do, the best first: spread by how full they would be, or filled up one after the other, those on the
    /// nodes of the rest before others.
    private func best(
        for ask: DiskAsk, among open: [Capacity.Disk], _ heldOf: [String: StorageRates], on nodes: CPUSet
    ) -> [Capacity.Disk] {
        let isWritten = ask.rates.write != nil || ask.rates.writeOperations != nil
        let fitting = open.enumerated().compactMap {
            index, disk -> (rank: (Int, Double, Double, Int), disk: Capacity.Disk)? in
            guard disk.satisfies(ask.constraints), !held.withheld.covers(disk) else { return nil }
            if isWritten, disk.capabilities["read_only"] == true { return nil }
            var (fullest, busy) = (0.0, 0.0)
            for rate in StorageRates.all {
                // Where nobody says what it can do, as much as others have there tells at least who is the busiest.
                busy += Double(heldOf[disk.name]?[keyPath: rate.path]?.units ?? 0)
                guard let whole = disk.rates[keyPath: rate.path] else { continue }
                let asked = ask.rates[keyPath: rate.path]
                let used = (asked ?? .zero) + (heldOf[disk.name]?[keyPath: rate.path] ?? .zero)
                guard asked == nil || used <= whole else { return nil }
                fullest = max(fullest, Double(used.units) / Double(max(whole.units, 1)))
            }
            let isNear = disk.node.map { nodes.contains($0) } ?? false
            return switch strategy {
            case .greedy: ((0, 0, 0, index), disk)
            case .balanced: ((0, fullest, busy, index), disk)
            case .optimized, .priority: ((isNear ? 0 : 1, -fullest, 0, index), disk)
            }
        }
        return fitting.sorted { $0.rank < $1.rank }.map(\.disk)
    }

    /// What one is short of: of the disk that has the most of what is asked, or of disks.
    private func lacking(
        _ asks: [DiskAsk], _ index: Int, among open: [Capacity.Disk], _ fitting: Int
    ) -> [Shortfall] {
        let ask = asks[index]
        let alike = open.filter { $0.satisfies(ask.constraints) }
        if fitting == 0 {
            func part(_ short: [Shortfall]) -> Double {
                short.map { 1 - Double($0.free.units) / Double(max($0.asked.units, 1)) }.max() ?? 0
            }
            // Of so many one is near enough.
            let short = alike.prefix(DiskAsk.most).map { storage([ask.of($0.name)]).shortfalls }.filter { !$0.isEmpty }
            if let nearest = short.min(by: { ($0.count, part($0)) < ($1.count, part($1)) }) { return nearest }
        }
        let same = asks.count { $0.constraints == ask.constraints }
        return [
            Shortfall(
                .storage, asked: Quantity(Int64(same)), free: Quantity(Int64(min(fitting, same - 1))),
                capacity: Quantity(Int64(alike.count)), measure: .count)
        ]
    }
}
