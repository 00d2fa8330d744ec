internal import BerthHost

/// One setting of a unit, as org.freedesktop.systemd1(5) names it: that of systemd.resource-control(5), with the unit of
/// time or memory in its name where there is one.
struct UnitProperty: Hashable, Sendable {
    /// What a setting is set to.
    enum Value: Hashable, Sendable {
        case text(String)
        case flag(Bool)
        case number(UInt64)
        case processes([UInt32])

        /// Its type on the bus.
        var signature: String {
            switch self {
            case .text: "s"
            case .flag: "b"
            case .number: "t"
            case .processes: "au"
            }
        }
    }

    let name: String
    let value: Value

    /// No limit: UINT64_MAX on the bus, `infinity` in a unit file.
    static let infinity = UInt64.max
}

extension UnitProperty {
    /// `CPUWeight=`, which is `cpu.weight`: 1 to 10000.
    static func cpuWeight(_ weight: UInt64) -> UnitProperty { UnitProperty(name: "CPUWeight", value: .number(weight)) }

    /// `MemoryLow=`, which is `memory.low`, in bytes.
    static func memoryLow(bytes: UInt64) -> UnitProperty { UnitProperty(name: "MemoryLow", value: .number(bytes)) }

    /// `MemoryMin=`, which is `memory.min`, in bytes.
    static func memoryMin(bytes: UInt64) -> UnitProperty { UnitProperty(name: "MemoryMin", value: .number(bytes)) }

    /// What the scope of the workloads is made with.
    /// - Parameters:
    ///   - holder: the process that is in it from its beginning
    ///   - slice: the slice that it lies in
    static func workloads(holder: Int32, slice: String) -> [UnitProperty] {
        [
            UnitProperty(name: "Description", value: .text("Workloads of Berth's reservations")),
            UnitProperty(name: "PIDs", value: .processes([UInt32(holder)])),
            UnitProperty(name: "Slice", value: .text(slice)),
            UnitProperty(name: "Delegate", value: .flag(true)),
            // Each leaf has a pids.max of its own; the default of 15 % of all would be one more, for all of them together.
            UnitProperty(name: "TasksMax", value: .number(infinity)),
            // A scope that failed would else stand in the way of the next one.
            UnitProperty(name: "CollectMode", value: .text("inactive-or-failed")),
        ]
    }
}

extension MemoryProtection {
    /// The settings that protect so much.
    var properties: [UnitProperty] {
        [.memoryLow(bytes: UInt64(max(low, 0))), .memoryMin(bytes: UInt64(max(hard, 0)))]
    }
}
