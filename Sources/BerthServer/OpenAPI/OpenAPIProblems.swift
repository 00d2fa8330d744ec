internal import BerthJSON

extension OpenAPI {
    /// The response for the problems of one status: shared where it is one kind, written out where it is several.
    static func response(_ codes: [ProblemCode]) -> JSONValue {
        guard let first = codes.first, codes.count == 1 else { return problemResponse(codes) }
        return ["$ref": .string("#/components/responses/\(first.rawValue)")]
    }

    /// A response for each kind of problem.
    static let problemResponses = JSONObject(ProblemCode.allCases.map { ($0.rawValue, problemResponse([$0])) })

    private static func problemResponse(_ codes: [ProblemCode]) -> JSONValue {
        var headers: JSONObject = [:]
        if codes.contains(.method) {
            headers["Allow"] = ["description": "The methods that the path has.", "schema": ["type": "string"]]
        }
        if codes.contains(where: { $0.status == 503 || $0.status == 429 }) {
            headers["Retry-After"] = [
                "description": "After how many seconds it is worth another try.",
                "schema": ["type": "integer", "minimum": 0],
            ]
        }
        var object: JSONObject = [
            "description": .string(codes.map { "\($0.title) (`\($0.rawValue)`)." }.joined(separator: " "))
        ]
        if !headers.isEmpty { object["headers"] = .object(headers) }
        let own: JSONValue = [
            "properties": [
                "status": ["const": JSONValue(codes.first?.status ?? 0)],
                "code": ["enum": .array(codes.map { .string($0.rawValue) })],
            ]
        ]
        object["content"] = ["application/problem+json": ["schema": ["allOf": [schema("Problem"), own]]]]
        return .object(object)
    }

    static let problemSchemas: JSONObject = [
        "Problem": [
            "description": "What went wrong (RFC 9457). Programs decide by `code`.",
            "type": "object",
            "required": ["type", "title", "status", "code", "detail"],
            "properties": [
                "type": ["type": "string", "format": "uri-reference"],
                "title": ["type": "string"],
                "status": ["type": "integer", "minimum": 400, "maximum": 599],
                "code": ["type": "string", "enum": .array(ProblemCode.allCases.map { .string($0.rawValue) })],
                "detail": ["type": "string", "description": "What was tried, on what, and why it did not work."],
                "pointer": ["type": "string", "description": "The place in the body, as a JSON pointer (RFC 6901)."],
                "parameter": ["type": "string", "description": "The query parameter or header field."],
                "expected": ["type": "string", "description": "What would have been accepted."],
                "hint": ["type": "string", "description": "What the person can do."],
                "shortfalls": [
                    "type": "array", "items": schema("Shortfall"), "description": "Every type that is short.",
                ],
                "ever": ["type": "boolean", "description": "Whether it would fit an empty host."],
                "alternatives": [
                    "type": "array",
                    "description": "Of each alternative of the request in their order: why it does not fit either.",
                    "items": [
                        "type": "object", "required": ["code", "detail"],
                        "properties": [
                            "code": ["type": "string"], "detail": ["type": "string"], "hint": ["type": "string"],
                            "shortfalls": ["type": "array", "items": schema("Shortfall")],
                            "ever": ["type": "boolean"],
                            "violations": ["type": "array", "items": schema("Violation")], "cap": schema("Cap"),
                        ],
                    ],
                ],
                "violations": ["type": "array", "items": schema("Violation")],
                "amendments": [
                    "type": "array", "items": ["type": "object"],
                    "description":
                        "What validators had put into the request, as reservations show it; absent where nothing.",
                ],
                "receipts": ["type": "array", "items": schema("Receipt")],
                "cap": schema("Cap"),
                "quota": schema("Quota"),
                "gang": schema("Gang"),
                "role": ["type": "string", "enum": ["observe", "submit", "admin"]],
                "reservation": schema("ReservationID"),
                "start": [
                    "type": "string", "format": "date-time",
                    "description":
                        "The start of what is in the way: of another's promise, of maintenance; or the start that was asked for.",
                ],
                "first_start": [
                    "type": "string", "format": "date-time",
                    "description":
                        "The first start after the one asked for at which it would fit; absent where nobody knows one.",
                ],
                "window": ["type": "string", "description": "The maintenance that is in the way, by its id."],
                "end": ["type": "string", "format": "date-time", "description": "When that maintenance is over."],
                "repeat": ["const": "weekly", "description": "That maintenance comes again every seven days."],
                "state": ["type": "string"],
                "reason": ["type": "string"],
                "ended_at": ["type": "string", "format": "date-time"],
                "used": ["type": "number", "description": "What is in use."],
                "asked": ["type": "number", "description": "What was asked."],
                "oldest": ["type": "integer", "description": "The oldest event to go on after."],
                "line": ["type": "integer", "minimum": 1],
                "column": ["type": "integer", "minimum": 1],
                "offset": ["type": "integer", "minimum": 0],
            ],
        ],
        "Shortfall": [
            "type": "object",
            "required": ["type", "asked", "free", "capacity"],
            "properties": [
                "type": schema("ResourceType"),
                "device": ["type": "string"],
                "rate": ["type": "string", "enum": ["read", "write", "read_iops", "write_iops"]],
                "asked": ["type": "number"],
                "minimum": ["type": "number", "description": "The least that would have done, where one was given."],
                "free": ["type": "number"],
                "capacity": ["type": "number"],
                "pool": ["type": "string", "description": "The pool that may take no more."],
                "ever": ["const": false, "description": "It could not fit an empty host."],
            ],
        ],
        "Violation": [
            "type": "object",
            "required": ["code", "pointer", "message", "source"],
            "properties": [
                "code": ["type": "string"],
                "pointer": ["type": "string"],
                "message": ["type": "string"],
                "hint": ["type": "string", "description": "What would satisfy it."],
                "source": [
                    "type": "string",
                    "description": "What found it: `berth`, or the plugin whose rule it is by its name.",
                ],
                "check": [
                    "type": "string", "description": "Which of Berth's own checks found it.",
                    "enum": ["room", "host", "affinity", "cap", "quota", "pool", "gang", "queue", "provider"],
                ],
                "validator": ["type": "string", "description": "Whose rule it is; absent for Berth's own."],
            ],
        ],
        "Cap": [
            "description": "The cap that the request would pass.",
            "type": "object",
            "required": ["name", "most"],
            "properties": [
                "name": [
                    "type": "string",
                    "description": "`reservations`, `waits`, `connections`, `lease`, `priority` or a resource type.",
                ],
                "most": ["type": ["number", "string"]],
                "held": ["type": "number"],
                "asked": ["type": "number"],
            ],
        ],
    ]
}
