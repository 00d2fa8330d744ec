internal import BerthModel

/// The rows of the online CPUs: what each shares with others.
enum CPURows {
    /// Reads `topology/` and `cache/` of every online CPU, and `/proc/cpuinfo` where the kernel has no `topology/`.
    static func discover(
        _ folders: CPUFolders, online: CPUSet, info: CPUInfo?, nodes: [Host.NUMANode]
    ) -> [Host.CPU.Logical] {
        var rows = online.map { Host.CPU.Logical(id: $0) }
        func read(
            _ thing: WritableKeyPath<Host.CPU.Logical, Int?>, _ names: String..., named identifier: Identifier? = nil
        ) {
            readSets(
                thing, CPUFile(names.map { "topology/\($0)" }), named: identifier, into: &rows, folders, online: online)
        }
        read(\.core, "core_cpus_list", "thread_siblings_list", "core_cpus", "thread_siblings")
        readPackages(into: &rows, folders, online: online, isX86: info?.isX86 ?? false)
        // Mainframes alone have books and drawers.
        read(\.book, "book_siblings_list", "book_siblings", named: Identifier("book_id"))
        read(\.drawer, "drawer_siblings_list", "drawer_siblings", named: Identifier("drawer_id"))
        // A kernel for processors without dies says that each CPU is a die of its own, with the id -1; an old one has no ids.
        read(\.die, "die_cpus_list", "die_cpus", named: Identifier("die_id", mayLack: true))
        read(\.cluster, "cluster_cpus_list", "cluster_cpus", named: Identifier("cluster_id"))
        // Where a cluster is a core it says nothing. Equal groups have equal numbers, for both go by the lowest CPU.
        if rows.allSatisfy({ $0.cluster == $0.core }) { for index in rows.indices { rows[index].cluster = nil } }
        CPUCaches.read(into: &rows, folders, online: online)
        if let info { fillGaps(of: &rows, from: info) }
        var node: [Int: Int] = [:]
        for place in nodes { place.cpus?.forEach { node[$0] = place.id } }
        for index in rows.indices { rows[index].node = node[rows[index].id] }
        return rows
    }

    /// The file whose number tells whether there is such a thing at all.
    private struct Identifier {
        let name: String
        /// Whether it is there though the file is not.
        let mayLack: Bool

        init(_ name: String, mayLack: Bool = false) {
            self.name = name
            self.mayLack = mayLack
        }
    }

    /// Reads which CPUs share a thing, as each CPU's own file names them.
    private static func readSets(
        _ thing: WritableKeyPath<Host.CPU.Logical, Int?>, _ file: CPUFile, named identifier: Identifier?,
        into rows: inout [Host.CPU.Logical], _ folders: CPUFolders, online: CPUSet
    ) {
        guard let first = rows.first else { return }
        if let identifier {
            var file = CPUFile("topology/\(identifier.name)")
            guard file.integer(first.id, folders).map(isKnown) ?? identifier.mayLack else { return }
        }
        var file = file
        var sharing = CPUSharing(online: online)
        for index in rows.indices {
            let cpu = rows[index].id
            rows[index][keyPath: thing] = sharing.number(file.read(cpu, folders), of: cpu, folders.reader)
        }
    }

    /// On x86 the id counts: old kernels cut a package of two dies in two sets. Elsewhere the sets count: ids are -1
    /// on POWER, and begin anew in each book of a mainframe.
    private static func readPackages(
        into rows: inout [Host.CPU.Logical], _ folders: CPUFolders, online: CPUSet, isX86: Bool
    ) {
        enum Key: Hashable { case id(Int), set(Int) }
        var identifier = CPUFile("topology/physical_package_id")
        var file = CPUFile(
            "topology/package_cpus_list", "topology/core_siblings_list", "topology/package_cpus",
            "topology/core_siblings")
        var sharing = CPUSharing(online: online)
        var numbering = Numbering<Key>()
        for index in rows.indices {
            let cpu = rows[index].id
            func byIdentifier() -> Key? { identifier.integer(cpu, folders).flatMap { isKnown($0) ? .id($0) : nil } }
            func bySet() -> Key? { sharing.number(file.read(cpu, folders), of: cpu, folders.reader).map { .set($0) } }
            let key = isX86 ? byIdentifier() ?? bySet() : bySet() ?? byIdentifier()
            rows[index].package = key.map { numbering.number($0) }
        }
    }

    /// Whether an id is one: -1 is unknown, as 16 or 32 bits too.
    private static func isKnown(_ id: Int) -> Bool { id >= 0 && id != 0xFFFF && id != 0xFFFF_FFFF }

    /// `physical id` and `core id` of `/proc/cpuinfo`, for CPUs whose folders do not say.
    private static func fillGaps(of rows: inout [Host.CPU.Logical], from info: CPUInfo) {
        guard rows.contains(where: { $0.core == nil || $0.package == nil }) else { return }
        let known = Dictionary(info.rows.map { ($0.id, $0) }) { first, _ in first }
        func core(_ row: CPUInfo.Row) -> SIMD2<Int>? {
            row.package.flatMap { package in row.core.map { SIMD2(package, $0) } }
        }
        fill(\.package, of: &rows) { known[$0]?.package }
        fill(\.core, of: &rows) { known[$0].flatMap(core) }
    }

    /// Numbers what some rows lack as the others are: by what all of them say elsewhere.
    private static func fill<Key: Hashable>(
        _ thing: WritableKeyPath<Host.CPU.Logical, Int?>, of rows: inout [Host.CPU.Logical], by key: (Int) -> Key?
    ) {
        var numbers: [Key: Int] = [:]
        for row in rows {
            if let number = row[keyPath: thing], let key = key(row.id), numbers[key] == nil { numbers[key] = number }
        }
        var next = (rows.compactMap { $0[keyPath: thing] }.max() ?? -1) + 1
        for index in rows.indices where rows[index][keyPath: thing] == nil {
            guard let key = key(rows[index].id) else { continue }
            if numbers[key] == nil {
                numbers[key] = next
                next += 1
            }
            rows[index][keyPath: thing] = numbers[key]
        }
    }
}
