internal import BerthCore
internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// What a request would be answered, and what would make it fit.
    static let explanationSchemas: JSONObject = [
        "UnitChoice": [
            "type": "object", "required": ["strategy", "exact", "nodes"],
            "description": "How its units were chosen when it was granted.",
            "properties": [
                "strategy": ["type": "string", "enum": words(Strategy.self)],
                "exact": [
                    "type": "boolean", "description": "Whether nothing is better by what the strategy goes by.",
                ],
                "nodes": ["type": "integer", "minimum": 0, "description": "NUMA nodes that it lies on."],
            ],
        ],
        "Explanation": [
            "oneOf": [
                [
                    "type": "object",
                    "required": ["granted", "state", "resources", "units", "numa_nodes"],
                    "properties": [
                        "granted": ["const": true],
                        "state": ["type": "string", "enum": words(Reservation.State.self)],
                        "start": [
                            "type": "string", "format": "date-time",
                            "description": "The start that it would be promised.",
                        ],
                        "alternative": ["type": "integer", "minimum": 0],
                        "passed": [
                            "type": "array", "items": schema("Problem"),
                            "description": "Why not what the request would have liked better, the best first.",
                        ],
                        "short": [
                            "description": "Why it is less than was asked.", "allOf": [schema("Problem")],
                        ],
                        "resources": schema("Grant"),
                        "units": ["type": "array", "items": schema("HeldUnit")],
                        "choice": schema("UnitChoice"),
                        "numa_nodes": [
                            "type": "array", "items": ["type": "integer"], "description": "Those that it would lie on.",
                        ],
                        "why": [
                            "type": "object",
                            "description":
                                "Why these units and not the first that fit, by number: the first thing that its strategy goes by and that tells them apart. Absent where they are the first, or nothing but their numbers tells them apart.",
                            "required": ["by", "chosen", "first", "first_units", "message"],
                            "properties": [
                                "by": ["type": "string", "enum": words(UnitReason.Measure.self)],
                                "chosen": ["type": "integer"], "first": ["type": "integer"],
                                "first_units": ["type": "array", "items": ["type": "string"]],
                                "message": ["type": "string"],
                            ],
                        ],
                    ],
                ],
                [
                    "type": "object",
                    "required": ["granted", "problem", "violations", "changes", "complete"],
                    "properties": [
                        "granted": ["const": false], "problem": schema("Problem"),
                        "waits": ["const": true, "description": "It would wait in the queue."],
                        "violations": [
                            "type": "array", "items": schema("Violation"),
                            "description": "Everything that stands in its way, by Berth's rules and by plugins'.",
                        ],
                        "changes": [
                            "type": "array", "items": schema("RequestChange"),
                            "description":
                                "With any of these Berth would grant it now, or at the moment that is told: the smallest first. Plugins are not asked about them.",
                        ],
                        "complete": [
                            "type": "boolean", "description": "False where there was more to try than is tried.",
                        ],
                    ],
                ],
            ]
        ],
        "RequestChange": [
            "type": "object", "required": ["kind", "message", "set"],
            "properties": [
                "kind": [
                    "type": "string",
                    "enum": [
                        "less", "node", "where", "shared", "same", "affinity", "anti_affinity", "lease", "priority",
                        "later", "preempt",
                    ],
                ],
                "message": ["type": "string"],
                "set": [
                    "type": "array", "description": "What to set in the request; null is to leave out.",
                    "items": [
                        "type": "object", "required": ["pointer", "value"],
                        "properties": ["pointer": ["type": "string"], "value": [:]],
                    ],
                ],
                "less": [
                    "type": "array", "description": "As much of each type as fits with the others as they are.",
                    "items": [
                        "type": "object", "required": ["type", "asked", "fits"],
                        "properties": [
                            "type": schema("ResourceType"), "device": ["type": "string"], "rate": ["type": "string"],
                            "asked": ["type": "number"], "fits": ["type": "number"],
                        ],
                    ],
                ],
                "type": schema("ResourceType"),
                "fact": ["type": "string", "description": "The capability that a condition was about."],
                "there": ["type": "array", "description": "What it is of the units that would be granted."],
                "node": ["type": "integer", "minimum": 0],
                "at": [
                    "type": "string", "format": "date-time",
                    "description":
                        "When it is expected to be granted; of \"preempt\", when the last that goes has had its notice.",
                ],
                "after": [
                    "type": "array", "items": schema("ReservationID"),
                    "description": "The caller's own reservations whose leases end then.",
                ],
                "preempts": [
                    "type": "array", "items": schema("ReservationID"),
                    "description": "The reservations that would have to go: of others' only an admin is told.",
                ],
                "preempts_others": [
                    "type": "integer", "minimum": 0,
                    "description": "So many of others' would have to go too, which the caller may not know of.",
                ],
            ],
        ],
    ]
}
