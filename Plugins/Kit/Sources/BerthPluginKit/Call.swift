public import BerthJSON

/// What an agent asks of a plugin. Each is one request, with its name as `call`, and has one answer.
public enum Call: Hashable, Sendable {
    /// To take up work. Answer: `{}`.
    case start(types: [String], configuration: JSONObject, state: String?, held: [Allocation])
    /// What there is. Answer: `{"offers": [Offer]}`.
    case discover
    /// What is wrong with what a request says of a type. Answer: `{"violations": [Violation]}`.
    case check(Ask)
    /// To prepare what a reservation was granted. Answer: a ``Provision``.
    case allocate(Allocation)
    /// To take back what a reservation had. Answer: `{}`.
    case release(reservation: String)
    /// What reservations use. Answer: `{"usage": {reservation: {…}}}`.
    case usage(reservations: [String])
    /// To bring a type to so many units. Answer: `{}`.
    case scale(type: String, target: Int64)
    /// What a request lacks. Answer: `{"amendments": [Amendment]}`.
    case amend(Question)
    /// What is wrong with a request. Answer: `{"violations": [Violation]}`.
    case validate(Question)

    /// Its name in messages.
    public var name: String {
        switch self {
        case .start: "start"
        case .discover: "discover"
        case .check: "check"
        case .allocate: "allocate"
        case .release: "release"
        case .usage: "usage"
        case .scale: "scale"
        case .amend: "amend"
        case .validate: "validate"
        }
    }

    /// As a message has it.
    public var json: JSONValue {
        var members: JSONObject = ["call": .string(name)]
        switch self {
        case .start(let types, let configuration, let state, let held):
            members["types"] = .array(types.map { .string($0) })
            members["configuration"] = .object(configuration)
            if let state { members["state"] = .string(state) }
            members["held"] = .array(held.map(\.json))
        case .discover: break
        case .check(let ask): members["ask"] = ask.json
        case .allocate(let allocation): members["allocation"] = allocation.json
        case .release(let reservation): members["reservation"] = .string(reservation)
        case .usage(let reservations): members["reservations"] = .array(reservations.map { .string($0) })
        case .scale(let type, let target):
            members["type"] = .string(type)
            members["target"] = JSONValue(target)
        case .amend(let question), .validate(let question): members["question"] = question.json
        }
        return .object(members)
    }

    /// Reads a request. Members that are not known are passed over: a newer agent may say more than this plugin needs.
    /// - Returns: nil for a call of another name
    public init?(reading message: JSONValue) throws(JSONFieldError) {
        let object = try JSONReader<JSONObject>.object.read(message)
        guard let name = object["call"] else { throw .missing(at: JSONPointer(["call"]), expected: "a string") }
        func member<Value>(_ name: String, _ reader: JSONReader<Value>) throws(JSONFieldError) -> Value {
            let pointer = JSONPointer([name])
            guard let value = object[name] else { throw .missing(at: pointer, expected: reader.expected) }
            return try reader.read(value, at: pointer)
        }
        switch try JSONReader<String>.string.read(name, at: JSONPointer(["call"])) {
        case "start":
            self = .start(
                types: try member("types", .array(of: .string)), configuration: try member("configuration", .object),
                state: object["state"] == nil ? nil : try member("state", .string),
                held: try member("held", .array(of: Allocation.reader)))
        case "discover": self = .discover
        case "check": self = .check(try member("ask", Ask.reader))
        case "allocate": self = .allocate(try member("allocation", Allocation.reader))
        case "release": self = .release(reservation: try member("reservation", .string))
        case "usage": self = .usage(reservations: try member("reservations", .array(of: .string)))
        case "scale": self = .scale(type: try member("type", .string), target: try member("target", .int64))
        case "amend": self = .amend(try member("question", Question.reader))
        case "validate": self = .validate(try member("question", Question.reader))
        default: return nil
        }
    }
}
