public import BerthJSON

/// What a provider has of one type.
public struct Offer: Hashable, Sendable {
    /// The type: `vendor.example/name`, one of those in the manifest.
    public var type: String
    /// Its units.
    public var units: [Unit]

    /// - Parameters:
    ///   - type: the type
    ///   - units: its units
    public init(_ type: String, units: [Unit]) {
        self.type = type
        self.units = units
    }
}

/// One thing that can be held.
public struct Unit: Hashable, Sendable {
    /// Whether it can be granted.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It works.
        case available
        /// It works and is not to be granted.
        case maintenance
        /// It does not work.
        case failed
    }

    /// Its name, which stays the same for as long as it is the same thing.
    public var name: String
    /// Whether it can be granted.
    public var state: State
    /// Why it cannot; nil where it can.
    public var reason: String?
    /// Facts that a request can ask for: texts, numbers or booleans.
    public var capabilities: [String: JSONValue]
    /// The NUMA node it is near to; nil where it is near to none.
    public var node: Int64?
    /// The unit that this one is a part of: while one of the two is held, the other cannot be. A part has the fact
    /// `partition`, and goes only to requests that ask for that fact.
    public var parent: String?
    /// Its devices: no reservation can open them but the one that holds it.
    public var devices: [Device]

    /// - Parameters:
    ///   - name: its name
    ///   - state: whether it can be granted
    ///   - reason: why it cannot
    ///   - capabilities: facts that a request can ask for
    ///   - node: the NUMA node it is near to
    ///   - parent: the unit that it is a part of
    ///   - devices: its devices
    public init(
        _ name: String, state: State = .available, reason: String? = nil, capabilities: [String: JSONValue] = [:],
        node: Int64? = nil, parent: String? = nil, devices: [Device] = []
    ) {
        self.name = name
        self.state = state
        self.reason = reason
        self.capabilities = capabilities
        self.node = node
        self.parent = parent
        self.devices = devices
    }
}

extension Offer {
    /// As a message has it.
    public static var reader: JSONReader<Offer> {
        .fields { fields throws(JSONFieldError) in
            Offer(try fields.required("type", .string), units: try fields.required("units", .array(of: Unit.reader)))
        }
    }

    /// As a message has it.
    public var json: JSONValue { ["type": .string(type), "units": .array(units.map(\.json))] }
}

extension Unit {
    /// As a message has it.
    public static var reader: JSONReader<Unit> {
        .fields { fields throws(JSONFieldError) in
            var unit = Unit(try fields.required("name", .string))
            if let state = try fields.optional("state", .string) {
                guard let known = State(rawValue: state) else {
                    throw fields.invalid(
                        "state", "is not \(state)", expected: State.allCases.map(\.rawValue).joined(separator: ", "))
                }
                unit.state = known
            }
            unit.reason = try fields.optional("reason", .string)
            unit.capabilities = try fields.optional("capabilities", .dictionary(of: .value)) ?? [:]
            unit.node = try fields.optional("node", .int64)
            unit.parent = try fields.optional("parent", .string)
            unit.devices = try fields.optional("devices", .array(of: Device.reader)) ?? []
            return unit
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        var members: JSONObject = ["name": .string(name), "state": .string(state.rawValue)]
        if let reason { members["reason"] = .string(reason) }
        if !capabilities.isEmpty { members["capabilities"] = .object(JSONObject(sorted: capabilities)) }
        if let node { members["node"] = JSONValue(node) }
        if let parent { members["parent"] = .string(parent) }
        if !devices.isEmpty { members["devices"] = .array(devices.map(\.json)) }
        return .object(members)
    }
}
