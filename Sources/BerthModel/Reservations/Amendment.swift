public import BerthJSON

/// What a validator has put into a request.
public struct Amendment: Hashable, Sendable {
    /// The validator.
    public var validator: String
    /// Where in the request, as a JSON pointer.
    public var pointer: String
    /// What is there now.
    public var value: JSONValue
    /// Why, as a sentence.
    public var reason: String

    /// - Parameters:
    ///   - validator: the validator
    ///   - pointer: where in the request
    ///   - value: what is there now
    ///   - reason: why
    public init(validator: String, pointer: String, value: JSONValue, reason: String) {
        self.validator = validator
        self.pointer = pointer
        self.value = value
        self.reason = reason
    }

    /// As answers show it and the ledger keeps it.
    public var json: JSONValue {
        [
            "validator": .string(validator), "pointer": .string(pointer), "value": value, "reason": .string(reason),
        ]
    }

    /// Reads what ``json`` prints.
    static var reader: JSONReader<Amendment> {
        .fields { fields throws(JSONFieldError) in
            Amendment(
                validator: try fields.required("validator", .string), pointer: try fields.required("pointer", .string),
                value: try fields.required("value", .value), reason: try fields.required("reason", .string))
        }
    }
}
