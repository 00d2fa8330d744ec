internal import BerthModel

/// Which of the cores of a place are taken, where it does not matter for what is near and what stays free.
extension CoreSupply {
    /// The cores of places, as many of each kind as wanted of each place: the lowest, and where cores share something nearer than
    /// their caches those of the fewest such clusters.
    /// - Parameters: numbers of cores by place and kind, the place of each cell, and how many cores are enough
    func lowest(_ wanted: [Int: [Int]], by place: [Int], most: Int?) -> [Int] {
        var groups: [[Int]: [Int]] = [:]
        for (index, core) in map.cores.enumerated() where threads[index] > 0 {
            let kind = kinds.firstIndex(of: threads[index]) ?? 0
            guard let count = wanted[place[core.cell]]?[kind], count > 0 else { continue }
            // So many in all are of any of the places.
            groups[most == nil ? [place[core.cell], kind] : [], default: []].append(index)
        }
        return groups.flatMap { key, cores in
            let count = most ?? wanted[key[0]]?[key[1]] ?? 0
            return map.clusters.isEmpty ? Array(cores.prefix(count)) : tightest(cores, count)
        }.sorted()
    }

    /// So many of some cores, of the clusters that are touched already, then of the fewest others: the largest, and for the last
    /// few the smallest that has enough.
    private func tightest(_ cores: [Int], _ count: Int) -> [Int] {
        var touched: Set<Int> = []
        if !held.isEmpty {
            for (index, core) in map.cores.enumerated() where core.cpus.contains(where: held.contains) {
                touched.insert(map.clusters[index])
            }
        }
        var members: [Int: [Int]] = [:]
        for core in cores { members[map.clusters[core], default: []].append(core) }
        var clusters = members.map { (isTouched: touched.contains($0.key), cores: $0.value) }
        clusters.sort { $0.cores[0] < $1.cores[0] }
        var chosen: [Int] = []
        while chosen.count < count, !clusters.isEmpty {
            let missing = count - chosen.count
            func rank(_ place: Int) -> [Int] {
                let size = clusters[place].cores.count
                let isEnough = size >= missing
                return [clusters[place].isTouched ? 0 : 1, isEnough ? 0 : 1, isEnough ? size : -size]
            }
            let best = clusters.indices.min { rank($0).lexicographicallyPrecedes(rank($1)) } ?? 0
            chosen += clusters.remove(at: best).cores.prefix(missing)
        }
        return chosen
    }
}
