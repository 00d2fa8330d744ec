internal import BerthCore
internal import BerthJSON

extension OpenAPI {
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
            "description": "Who goes first of those who wait.",
            "type": "object", "required": ["kind", "ageing", "groups"],
            "properties": [
                "kind": ["type": "string", "enum": ["priority", "fair", "quota", "weighted"]],
                "ageing": ["type": "string", "description": "So long a wait is worth one step of priority."],
                "groups": ["type": "array", "items": ["type": "string"]],
                "over": ["type": "string", "enum": ["users", "groups"]],
                "half_life": [
                    "type": "string",
                    "description": "After so long a past share counts half; `none` where the past is forgotten.",
                ],
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
