internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// A user or group.
    static let account: JSONValue = [
        "type": ["string", "integer"], "minimum": 0, "maximum": 4_294_967_295, "description": "By name or number.",
    ]

    private static func bounds(_ description: String) -> JSONValue {
        let amounts: JSONValue = [
            "type": "object", "additionalProperties": ["type": ["number", "string"]],
        ]
        return [
            "type": "object", "additionalProperties": false, "description": .string(description),
            "properties": [
                "resources": amounts, "hours": amounts, "per": ["type": ["string", "integer"]],
                "reservations": ["type": "integer", "minimum": 0],
            ],
        ]
    }

    private static func weights(_ description: String) -> JSONValue {
        [
            "type": "object", "additionalProperties": ["type": "integer", "minimum": 1],
            "description": .string(description),
        ]
    }

    private static let saidOfPolicy: JSONObject = [
        "kind": ["type": "string", "enum": ["priority", "fair", "quota", "weighted"]],
        "ageing": ["type": ["string", "integer"], "description": "So long a wait is worth one step of priority."],
        "patience": [
            "type": ["string", "integer"],
            "description": "The first of a line that has waited and had nothing for so long goes before all others.",
        ],
        "groups": [
            "type": "array", "items": account,
            "description": "Whose members count together: a user counts for the first that it is in.",
        ],
        "over": ["type": "string", "enum": ["users", "groups"], "description": "With `fair`."],
        "half_life": [
            "type": ["string", "integer"],
            "description": "With `fair`: after so long a past share counts half; `none` where the past is forgotten.",
        ],
        "weights": [
            "type": "object", "additionalProperties": false, "description": "With `weighted`.",
            "properties": [
                "groups": weights("By name."), "users": weights("By name or number."),
                "others": ["type": "integer", "minimum": 1, "description": "Of everybody who is in no group."],
            ],
        ],
        "quotas": ["type": "array", "items": schema("QuotaSettings")],
    ]

    static let accountSchemas: JSONObject = [
        "Accounts": [
            "type": "object", "required": ["policy", "accounts"],
            "properties": [
                "policy": schema("Policy"),
                "pools": [
                    "type": "object", "additionalProperties": schema("Policy"),
                    "description": "By name the policies of pools that have their own; absent where none has.",
                ],
                "accounts": ["type": "array", "items": schema("Account")],
            ],
        ],
        "Policy": [
            "description": "Who goes first of those who wait, and what each may have.", "type": "object",
            "required": ["kind", "ageing", "groups"], "properties": .object(saidOfPolicy),
        ],
        "PolicySettings": [
            "description": "Who goes first of those who wait, and what each may have.", "type": "object",
            "additionalProperties": false, "properties": .object(saidOfPolicy),
            "examples": [
                ["kind": "fair", "quotas": [["each": "user", "hard": ["resources": ["cpu": 8]]]]]
            ],
        ],
        "QuotaSettings": [
            "description": "A limit on what each user, group or workflow may have, or one of them.", "type": "object",
            "additionalProperties": false,
            "properties": [
                "each": ["type": "string", "enum": words(Subject.Kind.self)], "user": account, "group": account,
                "workflow": ["type": "string"], "hard": bounds("Nothing passes it."),
                "soft": bounds("Over it all others go first."),
            ],
        ],
        "Account": [
            "description": "What a user, a group or a workflow has, and had.",
            "type": "object",
            "required": [
                "kind", "reservations", "waiting", "held", "share", "average_share", "used", "quotas",
            ],
            "properties": [
                "kind": ["type": "string", "enum": words(Subject.Kind.self)],
                "user": ["type": "integer", "minimum": 0],
                "group": [
                    "type": ["string", "null"], "description": "Null is everybody who is in no configured group.",
                ],
                "workflow": ["type": "string", "description": "The label `workflow` of reservations."],
                "pool": [
                    "type": "string",
                    "description":
                        "The pool with a policy of its own in which it has and had this; absent is the whole host.",
                ],
                "reservations": ["type": "integer", "minimum": 0, "description": "Live ones."],
                "waiting": ["type": "integer", "minimum": 0, "description": "Requests that wait."],
                "held": [
                    "type": "object", "description": "What is held, by type.",
                    "additionalProperties": ["type": "number"],
                ],
                "share": [
                    "type": "number", "description": "The largest share that what is held is of what the host has.",
                ],
                "average_share": [
                    "type": "number", "description": "Its mean in the past, the older counting the less.",
                ],
                "weight": ["type": "integer", "minimum": 1],
                "used": [
                    "type": "array", "description": "Resource-hours, where a quota counts them.",
                    "items": [
                        "type": "object", "required": ["per", "since", "hours"],
                        "properties": [
                            "per": ["type": "string"], "since": ["type": "string", "format": "date-time"],
                            "hours": ["type": "object", "additionalProperties": ["type": "number"]],
                        ],
                    ],
                ],
                "quotas": ["type": "array", "items": schema("Quota")],
            ],
        ],
        "Quota": [
            "description": "A limit on what a user, a group or a workflow may have, and how much of that it has.",
            "type": "object", "required": ["hard", "had"],
            "properties": [
                "hard": [
                    "type": "boolean",
                    "description": "Whether nothing passes it. Over one that is not hard all others go first.",
                ],
                "type": ["type": "string", "description": "The resource type; absent for reservations."],
                "amount": ["type": "number", "description": "So much of the type at a time."],
                "reservations": ["type": "integer", "description": "So many live reservations."],
                "hours": ["type": "number", "description": "So much of the type times hours in each period."],
                "per": ["type": "string", "description": "The length of the period."],
                "had": [
                    "type": "number",
                    "description":
                        "How much of that it has; of hours what it had in this period and its leases will have in it.",
                ],
                "asked": ["type": "number", "description": "What a request asks for more."],
                "renewed_at": [
                    "type": "string", "format": "date-time", "description": "When the next period begins.",
                ],
                "user": ["type": "integer"], "group": ["type": ["string", "null"]], "workflow": ["type": "string"],
                "pool": ["type": "string", "description": "The pool whose quota it is; absent is the host."],
            ],
        ],
    ]
}
