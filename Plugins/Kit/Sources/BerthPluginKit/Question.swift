public import BerthJSON

/// What a validator is asked about.
public struct Question: Hashable, Sendable {
    /// Why it is asked.
    public enum Purpose: String, Hashable, Sendable, CaseIterable {
        /// Somebody wants to reserve.
        case reserve
        /// Somebody wants to change what a reservation holds.
        case resize
        /// Somebody wants to know what would be answered; nothing comes of it.
        case explain
    }

    /// Why it is asked.
    public var purpose: Purpose
    /// The request as a client would write it, every quantity in full and in the unit that people count in, amended so far.
    /// What it asks for may be granted, and any of its `alternatives` too: a rule over resources has to look at all of them.
    public var request: JSONObject
    /// Who asks: a number of the system's.
    public var user: Int64
    /// The groups of who asks.
    public var groups: [Int64]
    /// What would be granted; empty where nothing would be.
    public var proposal: JSONObject
    /// What the host has: `GET /v1/resources`, in short.
    public var host: JSONObject

    /// - Parameters:
    ///   - purpose: why it is asked
    ///   - request: the request
    ///   - user: who asks
    ///   - groups: the groups of who asks
    ///   - proposal: what would be granted
    ///   - host: what the host has
    public init(
        _ purpose: Purpose, request: JSONObject, user: Int64, groups: [Int64], proposal: JSONObject = [:],
        host: JSONObject = [:]
    ) {
        self.purpose = purpose
        self.request = request
        self.user = user
        self.groups = groups
        self.proposal = proposal
        self.host = host
    }

    /// As a message has it.
    public static var reader: JSONReader<Question> {
        .fields { fields throws(JSONFieldError) in
            let name = try fields.required("purpose", .string)
            guard let purpose = Purpose(rawValue: name) else { throw fields.invalid("purpose", "is not \(name)") }
            return Question(
                purpose, request: try fields.required("request", .object), user: try fields.required("user", .int64),
                groups: try fields.required("groups", .array(of: .int64)),
                proposal: try fields.required("proposal", .object), host: try fields.required("host", .object))
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        [
            "purpose": .string(purpose.rawValue), "request": .object(request), "user": JSONValue(user),
            "groups": .array(groups.map { JSONValue($0) }), "proposal": .object(proposal), "host": .object(host),
        ]
    }
}
