/// A kind of resource: one of Berth's own, or a plugin's, named `vendor.example/name`.
public struct ResourceType: Hashable, Sendable {
    /// The name as it stands in requests and answers.
    public let name: String

    private init(builtIn name: String) { self.name = name }

    /// Processor time, shared or as whole cores.
    public static let cpu = ResourceType(builtIn: "cpu")
    /// Main memory.
    public static let memory = ResourceType(builtIn: "memory")
    /// Processes and threads.
    public static let pids = ResourceType(builtIn: "pids")
    /// Rates of block devices.
    public static let storage = ResourceType(builtIn: "storage")
    /// Bandwidth of network interfaces.
    public static let network = ResourceType(builtIn: "network")
    /// Graphics processors and accelerators.
    public static let gpu = ResourceType(builtIn: "gpu")

    /// Every type that Berth knows without a plugin, in the order in which they are shown.
    public static let builtIn = [cpu, memory, pids, storage, network, gpu]

    /// The type of a name; nil when Berth has none of that name.
    public init?(_ name: String) {
        guard let known = ResourceType.builtIn.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    /// What a quantity of this type counts. Storage is counted per device in four rates (``StorageRates``); the
    /// measure of the type as a whole is bytes per second.
    public var measure: Measure {
        switch self {
        case .cpu: .cpus
        case .memory: .bytes
        case .storage: .bytesPerSecond
        case .network: .bitsPerSecond
        case .gpu: .gpus
        default: .count
        }
    }
}

extension ResourceType: Comparable, CustomStringConvertible {
    /// In the order in which types are shown: Berth's own first.
    public static func < (left: ResourceType, right: ResourceType) -> Bool {
        (left.rank, left.name) < (right.rank, right.name)
    }

    /// The name.
    public var description: String { name }

    private var rank: Int { ResourceType.builtIn.firstIndex(of: self) ?? ResourceType.builtIn.count }
}
