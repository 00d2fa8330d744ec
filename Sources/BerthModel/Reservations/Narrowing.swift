public import BerthJSON

/// What a plugin narrows of what the programs of a reservation may use: values for files of its leaf, none of them looser
/// than what was granted.
public struct Narrowing: Hashable, Sendable {
    /// The NUMA nodes that their memory comes from (`cpuset.mems`); nil where nothing is said of them.
    public var nodes: CPUSet?
    /// The most processes and threads (`pids.max`); nil where nothing is said of them.
    public var pids: Quantity?
    /// The highest rates of disks (`io.max`): each disk once, with at least one rate, without a weight.
    public var storage: [StorageAsk]

    /// The most processes and threads in a reservation of a user who asked for none; root's has no ceiling then.
    public static let unaskedPids = Quantity(4096)

    /// - Parameters:
    ///   - nodes: the NUMA nodes that memory comes from
    ///   - pids: the most processes and threads
    ///   - storage: the highest rates of disks
    public init(nodes: CPUSet? = nil, pids: Quantity? = nil, storage: [StorageAsk] = []) {
        self.nodes = nodes
        self.pids = pids
        self.storage = storage
    }

    /// Whether it narrows nothing.
    public var isEmpty: Bool { self == Narrowing() }

    /// What two plugins together leave: of each value the tighter. Nodes that have none in common leave no node, which
    /// nothing can hold.
    public func meet(_ other: Narrowing) -> Narrowing {
        var meet = self
        if let nodes = other.nodes { meet.nodes = self.nodes?.intersection(nodes) ?? nodes }
        meet.pids = [pids, other.pids].compactMap { $0 }.min()
        for ask in other.storage {
            if let index = meet.storage.firstIndex(where: { $0.device == ask.device }) {
                meet.storage[index].rates = meet.storage[index].rates.tightened(by: ask.rates)
            } else {
                meet.storage.append(ask)
            }
        }
        return meet
    }
}

extension StorageRates {
    /// Of each rate the lower; one that only either has counts.
    func tightened(by other: StorageRates) -> StorageRates {
        var tightened = self
        for rate in StorageRates.all {
            tightened[keyPath: rate.path] = [self[keyPath: rate.path], other[keyPath: rate.path]].compactMap { $0 }
                .min()
        }
        return tightened
    }
}

// MARK: - JSON

extension Narrowing {
    /// By the names of the files, in the words of requests: a list of nodes, a count, disks with their rates.
    public var json: JSONValue {
        var object = JSONObject()
        object["cpuset.mems"] = nodes.map { .string($0.description) }
        object["pids.max"] = pids.map(ResourceType.pids.measure.json)
        if !storage.isEmpty { object["io.max"] = .array(storage.map(\.json)) }
        return .object(object)
    }

    /// Reads what ``json`` prints, and what a plugin says. Another file is refused.
    public static var reader: JSONReader<Narrowing> {
        .fields { fields throws(JSONFieldError) in
            let narrowing = Narrowing(
                nodes: try fields.optional("cpuset.mems", .cpuSet),
                pids: try fields.optional("pids.max", .quantity(of: .pids)),
                storage: try fields.optional("io.max", .storage) ?? [])
            if narrowing.nodes?.isEmpty == true { throw fields.invalid("cpuset.mems", "must name a node") }
            if narrowing.storage.contains(where: { $0.weight != nil }) {
                throw fields.invalid("io.max", "has rates only: read, write, read_iops, write_iops")
            }
            return narrowing
        }
    }
}
