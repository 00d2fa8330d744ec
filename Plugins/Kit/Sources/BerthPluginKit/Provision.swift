public import BerthJSON

/// What the programs of a reservation get with its units.
public struct Provision: Hashable, Sendable {
    /// Variables of their environment, each named in the manifest.
    public var environment: [String: String]
    /// Devices that they may open, besides those of the units.
    public var devices: [Device]
    /// What it narrows of what they may use of the host.
    public var cgroup: Narrowing
    /// Folders below the plugin's state folder, each with the bytes that it may have at most, which the agent sees to.
    public var quotas: [String: Int64]

    /// - Parameters:
    ///   - environment: variables of their environment
    ///   - devices: devices that they may open, besides those of the units
    ///   - cgroup: what it narrows of what they may use of the host
    ///   - quotas: folders below the plugin's state folder, with the most bytes of each
    public init(
        environment: [String: String] = [:], devices: [Device] = [], cgroup: Narrowing = Narrowing(),
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
                cgroup: try fields.optional("cgroup", Narrowing.reader) ?? Narrowing(),
                quotas: try fields.optional("quotas", .dictionary(of: .int64)) ?? [:])
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        [
            "environment": .object(JSONObject(environment) { .string($0) }),
            "devices": .array(devices.map(\.json)), "cgroup": cgroup.json,
            "quotas": .object(JSONObject(quotas) { JSONValue($0) }),
        ]
    }
}
