/// The names of ARM cores by implementer and part, which is all that `/proc/cpuinfo` says of them.
///
/// Numbers as the implementers publish them in MIDR_EL1; servers, and what sits in the usual small boards.
enum ARMCoreNames {
    /// `Arm Neoverse-N1`; the numbers themselves where the core is not in the table; nil where there are none.
    static func name(_ row: CPUInfo.Row) -> String? {
        guard let implementer = row.implementer, let part = row.part else { return nil }
        let maker = implementers[implementer] ?? "implementer 0x\(String(implementer, radix: 16))"
        guard let core = cores[implementer]?[part] else { return "\(maker) part 0x\(String(part, radix: 16))" }
        return "\(maker) \(core)"
    }

    private static let implementers = [
        0x41: "Arm", 0x42: "Broadcom", 0x43: "Cavium", 0x46: "Fujitsu", 0x48: "HiSilicon", 0x4E: "NVIDIA",
        0x50: "APM", 0x51: "Qualcomm", 0x53: "Samsung", 0x56: "Marvell", 0x61: "Apple", 0x66: "Faraday",
        0x69: "Intel", 0x6D: "Microsoft", 0x70: "Phytium", 0xC0: "Ampere",
    ]

    private static let cores: [Int: [Int: String]] = [
        0x41: [
            0xB76: "ARM1176", 0xC05: "Cortex-A5", 0xC07: "Cortex-A7", 0xC08: "Cortex-A8", 0xC09: "Cortex-A9",
            0xC0D: "Cortex-A17", 0xC0E: "Cortex-A17", 0xC0F: "Cortex-A15", 0xD01: "Cortex-A32", 0xD02: "Cortex-A34",
            0xD03: "Cortex-A53", 0xD04: "Cortex-A35", 0xD05: "Cortex-A55", 0xD06: "Cortex-A65", 0xD07: "Cortex-A57",
            0xD08: "Cortex-A72", 0xD09: "Cortex-A73", 0xD0A: "Cortex-A75", 0xD0B: "Cortex-A76",
            0xD0C: "Neoverse-N1", 0xD0D: "Cortex-A77", 0xD0E: "Cortex-A76AE", 0xD40: "Neoverse-V1",
            0xD41: "Cortex-A78", 0xD42: "Cortex-A78AE", 0xD43: "Cortex-A65AE", 0xD44: "Cortex-X1",
            0xD46: "Cortex-A510", 0xD47: "Cortex-A710", 0xD48: "Cortex-X2", 0xD49: "Neoverse-N2",
            0xD4A: "Neoverse-E1", 0xD4B: "Cortex-A78C", 0xD4C: "Cortex-X1C", 0xD4D: "Cortex-A715",
            0xD4E: "Cortex-X3", 0xD4F: "Neoverse-V2", 0xD80: "Cortex-A520", 0xD81: "Cortex-A720",
            0xD82: "Cortex-X4", 0xD83: "Neoverse-V3AE", 0xD84: "Neoverse-V3", 0xD85: "Cortex-X925",
            0xD87: "Cortex-A725", 0xD88: "Cortex-A520AE", 0xD89: "Cortex-A720AE", 0xD8E: "Neoverse-N3",
        ],
        0x42: [0x100: "Brahma-B53", 0x516: "Vulcan"],
        0x43: [
            0x0A1: "ThunderX", 0x0A2: "ThunderX 81XX", 0x0A3: "ThunderX 83XX", 0x0AF: "ThunderX2",
            0x0B8: "ThunderX3",
        ],
        0x46: [0x001: "A64FX", 0x003: "Monaka"],
        0x48: [0xD01: "Kunpeng 920 (TSV110)", 0xD02: "TSV200", 0xD40: "Cortex-A76"],
        0x4E: [0x000: "Denver", 0x003: "Denver 2", 0x004: "Carmel", 0x010: "Olympus"],
        0x50: [0x000: "X-Gene"],
        0x51: [
            0x001: "Oryon", 0x800: "Kryo 2xx Gold", 0x801: "Kryo 2xx Silver", 0x802: "Kryo 3xx Gold",
            0x803: "Kryo 3xx Silver", 0x804: "Kryo 4xx Gold", 0x805: "Kryo 4xx Silver", 0xC00: "Falkor",
            0xC01: "Saphira",
        ],
        0x61: [
            0x022: "M1 Icestorm", 0x023: "M1 Firestorm", 0x024: "M1 Pro Icestorm", 0x025: "M1 Pro Firestorm",
            0x028: "M1 Max Icestorm", 0x029: "M1 Max Firestorm", 0x032: "M2 Blizzard", 0x033: "M2 Avalanche",
            0x034: "M2 Pro Blizzard", 0x035: "M2 Pro Avalanche", 0x038: "M2 Max Blizzard",
            0x039: "M2 Max Avalanche",
        ],
        0x6D: [0xD49: "Azure Cobalt 100"],
        0x70: [0x303: "FTC310", 0x660: "FTC660", 0x661: "FTC661", 0x662: "FTC662", 0x663: "FTC663", 0x862: "FTC862"],
        0xC0: [0xAC3: "Ampere-1", 0xAC4: "Ampere-1A", 0xAC5: "Ampere-1B"],
    ]
}
