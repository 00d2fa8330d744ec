internal import BerthJSON

/// What one user may have at a time; nil is no cap.
public struct Caps: Hashable, Sendable {
    /// Live reservations, those that wait among them.
    public var reservations: Int?
    /// The longest lease.
    public var lease: Duration?
    /// The most of a type that may be held in all.
    public var quantities: [ResourceType: Quantity]
    /// The highest priority of a request.
    public var priority: Int?

    /// - Parameters:
    ///   - reservations: live reservations
    ///   - lease: the longest lease
    ///   - quantities: the most of each type
    ///   - priority: the highest priority of a request
    public init(
        reservations: Int? = nil, lease: Duration? = nil, quantities: [ResourceType: Quantity] = [:],
        priority: Int? = nil
    ) {
        self.reservations = reservations
        self.lease = lease
        self.quantities = quantities
        self.priority = priority
    }
}

extension Caps {
    /// The caps as the ledger keeps them, in base units.
    var stored: JSONValue {
        var object: JSONObject = [:]
        object["reservations"] = reservations.map { JSONValue($0) }
        object["lease_ms"] = lease.map { JSONValue($0.milliseconds) }
        object["priority"] = priority.map { JSONValue($0) }
        if !quantities.isEmpty {
            object["quantities"] = .object(
                JSONObject(quantities.sorted { $0.key < $1.key }.map { ($0.key.name, JSONValue($0.value.units)) }))
        }
        return .object(object)
    }

    /// Reads what ``stored`` prints.
    static var storedReader: JSONReader<Caps> {
        .fields { fields throws(JSONFieldError) in
            let quantities = try fields.optional("quantities", .dictionary(of: .int64)) ?? [:]
            return Caps(
                reservations: try fields.optional("reservations", .int64).map { Int(clamping: $0) },
                lease: try fields.optional("lease_ms", .int64).map { .milliseconds($0) },
                quantities: Dictionary(
                    quantities.compactMap { name, units in ResourceType(name).map { ($0, Quantity(units)) } },
                    uniquingKeysWith: { first, _ in first }),
                priority: try fields.optional("priority", .int64).map { Int(clamping: $0) })
        }
    }
}
