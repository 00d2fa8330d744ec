public import BerthJSON

/// One broken rule.
public struct Violation: Hashable, Sendable {
    /// What a program can tell it by: small letters, digits and `_`.
    public var code: String
    /// Where in the request it stands: a JSON pointer; empty for the request as a whole.
    public var pointer: String
    /// What is wrong, as a sentence.
    public var message: String
    /// What would satisfy the rule.
    public var hint: String?

    /// - Parameters:
    ///   - code: what a program can tell it by
    ///   - pointer: where in the request it stands
    ///   - message: what is wrong, as a sentence
    ///   - hint: what would satisfy the rule
    public init(_ code: String, at pointer: String = "", _ message: String, hint: String? = nil) {
        self.code = code
        self.pointer = pointer
        self.message = message
        self.hint = hint
    }

    /// As a message has it.
    public static var reader: JSONReader<Violation> {
        .fields { fields throws(JSONFieldError) in
            Violation(
                try fields.required("code", .string), at: try fields.optional("pointer", .string) ?? "",
                try fields.required("message", .string), hint: try fields.optional("hint", .string))
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        var members: JSONObject = [
            "code": .string(code), "pointer": .string(pointer), "message": .string(message),
        ]
        if let hint { members["hint"] = .string(hint) }
        return .object(members)
    }
}
