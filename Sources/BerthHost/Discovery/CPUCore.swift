internal import BerthModel

/// One core and what tells its kind.
struct CPUCore: Equatable {
    /// Its lowest online CPU, which speaks for its siblings.
    let first: Int
    /// Its online CPUs.
    let members: CPUSet
    /// The highest clock in hertz.
    let maximum: Int?
    /// `cpu_capacity`.
    let capacity: Int?
    /// The row of `/proc/cpuinfo` with the part number of an ARM core.
    let part: CPUInfo.Row?
    /// How many CPUs share its level 2 cache.
    let l2Width: Int

    /// The cores of the online CPUs; a CPU of which no core is known is taken for one.
    static func cores(
        of rows: [Host.CPU.Logical], _ folders: CPUFolders, info: CPUInfo?, clocks: inout CPUClocks
    ) -> [CPUCore] {
        var members: [Int: CPUSet] = [:]
        var widths: [Int: Int] = [:]
        for row in rows {
            if let core = row.core { members[core, default: []].insert(row.id) }
            if let l2 = row.l2 { widths[l2, default: 0] += 1 }
        }
        let withParts = (info?.rows ?? []).filter { $0.part != nil }
        let parts = Dictionary(withParts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var capacity = CPUFile("cpu_capacity")
        return rows.compactMap { row in
            let own = row.core.flatMap { members[$0] } ?? [row.id]
            guard own.first == row.id else { return nil }
            return CPUCore(
                first: row.id, members: own, maximum: clocks.maximum(of: row.id),
                capacity: capacity.integer(row.id, folders).flatMap { $0 > 0 ? $0 : nil }, part: parts[row.id],
                l2Width: row.l2.flatMap { widths[$0] } ?? 0)
        }
    }

    /// The cores sorted into kinds, in the order of the lowest CPU; one group where nothing tells them apart.
    static func groups(of cores: [CPUCore], clocks: inout CPUClocks) -> [[CPUCore]] {
        let capacities = Levels(cores.map(\.capacity))
        let allHaveParts = cores.allSatisfy { $0.part != nil }
        let byPart = grouped(cores) { core in
            let part = allHaveParts ? core.part : nil
            return [part?.implementer ?? 0, part?.part ?? 0, core.capacity.flatMap { capacities[$0] } ?? 0]
        }
        if byPart.count > 1 { return byPart }
        let maxima = Levels(cores.map(\.maximum))
        let byMaximum = grouped(cores) { core in [core.maximum.flatMap { maxima[$0] } ?? 0] }
        if byMaximum.count > 1 { return byMaximum }
        // With boost off all may have one top clock. A base clock alone proves nothing: firmware may favour some of
        // many equal cores.
        let bySharing = grouped(cores) { core in [core.members.count, core.l2Width] }
        guard bySharing.count > 1 else { return bySharing }
        let bases = bySharing.map { group in group.first.flatMap { clocks.base(of: $0.first) } }
        let levels = Levels(bases)
        let level = Dictionary(
            zip(bySharing, bases).flatMap { group, base in
                group.map { ($0.first, base.flatMap { levels[$0] } ?? 0) }
            }, uniquingKeysWith: { first, _ in first })
        return grouped(cores) { core in [level[core.first] ?? 0] }
    }

    private static func grouped(_ cores: [CPUCore], by key: (CPUCore) -> [Int]) -> [[CPUCore]] {
        var numbering = Numbering<[Int]>()
        var groups: [[CPUCore]] = []
        for core in cores {
            let number = numbering.number(key(core))
            if number == groups.count { groups.append([]) }
            groups[number].append(core)
        }
        return groups
    }
}
