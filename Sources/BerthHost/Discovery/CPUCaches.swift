internal import BerthModel

/// Which CPUs share their level 2 and level 3 caches.
enum CPUCaches {
    /// No processor has as many caches; a recording may have any number of folders.
    private static let mostCaches = 32

    /// Reads `cache/index*/level` and `shared_cpu_map` of every CPU. Which index is which cache differs from CPU to
    /// CPU on machines with several kinds, where the small ones, which often come first, may have fewer.
    static func read(into rows: inout [Host.CPU.Logical], _ folders: CPUFolders, online: CPUSet) {
        var levels = (0..<mostCaches).map { CPUFile("cache/index\($0)/level", patience: 64) }
        var types = (0..<mostCaches).map { CPUFile("cache/index\($0)/type") }
        var shared = (0..<mostCaches).map {
            CPUFile("cache/index\($0)/shared_cpu_list", "cache/index\($0)/shared_cpu_map")
        }
        var sharing = [2: CPUSharing(online: online), 3: CPUSharing(online: online)]
        var last = highestIndex(rows, folders)
        for row in rows.indices {
            let cpu = rows[row].id
            var found: [Int: Int] = [:]
            var index = 0
            while index < mostCaches {
                if let level = levels[index].integer(cpu, folders) {
                    // Of a split cache the half for data counts; only then the type matters.
                    if level == 2 || level == 3 {
                        let isTaken = found[level] != nil
                        if !isTaken || types[index].read(cpu, folders)?.text == "Data" { found[level] = index }
                    }
                    last = max(last, index)
                } else if index > last {
                    break
                }
                index += 1
            }
            for (level, index) in found {
                let file = shared[index].read(cpu, folders)
                let number = sharing[level]?.number(file, of: cpu, folders.reader)
                if level == 2 { rows[row].l2 = number } else { rows[row].l3 = number }
            }
        }
    }

    /// The highest index that the first CPU with caches has; -1 when none of the first few has any.
    private static func highestIndex(_ rows: [Host.CPU.Logical], _ folders: CPUFolders) -> Int {
        for row in rows.prefix(4) {
            let indices = folders.reader.numbered("index", in: "\(CPUFolders.place)/cpu\(row.id)/cache")
            if let highest = indices.max() { return min(highest, mostCaches - 1) }
        }
        return -1
    }
}
