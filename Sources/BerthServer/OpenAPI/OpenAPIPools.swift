internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    private static func amounts(_ description: String) -> JSONValue {
        [
            "type": "object", "description": .string(description + " By type."),
            "additionalProperties": ["type": ["number", "string"]],
        ]
    }

    private static let numbers: JSONValue = ["type": "array", "items": ["type": "integer", "minimum": 0]]

    private static let said: JSONObject = [
        "kind": [
            "type": "string", "enum": words(Pool.Kind.self),
            "description":
                "`static`: a fixed share that others never use. `dynamic`: what it is guaranteed is kept for it, beyond that it takes what is free. `elastic`: elastic pools also lend each other what they do not use.",
        ],
        "parent": ["type": "string", "description": "The pool that it is within; absent is the host itself."],
        "guaranteed": amounts(
            "What is kept for it, with the pools within it; of GPUs and a plugin's units, whole ones."),
        "max": amounts("The most it may hold; no bound where nothing is said. Not of a static pool."),
        "weight": [
            "type": "integer", "minimum": .number(JSONNumber(Int64(Pool.weights.lowerBound))),
            "maximum": .number(JSONNumber(Int64(Pool.weights.upperBound))),
            "description": "What it gets of contended CPU time next to the pools beside it.",
        ],
        "ceiling": ["type": "boolean", "description": "Whether the kernel holds all of it together to its most too."],
        "give_back": [
            "type": "string", "enum": words(Pool.GiveBack.self),
            "description": "How an elastic pool gets back what it has lent: as reservations end, or by preemption.",
        ],
        "strategy": [
            "type": "string", "enum": words(Strategy.self),
            "description":
                "How units are chosen for requests that do not say it; absent is as the pool around it says, and `optimized` where none does.",
        ],
    ]

    static let poolSchemas: JSONObject = [
        "PoolSettings": [
            "description": "What is said of a pool. What is left out is as if it had never been said.",
            "type": "object", "additionalProperties": false,
            "properties": .object(
                JSONObject(
                    said.map { ($0.key, $0.value) } + [
                        ("policy", schema("PolicySettings")), ("users", ["type": "array", "items": account]),
                        ("groups", ["type": "array", "items": account]),
                    ])),
            "examples": [["kind": "elastic", "guaranteed": ["cpu": 4], "max": ["cpu": 8]]],
        ],
        "Pool": [
            "description": "A named share of the host.", "type": "object",
            "required": [
                "name", "kind", "guaranteed", "weight", "ceiling", "configured", "held", "free", "reservations",
                "waiting", "receipts",
            ],
            "properties": .object(
                JSONObject(
                    [("name", ["type": "string"] as JSONValue)] + said.map { ($0.key, $0.value) } + [
                        ("policy", schema("Policy")), ("users", numbers), ("groups", numbers),
                        (
                            "configured",
                            [
                                "type": "boolean",
                                "description": "Whether the configuration says it, and alone changes it.",
                            ]
                        ),
                        (
                            "draining",
                            [
                                "type": "boolean",
                                "description": "Whether it takes nobody any more and goes with the last.",
                            ]
                        ),
                        ("held", amounts("What it holds, with the pools within it.")),
                        ("free", amounts("What it may take now, of what pools say anything of.")),
                        ("reservations", ["type": "integer", "minimum": 0]),
                        ("waiting", ["type": "integer", "minimum": 0, "description": "Requests that wait for it."]),
                        (
                            "receipts",
                            [
                                "type": "array", "items": schema("Receipt"),
                                "description": "What the kernel holds of it now; none where it holds nothing.",
                            ]
                        ),
                    ])),
        ],
        "Pools": [
            "type": "object", "required": ["pools"],
            "properties": ["pools": ["type": "array", "items": schema("Pool")]],
        ],
    ]

    private static let poolName: JSONValue = [
        "name": "name", "in": "path", "required": true, "description": "The pool's name.",
        "schema": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"],
    ]

    static let pools = OpenAPIOperation(
        id: "listPools", tag: "pools", summary: "The named shares of the host, and what each holds.",
        answers: [(200, answer("By name.", "Pools"))], problems: [.role])

    static let pool = OpenAPIOperation(
        id: "getPool", tag: "pools", summary: "One pool.", parameters: [poolName],
        answers: [(200, answer("The pool.", "Pool"))], problems: [.role, .unknown])

    static let setPool = OpenAPIOperation(
        id: "setPool", tag: "pools", summary: "Make a pool, or take one to be this; for administrators.",
        description: "What runs is not touched: a pool that holds more than it may takes no more until it has room.",
        parameters: [poolName], body: ("PoolSettings", true), answers: [(200, answer("The pool.", "Pool"))],
        problems: [.role, .unknown, .poolConfigured, .ledger])

    static let removePool = OpenAPIOperation(
        id: "removePool", tag: "pools", summary: "Remove a pool, but not the default one; for administrators.",
        parameters: [
            poolName,
            query(
                "drain", "With `true` one that holds something takes nobody any more, and goes with the last.",
                ["type": "string", "enum": ["true", "false"]]),
        ],
        answers: [(200, answer("How it last was.", "Pool"))],
        problems: [.role, .unknown, .inUse, .poolConfigured, .ledger])
}
