internal import BerthJSON

/// What the programs of a reservation get with its units of one type, as the type's plugin says.
public struct Provision: Hashable, Sendable {
    /// Variables of their environment.
    public var environment: [String: String]
    /// Devices that they may open, besides those of the units.
    public var devices: [DeviceNode]
    /// The units that it is for.
    public var units: [String]
    /// Folders that are theirs alone, each with a size.
    public var folders: [SizedFolder]
    /// What it narrows of what they may use.
    public var cgroup: Narrowing

    /// - Parameters:
    ///   - environment: variables of their environment
    ///   - devices: devices that they may open, besides those of the units
    ///   - units: the units that it is for
    ///   - folders: folders that are theirs alone
    ///   - cgroup: what it narrows of what they may use
    public init(
        environment: [String: String] = [:], devices: [DeviceNode] = [], units: [String] = [],
        folders: [SizedFolder] = [], cgroup: Narrowing = Narrowing()
    ) {
        self.environment = environment
        self.devices = devices
        self.units = units
        self.folders = folders
        self.cgroup = cgroup
    }

    /// The provision as the ledger keeps it.
    var json: JSONValue {
        var object: JSONObject = ["env": environmentJSON]
        if !devices.isEmpty { object["devices"] = .array(devices.map { .string($0.description) }) }
        if !units.isEmpty { object["units"] = .array(units.map { .string($0) }) }
        if !folders.isEmpty { object["folders"] = .array(folders.map(\.json)) }
        if !cgroup.isEmpty { object["cgroup"] = cgroup.json }
        return .object(object)
    }

    /// The variables, in the order of their names.
    var environmentJSON: JSONValue {
        .object(JSONObject(environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    /// Reads what ``json`` prints; and variables alone, as the first ledgers kept them.
    static var reader: JSONReader<Provision> {
        JSONReader(expecting: "an object") { value throws(JSONFieldError) in
            guard case .object(let object) = value, let first = object.first, case .object = first.value else {
                return Provision(environment: try JSONReader<[String: String]>.dictionary(of: .string).read(value))
            }
            return try JSONFields.read(value) { fields throws(JSONFieldError) in
                Provision(
                    environment: try fields.required("env", .dictionary(of: .string)),
                    devices: try fields.optional("devices", .array(of: .device)) ?? [],
                    units: try fields.optional("units", .array(of: .string)) ?? [],
                    folders: try fields.optional("folders", .array(of: SizedFolder.reader)) ?? [],
                    cgroup: try fields.optional("cgroup", Narrowing.reader) ?? Narrowing())
            }
        }
    }
}

extension Reservation {
    /// Provisions by type, as the ledger keeps them.
    static func json(_ provisions: [ResourceType: Provision]) -> JSONValue {
        .object(JSONObject(provisions.sorted { $0.key < $1.key }.map { ($0.key.name, $0.value.json) }))
    }
}

extension JSONReader where Value == [ResourceType: Provision] {
    /// Reads what `Reservation.json` prints of provisions.
    static var provisions: JSONReader {
        JSONReader(expecting: "an object of types") { value throws(JSONFieldError) in
            var provisions: [ResourceType: Provision] = [:]
            for (name, provision) in try JSONReader<[String: Provision]>.dictionary(of: Provision.reader).read(value) {
                if let type = ResourceType(name) { provisions[type] = provision }
            }
            return provisions
        }
    }
}

extension JSONReader where Value == DeviceNode {
    /// A device such as `c 195:0`.
    static var device: JSONReader {
        JSONReader(expecting: "a device such as c 195:0") { value throws(JSONFieldError) in
            let text = try JSONReader<String>.string.read(value)
            do throws(ParseError) { return try DeviceNode(parsing: text) } catch {
                throw .invalid("must be a device such as c 195:0, not \(value.excerpt)")
            }
        }
    }
}
