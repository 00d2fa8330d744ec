public import BerthJSON

/// What a reservation has used so far, as the files of its leaf say; nil is unknown.
public struct Usage: Hashable, Sendable {
    /// CPU time in microseconds: `usage_usec` of `cpu.stat`.
    public var cpuMicroseconds: Int64?
    /// Memory in use now, in bytes: `memory.current`.
    public var memoryBytes: Int64?
    /// The most memory in use at a time, in bytes: `memory.peak`.
    public var memoryPeakBytes: Int64?
    /// Processes and threads now: `pids.current`.
    public var pids: Int64?

    /// - Parameters:
    ///   - cpuMicroseconds: CPU time
    ///   - memoryBytes: memory now
    ///   - memoryPeakBytes: the most memory at a time
    ///   - pids: processes and threads now
    public init(
        cpuMicroseconds: Int64? = nil, memoryBytes: Int64? = nil, memoryPeakBytes: Int64? = nil, pids: Int64? = nil
    ) {
        self.cpuMicroseconds = cpuMicroseconds
        self.memoryBytes = memoryBytes
        self.memoryPeakBytes = memoryPeakBytes
        self.pids = pids
    }

    /// What is known, by name: `cpu_seconds`, `memory_bytes`, `memory_peak_bytes`, `pids`.
    public var json: JSONValue {
        var object: JSONObject = [:]
        object["cpu_seconds"] = cpuMicroseconds.map { .number(JSONNumber($0, decimals: 6)) }
        object["memory_bytes"] = memoryBytes.map { JSONValue($0) }
        object["memory_peak_bytes"] = memoryPeakBytes.map { JSONValue($0) }
        object["pids"] = pids.map { JSONValue($0) }
        return .object(object)
    }

    /// The use as the ledger keeps it, in whole numbers.
    var stored: JSONValue {
        var object: JSONObject = [:]
        object["cpu_us"] = cpuMicroseconds.map { JSONValue($0) }
        object["memory_bytes"] = memoryBytes.map { JSONValue($0) }
        object["memory_peak_bytes"] = memoryPeakBytes.map { JSONValue($0) }
        object["pids"] = pids.map { JSONValue($0) }
        return .object(object)
    }

    /// Reads what ``stored`` prints.
    static var storedReader: JSONReader<Usage> {
        .fields { fields throws(JSONFieldError) in
            Usage(
                cpuMicroseconds: try fields.optional("cpu_us", .int64),
                memoryBytes: try fields.optional("memory_bytes", .int64),
                memoryPeakBytes: try fields.optional("memory_peak_bytes", .int64),
                pids: try fields.optional("pids", .int64))
        }
    }
}
