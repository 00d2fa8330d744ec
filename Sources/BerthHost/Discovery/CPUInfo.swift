/// What `/proc/cpuinfo` says, in the layouts of x86, ARM, POWER, s390, RISC-V, LoongArch, MIPS and Itanium.
struct CPUInfo: Equatable {
    /// One logical CPU.
    struct Row: Equatable {
        /// `processor`, or `cpu number` on s390.
        let id: Int
        /// `physical id`.
        var package: Int?
        /// `core id`, counted anew in each package.
        var core: Int?
        /// `CPU implementer` of ARM: who designed the core.
        var implementer: Int?
        /// `CPU part` of ARM: which core of the implementer.
        var part: Int?
    }

    /// Keys of which the first value is kept.
    enum Key: Int, CaseIterable {
        case vendor, modelName, modelNameMIPS, modelNameLoongArch, cpu, microarchitecture, isa, family, hardware
        case machine, model, platform, clock, staticClock, flags, armArchitecture, arch
    }

    private(set) var rows: [Row] = []
    private var values: [String?]

    /// The first value of a key, nil when it is absent or empty.
    subscript(key: Key) -> String? { values[key.rawValue] }

    init(_ text: String) {
        var rows: [Row] = []
        var places: [Int: Int] = [:]
        var current: Int?
        var values = [String?](repeating: nil, count: Key.allCases.count)
        text.forEachField { key, value in
            if let id = CPUInfo.processor(key, value) {
                // A mainframe names each CPU twice: in one line, and again above its block.
                current = places[id] ?? rows.count
                places[id] = current
                if current == rows.count { rows.append(Row(id: id)) }
                if key.starts(with: "processor ") { values.keep(.machine, CPUInfo.mainframe(value)) }
            } else if let field = CPUInfo.field(key) {
                if let current, let number = CPUInfo.number(value) { rows[current][keyPath: field] = number }
            } else if let known = CPUInfo.key(key) {
                values.keep(known, value.isEmpty ? nil : value.text)
            }
        }
        self.rows = rows
        self.values = values
    }

    /// The number in `processor : 4`, `cpu number : 4` and the mainframe's `processor 4: version = …`.
    private static func processor(_ key: Span<UInt8>, _ value: Span<UInt8>) -> Int? {
        let number: Int?
        if key.equals("processor") || key.equals("cpu number") {
            number = value.leadingInteger
        } else if key.starts(with: "processor ") {
            number = key.extracting(droppingFirst: 10).leadingInteger
        } else {
            number = nil
        }
        guard let number, number < CPUInfo.mostProcessors else { return nil }
        return number
    }

    /// `2817` of `version = 00,  identification = 279F25,  machine = 2817`.
    private static func mainframe(_ value: Span<UInt8>) -> String? {
        let text = value.text
        guard let last = text.split(separator: ",").last?.split(separator: "="), last.count == 2,
            last[0].allSatisfy({ " machine".contains($0) })
        else { return nil }
        return String(last[1].drop { $0 == " " })
    }

    private static func field(_ key: Span<UInt8>) -> WritableKeyPath<Row, Int?>? {
        if key.equals("physical id") { return \.package }
        if key.equals("core id") { return \.core }
        if key.equals("CPU implementer") { return \.implementer }
        if key.equals("CPU part") { return \.part }
        return nil
    }

    /// Decimal, or hexadecimal with `0x`.
    private static func number(_ value: Span<UInt8>) -> Int? {
        guard value.starts(with: "0x") else { return value.leadingInteger }
        return Int(value.extracting(droppingFirst: 2).text, radix: 16).flatMap { $0 >= 0 ? $0 : nil }
    }

    private static func key(_ key: Span<UInt8>) -> Key? {
        for known in Key.allCases where key.equals(known.name) { return known }
        return nil
    }

    /// As for a set of CPUs.
    private static let mostProcessors = 65_536
}

extension CPUInfo.Key {
    /// How the kernel writes it.
    fileprivate var name: StaticString {
        switch self {
        case .vendor: "vendor_id"
        case .modelName: "model name"
        case .modelNameMIPS: "cpu model"
        case .modelNameLoongArch: "Model Name"
        case .cpu: "cpu"
        case .microarchitecture: "uarch"
        case .isa: "isa"
        case .family: "family"
        case .hardware: "Hardware"
        case .machine: "machine"
        case .model: "model"
        case .platform: "platform"
        case .clock: "clock"
        case .staticClock: "cpu MHz static"
        case .flags: "flags"
        case .armArchitecture: "CPU architecture"
        case .arch: "arch"
        }
    }
}

extension [String?] {
    /// Keeps the first value of a key.
    fileprivate mutating func keep(_ key: CPUInfo.Key, _ value: String?) {
        if self[key.rawValue] == nil { self[key.rawValue] = value }
    }
}
