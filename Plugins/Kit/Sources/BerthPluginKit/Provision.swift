public import BerthJSON

/// What the programs of a reservation get with its units.
public struct Provision: Hashable, Sendable {
    /// Variables of their environment, each named in the manifest.
    public var environment: [String: String]
    /// Devices that they may open, besides those of the units.
    public var devices: [Device]
    /// Values for files of their cgroup, no looser than what was granted: `cpuset.mems`, `io.max`, `pids.max`.
    public var cgroup: [String: String]
    /// Folders below the plugin's state folder, each with the bytes that it may have at most, which the agent sees to.
    public var quotas: [String: Int64]

    /// - Parameters:
    ///   - environment: variables of their environment
    ///   - devices: devices that they may open, besides those of the units
    ///   - cgroup: values for files of their cgroup
    ///   - quotas: folders below the plugin's state folder, with the most bytes of each
    public init(
        environment: [String: String] = [:], devices: [Device] = [], cgroup: [String: String] = [:],
        quotas: [String: Int64] = [:]
    ) {
        self.environment = environment
        self.devices = devices
        self.cgroup = cgroup
        self.quotas = quotas
    }

    /// As a message has it.
    public static var reader: JSONReader<Provision> {
        .fields { fields throws(JSONFieldError) in
            Provision(
                environment: try fields.optional("environment", .dictionary(of: .string)) ?? [:],
                devices: try fields.optional("devices", .array(of: Device.reader)) ?? [],
                cgroup: try fields.optional("cgroup", .dictionary(of: .string)) ?? [:],
                quotas: try fields.optional("quotas", .dictionary(of: .int64)) ?? [:])
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        [
            "environment": .object(JSONObject(environment) { .string($0) }),
            "devices": .array(devices.map(\.json)), "cgroup": .object(JSONObject(cgroup) { .string($0) }),
            "quotas": .object(JSONObject(quotas) { JSONValue($0) }),
        ]
    }
}
