public import BerthJSON

/// What a provider narrows of what the programs of a reservation may use of the host, by files of their cgroup. A value that
/// is looser than what was granted is refused, and with it the reservation.
///
/// ```swift
/// Provision(cgroup: Narrowing(nodes: "1", pids: 64, disks: [.init("nvme0n1", write: 100 << 20)]))
/// ```
public struct Narrowing: Hashable, Sendable {
    /// As a message has it: what it means is the agent's to read.
    private let object: JSONObject

    /// The highest rates of one disk, of which at least one has to be given; nil is no ceiling but that which was granted.
    public struct Disk: Hashable, Sendable {
        fileprivate let object: JSONObject

        /// - Parameters:
        ///   - device: its name, or a partition's, such as `nvme0n1`
        ///   - read: bytes read a second
        ///   - write: bytes written a second
        ///   - readOperations: reads a second
        ///   - writeOperations: writes a second
        public init(
            _ device: String, read: Int64? = nil, write: Int64? = nil, readOperations: Int64? = nil,
            writeOperations: Int64? = nil
        ) {
            var object: JSONObject = ["device": .string(device)]
            object["read"] = read.map { JSONValue($0) }
            object["write"] = write.map { JSONValue($0) }
            object["read_iops"] = readOperations.map { JSONValue($0) }
            object["write_iops"] = writeOperations.map { JSONValue($0) }
            self.object = object
        }
    }

    /// - Parameters:
    ///   - nodes: the NUMA nodes that memory comes from (`cpuset.mems`), such as `0-1`; nil narrows nothing, as below
    ///   - pids: the most processes and threads (`pids.max`)
    ///   - disks: the highest rates of disks (`io.max`)
    public init(nodes: String? = nil, pids: Int64? = nil, disks: [Disk] = []) {
        var object = JSONObject()
        object["cpuset.mems"] = nodes.map { .string($0) }
        object["pids.max"] = pids.map { JSONValue($0) }
        if !disks.isEmpty { object["io.max"] = .array(disks.map { .object($0.object) }) }
        self.object = object
    }

    private init(_ object: JSONObject) { self.object = object }

    /// As a message has it.
    public static var reader: JSONReader<Narrowing> {
        JSONReader(expecting: "an object of files") { value throws(JSONFieldError) in
            Narrowing(try JSONReader<JSONObject>.object.read(value))
        }
    }

    /// As a message has it.
    public var json: JSONValue { .object(object) }
}
