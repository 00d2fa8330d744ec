public import BerthJSON

/// Units of one type that a reservation was granted.
public struct Allocation: Hashable, Sendable {
    /// The reservation's id.
    public var reservation: String
    /// The type.
    public var type: String
    /// The units, by name.
    public var units: [String]
    /// Whose reservation it is: a number of the system's.
    public var user: Int64
    /// What else the request said, in words of the type's own.
    public var parameters: JSONObject

    /// - Parameters:
    ///   - reservation: the reservation's id
    ///   - type: the type
    ///   - units: the units, by name
    ///   - user: whose reservation it is
    ///   - parameters: what else the request said
    public init(
        reservation: String, type: String, units: [String], user: Int64, parameters: JSONObject = [:]
    ) {
        self.reservation = reservation
        self.type = type
        self.units = units
        self.user = user
        self.parameters = parameters
    }

    /// As a message has it.
    public static var reader: JSONReader<Allocation> {
        .fields { fields throws(JSONFieldError) in
            Allocation(
                reservation: try fields.required("reservation", .string), type: try fields.required("type", .string),
                units: try fields.required("units", .array(of: .string)), user: try fields.required("user", .int64),
                parameters: try fields.optional("parameters", .object) ?? [:])
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        [
            "reservation": .string(reservation), "type": .string(type), "units": .array(units.map { .string($0) }),
            "user": JSONValue(user), "parameters": .object(parameters),
        ]
    }
}
