public import BerthJSON

/// Why a call failed, for the person who asked.
public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, and what came of it.
    public var message: String
    /// What the person can do.
    public var hint: String?

    /// - Parameters:
    ///   - message: what was tried, and what came of it
    ///   - hint: what the person can do
    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    /// The message, and the hint in brackets.
    public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}

extension Failure {
    /// As a message has it.
    public static var reader: JSONReader<Failure> {
        .fields { fields throws(JSONFieldError) in
            Failure(try fields.required("message", .string), hint: try fields.optional("hint", .string))
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        var members: JSONObject = ["message": .string(message)]
        if let hint { members["hint"] = .string(hint) }
        return .object(members)
    }
}
