extension CPUInfo {
    /// Whether the layout is that of x86.
    var isX86: Bool { self[.flags] != nil && self[.vendor] != nil && !isMainframe }

    private var isMainframe: Bool { self[.vendor]?.hasPrefix("IBM/S390") ?? false }

    /// The machine as `uname -m` would say it, as far as the layout shows it; `ppc64` stands for both byte orders.
    var architecture: String? {
        if isMainframe { return "s390x" }
        if isX86, let flags = self[.flags] {
            return flags.split(separator: " ").contains("lm") ? "x86_64" : "i686"
        }
        if let version = self[.armArchitecture] {
            return version == "8" || version == "AArch64" ? "aarch64" : "arm"
        }
        if let isa = self[.isa] {
            if isa.hasPrefix("rv64") { return "riscv64" }
            if isa.hasPrefix("rv32") { return "riscv32" }
        }
        if self[.modelNameLoongArch]?.hasPrefix("Loongson") ?? false { return "loongarch64" }
        if self[.arch]?.hasPrefix("IA-64") ?? false { return "ia64" }
        if self[.cpu]?.hasPrefix("POWER") ?? false { return "ppc64" }
        return nil
    }

    /// The processor's name.
    var model: String? {
        if isMainframe { return self[.machine].map(MainframeNames.name) }
        if let row = rows.first(where: { $0.part != nil }), let name = ARMCoreNames.name(row) { return name }
        let name =
            self[.modelName] ?? self[.modelNameLoongArch] ?? self[.modelNameMIPS] ?? self[.microarchitecture]
            ?? self[.cpu] ?? self[.family] ?? self[.hardware]
        return name.map(CPUInfo.singleSpaced)
    }

    /// The machine around the processor, which POWER names here.
    var machine: String? { isMainframe || isX86 ? nil : self[.machine] }

    /// The clock that the processor is sold at, in hertz: POWER says `clock : 3864.000000MHz` and a mainframe
    /// `cpu MHz static : 5000`. (`cpu MHz` of x86 is the clock of the moment.)
    var clock: Int? {
        guard let text = self[.clock] ?? self[.staticClock] else { return nil }
        let megahertz = text.prefix { $0.isASCII && $0.isNumber }
        guard let megahertz = Int(megahertz), megahertz > 0, megahertz < 1_000_000 else { return nil }
        return megahertz * 1_000_000
    }

    /// Old names are padded: `Intel(R) Xeon(R) CPU           L5640  @ 2.27GHz`.
    private static func singleSpaced(_ name: String) -> String {
        name.split(separator: " ").joined(separator: " ")
    }
}
