internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// What requests are made of. Objects are closed: an unknown field is an error.
    static let requestSchemas: JSONObject = [
        "ReservationID": ["type": "string", "pattern": "^[0-9a-v]{12}$", "examples": ["3k0d8v1m2p9q"]],
        "ResourceType": [
            "description": "One of Berth's own, or one that a plugin provides.",
            "type": "string",
            "anyOf": [
                ["enum": .array(ResourceType.builtIn.map { .string($0.name) })], ["pattern": .string(providedType)],
            ],
        ],
        "Duration": [
            "description": "Seconds, or a text of whole numbers: \"90s\", \"1h30m\", \"2d\"; 100ms to ten years.",
            "oneOf": [
                ["type": "number", "minimum": .number(JSONNumber(1, decimals: 1)), "maximum": 316_224_000],
                ["type": "string", "pattern": "^(?=.*[1-9])([0-9]{1,12}|([0-9]{1,12}(ms|s|sec|m|min|h|d))+)$"],
            ],
        ],
        "CPUs": quantity(
            #"^(?=.*[1-9])[0-9]+(\.[0-9]+)?m?$"#, minimum: .number(JSONNumber(1, decimals: 2)),
            maximum: 9_007_199_254_740, "1.5 or \"250m\""),
        "Bytes": quantity(
            #"^(?=.*[1-9])[0-9]+(\.[0-9]+)?([kK]|Ki|[MGTP]i?)?B?$"#, minimum: 1, "4294967296 or \"4GiB\""),
        "BytesPerSecond": quantity(
            #"^(?=.*[1-9])[0-9]+(\.[0-9]+)?([kK]|Ki|[MGTP]i?)?(B|B/s)?$"#, minimum: 1, "52428800 or \"50MiB\""),
        "OperationsPerSecond": quantity(
            #"^(?=.*[1-9])[0-9]+(\.[0-9]+)?([kK]|Ki|[MGTP]i?)?$"#, minimum: 1, "1000 or \"1k\""),
        "BitsPerSecond": quantity(
            #"^(?=.*[1-9])[0-9]+(\.[0-9]+)?([kK]|Ki|[MGTP]i?)?(bit|bit/s)?$"#, minimum: 1, "100000000 or \"100Mbit\""),
        "GPUs": [
            "description": "A whole number, or a part of one GPU that others share: 2, 0.5 or \"500m\".",
            "oneOf": [
                ["type": "integer", "minimum": 1, "maximum": 9_007_199_254_740],
                ["type": "number", "minimum": .number(JSONNumber(1, decimals: 2)), "exclusiveMaximum": 1],
                ["type": "string", "pattern": #"^(?=.*[1-9])([0-9]+|0+\.[0-9]+|[0-9]{1,3}m)$"#],
            ],
        ],
        "Count": quantity("^0*[1-9][0-9]*$", minimum: 1, "512", type: "integer"),
        "Weight": quantity(
            "^0*([1-9][0-9]{0,3}|10000)$", minimum: JSONValue(StorageAsk.weights.lowerBound),
            maximum: JSONValue(StorageAsk.weights.upperBound), "500: a share among siblings, 100 by default",
            type: "integer"),
        "Resources": [
            "description": "What is asked, by type; storage by device.",
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "cpu": ask(
                    "CPUs",
                    [
                        "exclusive": ["type": "boolean"], "where": schema("Constraints"),
                        "prefer": schema("Constraints"),
                    ]),
                "memory": ask("Bytes", memoryTerms),
                "pids": ask("Count", [:]),
                "network": ask(
                    "BitsPerSecond", ["where": schema("Constraints"), "prefer": schema("Constraints")]),
                "gpu": ask("GPUs", ["where": schema("Constraints"), "prefer": schema("Constraints")]),
                "storage": ["type": "array", "maxItems": 256, "items": schema("StorageAsk")],
            ],
            "patternProperties": [
                providedType: [
                    "oneOf": [
                        schema("Count"),
                        [
                            "type": "object",
                            "additionalProperties": false,
                            "properties": [
                                "amount": schema("Count"), "minimum": schema("Count"),
                                "where": schema("Constraints"), "prefer": schema("Constraints"),
                                "parameters": ["type": "object", "description": "In words of the type's own."],
                            ],
                        ],
                    ]
                ]
            ],
        ],
        "BytesOrNone": quantity(
            #"^[0-9]+(\.[0-9]+)?([kK]|Ki|[MGTP]i?)?B?$"#, minimum: 0, "1073741824 or \"1GiB\""),
        "StorageAsk": [
            "description":
                "Ceilings on one disk, and a weight among its users; a partition means its disk. With `where` any disk that is so is chosen, one of its own for each: in requests alone.",
            "type": "object",
            "additionalProperties": false,
            "oneOf": [["required": ["device"]], ["required": ["where"]]],
            "anyOf": .array((StorageRates.all.map(\.name) + ["weight"]).map { ["required": [.string($0)]] }),
            "properties": [
                "device": ["type": "string"],
                "where": schema("Constraints"),
                "read": schema("BytesPerSecond"),
                "write": schema("BytesPerSecond"),
                "read_iops": schema("OperationsPerSecond"),
                "write_iops": schema("OperationsPerSecond"),
                "weight": schema("Weight"),
            ],
        ],
        "ReservationRequest": [
            "type": "object",
            "additionalProperties": false,
            "required": ["resources"],
            "properties": [
                "name": ["type": "string", "minLength": 1, "maxLength": 128, "description": "Printable characters."],
                "resources": ["allOf": [schema("Resources"), ["minProperties": 1]]],
                "alternatives": [
                    "type": "array", "maxItems": JSONValue(ReservationRequest.mostAlternatives),
                    "items": ["allOf": [schema("Resources"), ["minProperties": 1]]],
                    "description": "What will do instead where the resources do not fit, the best first.",
                ],
                "affinity": affinities("What it must lie near."),
                "anti_affinity": affinities("What it must lie apart from."),
                "lease": schema("Duration"),
                "end": ["type": "string", "enum": words(ReservationRequest.End.self)],
                "labels": [
                    "type": "object",
                    "maxProperties": 64,
                    "propertyNames": ["pattern": "^[A-Za-z0-9._-]{1,64}$"],
                    "additionalProperties": ["type": "string", "maxLength": 256],
                ],
                "enforce": ["type": "string", "enum": words(ReservationRequest.Enforce.self)],
                "strategy": [
                    "type": "string", "enum": words(Strategy.self),
                    "description": """
                    How its units are chosen; default: optimized. priority is as that, and what has a lower priority may \
                    have to go for it.
                    """,
                ],
                "signal": schema("Signal"),
                "requeue": [
                    "type": "boolean",
                    "description": """
                    Whether it is queued again, where it stood before, when it was preempted. Not with "attach": "caller".
                    """,
                ],
                "same": [
                    "const": "numa",
                    "description": "Exclusive CPUs, memory, GPUs, interface and units are of one NUMA node.",
                ],
                "attach": ["const": "caller", "description": "Attaches the calling process with the grant."],
                "wait": [
                    "allOf": [schema("Duration")],
                    "description": "How long it waits in the queue for what is not free now; not at all unless given.",
                ],
                "pool": pool("The pool that it is for: `default` unless given."),
                "gang": schema("Gang"),
                "start": [
                    "type": "string", "format": "date-time",
                    "description": """
                    When it begins, within 366 days; it needs a lease, and does not go with `wait`. It is promised its units \
                    then or refused at once, and answered when it begins.
                    """,
                    "examples": ["2026-12-01T02:00:00Z"],
                ],
                "priority": [
                    "type": "integer", "minimum": -1000, "maximum": 1000, "default": 0,
                    "description": "The higher the sooner among those who wait; ten minutes of it are worth a step.",
                ],
            ],
            "examples": [["name": "build", "resources": ["cpu": 2, "memory": "4GiB"], "lease": "10m"]],
        ],
        "Signal": [
            "type": "object", "required": ["name"], "additionalProperties": false,
            "description": "What its processes are sent before its lease ends, and when it is preempted.",
            "properties": [
                "name": ["type": "string", "enum": words(Signal.self)],
                "before": [
                    "description": "So long before the end, 1 s to 1 d; default: 60s.", "allOf": [schema("Duration")],
                ],
            ],
        ],
        "Gang": [
            "description": "Requests of one user that are granted all together or not at all; each needs a `wait`.",
            "type": "object",
            "additionalProperties": false,
            "required": ["id", "size"],
            "properties": [
                "id": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"],
                "size": [
                    "type": "integer", "minimum": JSONValue(Gang.sizes.lowerBound),
                    "maximum": JSONValue(Gang.sizes.upperBound), "description": "How many requests it is.",
                ],
            ],
        ],
        "Arrive": [
            "type": "object",
            "additionalProperties": false,
            "required": ["reservation"],
            "properties": [
                "reservation": schema("ReservationID"),
                "size": [
                    "type": "integer", "minimum": JSONValue(Gang.sizes.lowerBound),
                    "maximum": JSONValue(Gang.sizes.upperBound),
                    "description": "How many arrive; the first says it, except at a gang's barrier.",
                ],
                "generation": [
                    "type": "integer", "minimum": 1,
                    "description": "Which time is meant: a retry after it has opened is answered so at once.",
                ],
            ],
            "examples": [["reservation": "3k0d8v1m2p9q"]],
        ],
        "Change": [
            "type": "object",
            "additionalProperties": false,
            "properties": [
                "resources": schema("Resources"),
                "pool": pool("The pool that it is put into; alone, without resources."),
                "force": [
                    "type": "boolean",
                    "description": "Whether it may go below what is in use, by which processes may be killed.",
                ],
            ],
            "examples": [["resources": ["memory": "8GiB"]]],
        ],
        "Attach": [
            "description": "Without a pid the caller itself.",
            "type": "object",
            "additionalProperties": false,
            "properties": ["pid": ["type": "integer", "minimum": 1, "maximum": 2_147_483_647]],
        ],
        "Scale": [
            "type": "object",
            "additionalProperties": false,
            "required": ["type", "target"],
            "properties": [
                "type": ["type": "string", "description": "One of the plugin's types."],
                "target": ["type": "integer", "minimum": 0, "maximum": 1_000_000, "description": "How many units."],
            ],
            "examples": [["type": "acme.example/seat", "target": 12]],
        ],
        "Renew": [
            "type": "object",
            "additionalProperties": false,
            "required": ["lease"],
            "properties": ["lease": schema("Duration")],
        ],
    ]

    /// The names of types that plugins provide: `vendor.example/name`.
    private static let providedType = #"^[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+/[a-z0-9][a-z0-9-]*$"#

    private static let memoryTerms: JSONObject = [
        "where": schema("Constraints"),
        "prefer": schema("Constraints"),
        "guarantee": [
            "type": "string", "enum": words(MemoryTerms.Guarantee.self),
            "description": "Taken back last (memory.low, the default), or never (memory.min).",
        ],
        "swap": [
            "description": "The most that may be swapped out; default: none.", "allOf": [schema("BytesOrNone")],
        ],
        "oom": [
            "type": "string", "enum": words(MemoryTerms.OutOfMemory.self),
            "description": "What the kernel ends at the ceiling: all of it (the default), or one process.",
        ],
    ]

    private static func pool(_ description: String) -> JSONValue {
        ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "description": .string(description)]
    }

    private static func quantity(
        _ pattern: String, minimum: JSONValue, maximum: JSONValue = JSONValue(Quantity.largest.units),
        _ example: String, type: String = "number"
    ) -> JSONValue {
        [
            "description": .string("Such as \(example)."),
            "oneOf": [
                ["type": .string(type), "minimum": minimum, "maximum": maximum],
                ["type": "string", "pattern": .string(pattern)],
            ],
        ]
    }

    /// A quantity alone, or an object around it.
    private static func ask(_ quantity: String, _ more: JSONObject) -> JSONValue {
        var properties: JSONObject = [
            "amount": schema(quantity),
            "minimum": [
                "description": "The least that will do; where there is less than the amount, the most is granted.",
                "allOf": [schema(quantity)],
            ],
            "limit": schema(quantity),
        ]
        for (name, schema) in more { properties.append(schema, for: name) }
        return [
            "oneOf": [
                schema(quantity), ["type": "object", "additionalProperties": false, "properties": .object(properties)],
            ]
        ]
    }

    /// The words of an enumeration.
    static func words<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> JSONValue
    where Word.RawValue == String {
        .array(type.allCases.map { .string($0.rawValue) })
    }
}
