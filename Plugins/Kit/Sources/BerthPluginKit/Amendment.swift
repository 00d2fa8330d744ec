public import BerthJSON

/// One value that a validator puts into a request.
public struct Amendment: Hashable, Sendable {
    /// Where: a JSON pointer to a member that may be missing.
    public var pointer: String
    /// What.
    public var value: JSONValue
    /// Why, as a sentence.
    public var reason: String

    /// - Parameters:
    ///   - pointer: where
    ///   - value: what
    ///   - reason: why, as a sentence
    public init(_ pointer: String, _ value: JSONValue, _ reason: String) {
        self.pointer = pointer
        self.value = value
        self.reason = reason
    }

    /// As a message has it.
    public static var reader: JSONReader<Amendment> {
        .fields { fields throws(JSONFieldError) in
            Amendment(
                try fields.required("pointer", .string), try fields.required("value", .value),
                try fields.required("reason", .string))
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        ["pointer": .string(pointer), "value": value, "reason": .string(reason)]
    }
}
