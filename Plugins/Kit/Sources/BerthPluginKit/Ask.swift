public import BerthJSON

/// What a request says of a type that a provider has.
public struct Ask: Hashable, Sendable {
    /// The type.
    public var type: String
    /// How many units.
    public var amount: Int64
    /// What else the request says of it, in words of the type's own.
    public var parameters: JSONObject

    /// - Parameters:
    ///   - type: the type
    ///   - amount: how many units
    ///   - parameters: what else the request says
    public init(_ type: String, amount: Int64, parameters: JSONObject = [:]) {
        self.type = type
        self.amount = amount
        self.parameters = parameters
    }

    /// As a message has it.
    public static var reader: JSONReader<Ask> {
        .fields { fields throws(JSONFieldError) in
            Ask(
                try fields.required("type", .string), amount: try fields.required("amount", .int64),
                parameters: try fields.optional("parameters", .object) ?? [:])
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        ["type": .string(type), "amount": JSONValue(amount), "parameters": .object(parameters)]
    }
}
