internal import BerthModel

/// Sorts the CPUs of a machine into kinds.
///
/// By what the kernel declares (`/sys/devices/cpu_core/cpus` and `cpu_atom`), else by the part number of ARM cores and
/// `cpu_capacity`, else by the top clock, else by the base clock of cores that share differently.
struct CPUKinds: Equatable {
    /// The fastest first; empty where all CPUs are alike.
    let kinds: [Host.CPU.Kind]
    /// The clock of the whole machine.
    let frequency: Host.CPU.Frequency

    static func discover(
        _ folders: CPUFolders, online: CPUSet, rows: [Host.CPU.Logical], info: CPUInfo?
    ) -> CPUKinds {
        var clocks = CPUClocks(folders, info: info)
        let cores = CPUCore.cores(of: rows, folders, info: info, clocks: &clocks)
        if let declared = declared(folders.reader, online: online).map({ apart($0, rows) }) {
            let kinds = declared.map { name, cpus in
                kind(name, cores.filter { cpus.contains($0.first) }, of: cpus, clocks: &clocks)
            }
            return CPUKinds(kinds: kinds, frequency: overall(kinds.map(\.frequency)))
        }
        let groups = CPUCore.groups(of: cores, clocks: &clocks)
        let kinds = groups.map { kind("", $0, of: $0.members, clocks: &clocks) }
        return CPUKinds(kinds: kinds.count > 1 ? ranked(kinds) : [], frequency: overall(ranked(kinds).map(\.frequency)))
    }

    /// The performance counters that an Intel machine with several kinds has, one for each kind.
    private static func declared(_ reader: HostReader, online: CPUSet) -> [(String, CPUSet)]? {
        let names = [("performance", "cpu_core"), ("efficient", "cpu_atom"), ("low_power", "cpu_lowpower")]
        let kinds = names.compactMap { name, device in
            (reader.list("sys/devices/\(device)/cpus")?.intersection(online).nonEmpty).map { (name, $0) }
        }
        return kinds.count > 1 ? kinds : nil
    }

    /// The same with the efficient cores that have no L3 cache as a kind of their own: Intel's low-power ones sit on another die
    /// than all others, and the kernel counts their events with those of the efficient ones.
    private static func apart(_ declared: [(String, CPUSet)], _ rows: [Host.CPU.Logical]) -> [(String, CPUSet)] {
        guard !declared.contains(where: { $0.0 == "low_power" }) else { return declared }
        let cached = CPUSet(rows.filter { $0.l3 != nil }.map(\.id))
        return declared.flatMap { name, cpus -> [(String, CPUSet)] in
            let (with, without) = (cpus.intersection(cached), cpus.subtracting(cached))
            guard name == "efficient", !with.isEmpty, !without.isEmpty else { return [(name, cpus)] }
            return [(name, with), ("low_power", without)]
        }
    }

    private static func kind(
        _ name: String, _ cores: [CPUCore], of cpus: CPUSet, clocks: inout CPUClocks
    ) -> Host.CPU.Kind {
        var frequency = Host.CPU.Frequency(maximum: cores.compactMap(\.maximum).max())
        if let first = cpus.first {
            frequency.base = clocks.base(of: first)
            frequency.minimum = clocks.minimum(of: first)
        }
        return Host.CPU.Kind(
            name: name, cpus: cpus, model: cores.first?.part.flatMap(ARMCoreNames.name),
            capacity: cores.compactMap(\.capacity).max(), frequency: frequency)
    }

    /// The lowest and highest of all, the base of the fastest.
    private static func overall(_ frequencies: [Host.CPU.Frequency]) -> Host.CPU.Frequency {
        Host.CPU.Frequency(
            minimum: frequencies.compactMap(\.minimum).min(), base: frequencies.first?.base,
            maximum: frequencies.compactMap(\.maximum).max())
    }

    /// The fastest first, named by their rank where something ranks them.
    private static func ranked(_ kinds: [Host.CPU.Kind]) -> [Host.CPU.Kind] {
        let measures: [(Host.CPU.Kind) -> Int?] = [{ $0.capacity }, { $0.frequency.maximum }, { $0.frequency.base }]
        let measure = measures.first { measure in Set(kinds.compactMap(measure)).count == kinds.count }
        var ranked = kinds
        if let measure { ranked.sort { (measure($0) ?? 0) > (measure($1) ?? 0) } }
        for index in ranked.indices {
            let between = ranked.count > 3 ? "medium_\(index)" : "medium"
            let name = index == 0 ? "performance" : index == ranked.count - 1 ? "efficient" : between
            ranked[index].name = measure == nil ? "kind_\(index + 1)" : name
        }
        return ranked
    }
}

extension [CPUCore] {
    /// All logical CPUs of these cores.
    fileprivate var members: CPUSet { reduce(CPUSet()) { $0.union($1.members) } }
}
