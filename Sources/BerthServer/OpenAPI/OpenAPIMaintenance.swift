internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    static let maintenance = OpenAPIOperation(
        id: "listMaintenance", tag: "host", summary: "The maintenance that is on or to come.",
        answers: [(200, answer("The soonest first.", "Maintenance"))], problems: [.role])

    static let addMaintenance = OpenAPIOperation(
        id: "addMaintenance", tag: "host", summary: "Put a maintenance window into the calendar; for administrators.",
        description:
            "Nothing that it covers is granted within it, nor before it what would still be held when it begins.",
        body: ("MaintenanceRequest", true), answers: [(201, answer("It is kept.", "MaintenanceWindow"))],
        problems: [.role, .ledger])

    static let removeMaintenance = OpenAPIOperation(
        id: "removeMaintenance", tag: "host", summary: "Take a maintenance window out again; for administrators.",
        parameters: [
            [
                "name": "name", "in": "path", "required": true, "description": "Its id.",
                "schema": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"],
            ]
        ],
        answers: [(200, answer("What it was.", "MaintenanceWindow"))], problems: [.role, .unknown, .ledger])

    static let maintenanceSchemas: JSONObject = [
        "Maintenance": [
            "type": "object", "required": ["maintenance"],
            "properties": ["maintenance": ["type": "array", "items": schema("MaintenanceWindow")]],
        ],
        "MaintenanceRequest": [
            "description": "A time in which what it covers is granted to nobody. It has an `end` or a `duration`.",
            "type": "object", "additionalProperties": false, "required": ["id", "start"],
            "oneOf": [["required": ["end"]], ["required": ["duration"]]],
            "properties": .object(properties),
            "examples": [
                ["id": "firmware", "start": "2026-12-01T02:00:00Z", "duration": "4h", "resources": ["gpu": "all"]]
            ],
        ],
        "ResourceMaintenance": [
            "type": "object", "required": ["id", "start", "end", "on"],
            "description": "The maintenance of the type, or of some of its units, that is on, or the next.",
            "properties": [
                "id": ["type": "string"], "start": ["type": "string", "format": "date-time"],
                "end": ["type": "string", "format": "date-time"],
                "on": ["type": "boolean", "description": "Whether it is on now."], "reason": ["type": "string"],
            ],
        ],
        "MaintenanceWindow": [
            "type": "object", "required": ["id", "start", "end", "resources"],
            "properties": .object(shownProperties),
        ],
    ]

    private static let properties: JSONObject = [
        "id": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"],
        "start": ["type": "string", "format": "date-time"],
        "end": ["type": "string", "format": "date-time"],
        "duration": schema("Duration"),
        "repeat": ["const": "weekly", "description": "It comes again every seven days."],
        "resources": [
            "description": "What it covers, all unless given: types, whole or some of their units.",
            "oneOf": [
                ["const": "all"],
                [
                    "type": "object", "minProperties": 1, "propertyNames": schema("ResourceType"),
                    "additionalProperties": [
                        "oneOf": [
                            ["const": "all"], ["type": "array", "minItems": 1, "items": ["type": "string"]],
                        ]
                    ],
                ],
            ],
        ],
        "reason": ["type": "string", "minLength": 1, "maxLength": 128],
    ]

    private static var shownProperties: JSONObject {
        var shown = properties
        shown["duration"] = nil
        shown["origin"] = ["type": "string", "enum": ["configuration", "api"]]
        shown["next"] = [
            "type": "object", "required": ["start", "end"], "description": "When it is on, or next.",
            "properties": [
                "start": ["type": "string", "format": "date-time"], "end": ["type": "string", "format": "date-time"],
            ],
        ]
        shown["conflicts"] = [
            "type": "array",
            "description":
                "Of one just added: who holds, or is promised, something that it covers at some time of it; absent for none.",
            "items": [
                "type": "object", "required": ["id", "start"],
                "properties": [
                    "id": schema("ReservationID"), "start": ["type": "string", "format": "date-time"],
                    "end": ["type": "string", "format": "date-time", "description": "Absent without a lease."],
                ],
            ],
        ]
        shown["on"] = ["type": "boolean", "description": "Whether it is on now."]
        return shown
    }
}
