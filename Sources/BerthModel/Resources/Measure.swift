public import BerthJSON

/// What a quantity counts, and how people write it.
public enum Measure: String, Hashable, Sendable, CaseIterable {
    /// CPUs; base unit one thousandth (a millicore).
    case cpus
    /// GPUs; base unit one thousandth.
    case gpus
    /// Bytes.
    case bytes
    /// Bytes per second.
    case bytesPerSecond = "bytes_per_second"
    /// Input and output operations per second.
    case operationsPerSecond = "operations_per_second"
    /// Bits per second.
    case bitsPerSecond = "bits_per_second"
    /// Things: processes, seats.
    case count
}

extension Measure {
    /// How many decimals of the counted unit one base unit is: 3 for millicores, 0 for bytes.
    public var decimals: Int {
        switch self {
        case .cpus, .gpus: 3
        case .bytes, .bytesPerSecond, .operationsPerSecond, .bitsPerSecond, .count: 0
        }
    }

    /// The smallest quantity that can be asked for, in base units: a hundredth of a CPU or GPU, else one.
    public var smallest: Quantity { Quantity(self == .cpus || self == .gpus ? 10 : 1) }

    /// What a request may write, for error messages.
    public var example: String {
        switch self {
        case .cpus: "a number of CPUs of at least 0.01 with up to three decimals, such as 1.5 or \"250m\""
        case .gpus: "a whole number of GPUs, or a part of one of at least 0.01, such as 2, 0.5 or \"500m\""
        case .bytes: "a number of bytes, such as 4294967296, \"4GiB\" or \"4G\""
        case .bytesPerSecond: "a number of bytes per second, such as 52428800 or \"50MiB\""
        case .operationsPerSecond: "a whole number of operations per second, such as 1000 or \"1k\""
        case .bitsPerSecond: "a number of bits per second, such as 100000000 or \"100Mbit\""
        case .count: "a whole number of at least 1"
        }
    }

    /// The number in the unit that people count in: CPUs, bytes, bits per second.
    public func json(_ quantity: Quantity) -> JSONValue {
        .number(JSONNumber(quantity.units, decimals: decimals))
    }
}
