public import BerthJSON

/// The four rates of a block device that `io.max` knows; nil is no ceiling, or an unknown capacity.
public struct StorageRates: Hashable, Sendable {
    /// Bytes read a second.
    public var read: Quantity?
    /// Bytes written a second.
    public var write: Quantity?
    /// Reads a second.
    public var readOperations: Quantity?
    /// Writes a second.
    public var writeOperations: Quantity?

    /// - Parameters:
    ///   - read: bytes read a second
    ///   - write: bytes written a second
    ///   - readOperations: reads a second
    ///   - writeOperations: writes a second
    public init(
        read: Quantity? = nil, write: Quantity? = nil, readOperations: Quantity? = nil, writeOperations: Quantity? = nil
    ) {
        self.read = read
        self.write = write
        self.readOperations = readOperations
        self.writeOperations = writeOperations
    }

    /// One rate: the name it has in JSON, where it lies, and what it counts.
    public struct Rate: Sendable {
        /// `read`, `write`, `read_iops` or `write_iops`.
        public let name: String
        /// What it counts.
        public let measure: Measure
        /// Where it lies in ``StorageRates``.
        public let path: any WritableKeyPath<StorageRates, Quantity?> & Sendable
    }

    /// All four rates, in the order of `io.max`.
    public static let all: [Rate] = [
        Rate(name: "read", measure: .bytesPerSecond, path: \.read),
        Rate(name: "write", measure: .bytesPerSecond, path: \.write),
        Rate(name: "read_iops", measure: .operationsPerSecond, path: \.readOperations),
        Rate(name: "write_iops", measure: .operationsPerSecond, path: \.writeOperations),
    ]

    /// Whether no rate is given.
    public var isEmpty: Bool { self == StorageRates() }

    /// The rates that are given, by their names.
    public var json: JSONObject {
        var object = JSONObject()
        for rate in StorageRates.all {
            if let quantity = self[keyPath: rate.path] { object[rate.name] = rate.measure.json(quantity) }
        }
        return object
    }
}
