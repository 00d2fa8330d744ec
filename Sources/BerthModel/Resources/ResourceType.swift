/// A kind of resource: one of Berth's own, or a plugin's, named `vendor.example/name`.
public struct ResourceType: Hashable, Sendable {
    /// The name as it stands in requests and answers.
    public let name: String

    private init(builtIn name: String) { self.name = name }

    /// A type that plugins provide: `vendor.example/name`; nil where that is no such name. Whether any plugin does is
    /// another question.
    public init?(provided name: String) {
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, name.utf8.count <= 128, parts[0].contains(UInt8(ascii: ".")),
            parts[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                .allSatisfy(ResourceType.isWord), ResourceType.isWord(parts[1])
        else { return nil }
        self.name = name
    }

    private static func isWord(_ bytes: Substring.UTF8View) -> Bool {
        !bytes.isEmpty && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// Whether a plugin provides it.
    public var isProvided: Bool { !ResourceType.builtIn.contains(self) }

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

    /// The type of a name: one of Berth's own or one that a plugin may provide; nil for any other.
    public init?(_ name: String) {
        guard let known = ResourceType.builtIn.first(where: { $0.name == name }) ?? ResourceType(provided: name) else {
            return nil
        }
        self = known
    }

    /// One unit of a type whose units are held whole, in its measure.
    public var whole: Quantity { Quantity(self == .gpu ? 1000 : 1) }

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
