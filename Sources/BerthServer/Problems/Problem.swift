internal import BerthJSON

/// What went wrong, as a client is told: problem details of RFC 9457.
struct Problem: Error, Hashable, Sendable {
    /// The kind of problem, by which programs decide.
    let code: ProblemCode
    /// What was tried, on what, and why it did not work.
    var detail: String
    /// The place in the body that is wrong, as a JSON pointer.
    var pointer: String?
    /// The query parameter or header field that is wrong.
    var parameter: String?
    /// What would have been accepted.
    var expected: String?
    /// What the person can do.
    var hint: String?
    /// What only this kind of problem has.
    var members: JSONObject = [:]
    /// After how many seconds it is worth another try.
    var retryAfter: Int?
    /// The methods that the path has, for 405.
    var allow: String?

    init(
        _ code: ProblemCode, _ detail: String, pointer: String? = nil, parameter: String? = nil,
        expected: String? = nil, hint: String? = nil, members: JSONObject = [:], retryAfter: Int? = nil
    ) {
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.parameter = parameter
        self.expected = expected
        self.hint = hint
        self.members = members
        self.retryAfter = retryAfter
    }

    /// The media type of the document.
    static let mediaType = "application/problem+json"

    /// The document.
    var json: JSONValue {
        var object: JSONObject = [
            "type": .string("/problems/\(code.rawValue)"), "title": .string(code.title),
            "status": JSONValue(code.status), "code": .string(code.rawValue), "detail": .string(detail),
        ]
        object["pointer"] = pointer.map { .string($0) }
        object["parameter"] = parameter.map { .string($0) }
        object["expected"] = expected.map { .string($0) }
        object["hint"] = hint.map { .string($0) }
        for (name, value) in members { object.append(value, for: name) }
        return .object(object)
    }

    /// The document as it is sent.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        json.write(into: &bytes)
        return bytes
    }
}
