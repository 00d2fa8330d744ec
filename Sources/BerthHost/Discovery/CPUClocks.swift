internal import BerthModel

/// Reads the limits of the clocks of CPUs, in hertz.
struct CPUClocks {
    private let folders: CPUFolders
    /// What `/proc/cpuinfo` says, for all CPUs.
    private let common: Int?
    private var maximumFile = CPUFile("cpufreq/cpuinfo_max_freq")
    private var minimumFile = CPUFile("cpufreq/cpuinfo_min_freq")
    private var baseFile = CPUFile("cpufreq/base_frequency")
    private var nominalFile = CPUFile("acpi_cppc/nominal_freq")

    init(_ folders: CPUFolders, info: CPUInfo?) {
        self.folders = folders
        common = info?.clock
    }

    mutating func maximum(of cpu: Int) -> Int? { hertz(maximumFile.integer(cpu, folders), unit: 1000) }

    mutating func minimum(of cpu: Int) -> Int? { hertz(minimumFile.integer(cpu, folders), unit: 1000) }

    /// The first file costs an interrupt on the CPU, so it is read for one CPU of a kind only.
    mutating func base(of cpu: Int) -> Int? {
        hertz(baseFile.integer(cpu, folders), unit: 1000) ?? hertz(nominalFile.integer(cpu, folders), unit: 1_000_000)
            ?? common
    }

    /// Some firmware says 0 for what it does not know. No clock reaches a terahertz.
    private func hertz(_ number: Int?, unit: Int) -> Int? {
        guard let number, number > 0, number < 1_000_000_000_000 / unit else { return nil }
        return number * unit
    }
}
