internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// What a request can say of other reservations.
    static let affinitySchemas: JSONObject = [
        "Affinity": [
            "description": "Other reservations, by their id or by labels, and what of theirs counts.",
            "type": "object",
            "additionalProperties": false,
            "oneOf": [["required": ["reservation"]], ["required": ["labels"]]],
            "properties": [
                "reservation": schema("ReservationID"),
                "labels": [
                    "description": "Live reservations of the caller that have all of these; of an admin anybody's.",
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 64,
                    "propertyNames": ["pattern": "^[A-Za-z0-9._-]{1,64}$"],
                    "additionalProperties": ["type": "string", "maxLength": 256],
                ],
                "by": [
                    "type": "string", "enum": words(Affinity.Scope.self),
                    "description": """
                    The NUMA nodes that they touch by whole cores, bound memory and units (the default), or the GPUs and \
                    interfaces that they hold a part of.
                    """,
                ],
                "preferred": ["type": "boolean", "description": "Whether it is granted where this cannot be."],
            ],
            "examples": [["labels": ["app": "db"]], ["reservation": "3k0d8v1m2p9q", "preferred": true]],
        ]
    ]

    /// One, or a list of such of which all must hold.
    static func affinities(_ description: String) -> JSONValue {
        [
            "description": .string(description),
            "oneOf": [
                schema("Affinity"),
                ["type": "array", "maxItems": JSONValue(Affinity.most), "items": schema("Affinity")],
            ],
        ]
    }
}
