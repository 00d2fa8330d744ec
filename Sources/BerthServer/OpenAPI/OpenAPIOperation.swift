internal import BerthJSON

/// One call as the document describes it. What every call may answer is added to it here, in one place.
struct OpenAPIOperation {
    var id: String
    var tag: String
    var summary: String
    var description: String?
    var parameters: [JSONValue] = []
    /// The schema of the body, and whether there must be one.
    var body: (schema: String, required: Bool)?
    var answers: [(status: Int, answer: JSONValue)]
    /// The kinds of problem of this call, besides those of every call.
    var problems: [ProblemCode] = []

    /// What any request may be answered: the edge knows no calls.
    private static let everywhere: [ProblemCode] = [
        .malformed, .foreign, .method, .timeout, .tooLarge, .invalid, .tooMany, .headTooLarge, .unavailable,
    ]

    var json: JSONValue {
        var object: JSONObject = [
            "operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary),
        ]
        object["description"] = description.map { .string($0) }
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        var problems = OpenAPIOperation.everywhere + problems
        if let body {
            problems.append(.contentType)
            object["requestBody"] = [
                "required": .bool(body.required),
                "content": ["application/json": ["schema": OpenAPI.schema(body.schema)]],
            ]
        }
        var responses = JSONObject(answers.map { ("\($0.status)", $0.answer) })
        for status in Set(problems.map(\.status)).sorted() {
            responses.append(OpenAPI.response(problems.filter { $0.status == status }), for: "\(status)")
        }
        object["responses"] = .object(responses)
        return .object(object)
    }
}

extension OpenAPI {
    /// An answer with a document.
    static func answer(_ description: String, _ schema: String, headers: JSONValue? = nil) -> JSONValue {
        answer(description, content: ["application/json": ["schema": OpenAPI.schema(schema)]], headers: headers)
    }

    /// An answer with a body of any type.
    static func answer(_ description: String, content: JSONValue, headers: JSONValue? = nil) -> JSONValue {
        var object: JSONObject = ["description": .string(description)]
        object["headers"] = headers
        object["content"] = content
        return .object(object)
    }

    /// A parameter in the query.
    static func query(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }

    /// A header field of the request.
    static func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "header", "description": .string(description), "schema": schema]
    }

    /// The reservation in the path.
    static let id: JSONValue = [
        "name": "id", "in": "path", "required": true, "description": "The reservation.",
        "schema": schema("ReservationID"),
    ]
}
