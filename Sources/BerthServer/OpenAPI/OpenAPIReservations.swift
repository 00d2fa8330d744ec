internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// What answers about reservations are made of.
    static let reservationSchemas: JSONObject = [
        "Reservation": [
            "type": "object",
            "required": [
                "id", "user", "state", "resources", "units", "end", "enforce", "strategy", "labels", "created_at",
                "processes", "receipts", "env",
            ],
            "properties": [
                "id": schema("ReservationID"),
                "name": ["type": "string"],
                "user": ["type": "integer", "minimum": 0, "maximum": 4_294_967_295],
                "state": ["type": "string", "enum": words(Reservation.State.self)],
                "reason": [
                    "type": "string", "enum": words(Reservation.EndReason.self),
                    "description": "Why it ended; absent while it is live.",
                ],
                "resources": schema("Grant"),
                "alternative": [
                    "type": "integer", "minimum": 0, "maximum": JSONValue(ReservationRequest.mostAlternatives - 1),
                    "description": "Which of the request's alternatives it holds; absent for what was asked first.",
                ],
                "affinity": ["type": "array", "items": schema("Affinity")],
                "anti_affinity": ["type": "array", "items": schema("Affinity")],
                "units": ["type": "array", "items": schema("HeldUnit")],
                "lease": ["type": "string", "examples": ["10m"]],
                "end": ["type": "string", "enum": words(ReservationRequest.End.self)],
                "enforce": ["type": "string", "enum": words(ReservationRequest.Enforce.self)],
                "strategy": ["type": "string", "enum": words(Strategy.self)],
                "priority": ["type": "integer", "description": "Absent for 0."],
                "signal": schema("Signal"),
                "warned": ["type": "boolean", "description": "Whether its processes were sent their signal."],
                "preemption": [
                    "type": "object", "required": ["by", "ends_at"],
                    "description": "For which reservation it has to go, and when it is ended at the latest.",
                    "properties": [
                        "by": schema("ReservationID"), "ends_at": ["type": "string", "format": "date-time"],
                    ],
                ],
                "requeue": ["type": "boolean", "description": "Whether it is queued again when it was preempted."],
                "requeue_of": schema("ReservationID"),
                "requeued_as": schema("ReservationID"),
                "same": ["const": "numa"],
                "choice": schema("UnitChoice"),
                "labels": ["type": "object", "additionalProperties": ["type": "string"]],
                "created_at": ["type": "string", "format": "date-time"],
                "start": [
                    "type": "string", "format": "date-time",
                    "description": "The start that it was promised; absent where it asked for none.",
                ],
                "promised": [
                    "allOf": [schema("Grant")],
                    "description":
                        "While it waits for its start: what it is promised to hold from then on. It ends at `waits_until`.",
                ],
                "granted_at": [
                    "type": "string", "format": "date-time", "description": "Absent while it waits.",
                ],
                "expires_at": ["type": "string", "format": "date-time"],
                "expected_end": [
                    "type": "string", "format": "date-time",
                    "description":
                        "When it ends at the latest if it takes no longer than others of its user and name did. Absent where it has a lease, and while fewer than three ended by themselves.",
                ],
                "waits_until": [
                    "type": "string", "format": "date-time",
                    "description": "While it waits: when it fails unless its turn has come.",
                ],
                "queue": [
                    "type": "object", "required": ["shortfalls", "violations"],
                    "description":
                        "While it waits: where it stands, when it is expected to be granted, and why not now.",
                    "properties": [
                        "position": [
                            "type": "integer", "minimum": 1,
                            "description":
                                "Absent where thousands wait and the policy goes by what others have.",
                        ],
                        "expected_start": [
                            "type": "string", "format": "date-time",
                            "description": "Absent where nobody knows, or hundreds go before it.",
                        ],
                        "shortfalls": [
                            "type": "array", "items": schema("Shortfall"),
                            "description": "What is short now of what it would like best.",
                        ],
                        "violations": [
                            "type": "array", "items": schema("Violation"),
                            "description":
                                "Everything that it could not be granted now for; empty where it only waits for those before it.",
                        ],
                        "members": [
                            "type": "integer", "minimum": 1,
                            "description": "How many of its gang have asked, while not all have; they hold up nobody.",
                        ],
                        "quota": schema("Quota"),
                    ],
                ],
                "pool": ["type": "string", "description": "The pool that it is in."],
                "gang": schema("Gang"),
                "arrival": schema("Arrival"),
                "lends": schema("LentCPU"),
                "borrows": schema("LentCPU"),
                "group": ["type": "string", "description": "The configured group that it counts for."],
                "surplus": [
                    "type": "boolean", "description": "Whether it was granted over a soft quota; absent where not.",
                ],
                "ended_at": ["type": "string", "format": "date-time"],
                "processes": ["type": "array", "items": ["type": "integer"], "description": "Attached and alive."],
                "left": [
                    "type": "array", "items": ["type": "integer"],
                    "description": """
                    Those of the processes that live outside of its cgroup. What they use is not held: meanwhile no \
                    receipt is enforced. Absent where there are none.
                    """,
                ],
                "receipts": ["type": "array", "items": schema("Receipt")],
                "env": [
                    "type": "object", "additionalProperties": ["type": "string"],
                    "description": "What a program that runs inside should have in its environment.",
                ],
                "amendments": [
                    "type": "array",
                    "description": "What validators have put into the request; absent where nothing.",
                    "items": [
                        "type": "object", "required": ["validator", "pointer", "value", "reason"],
                        "properties": [
                            "validator": ["type": "string"], "pointer": ["type": "string"], "value": [:],
                            "reason": ["type": "string"],
                        ],
                    ],
                ],
                "usage": schema("Usage"),
                "cgroup": ["type": "string", "description": "Where its leaf lies in the cgroup tree."],
                "quarantined": [
                    "type": "array", "items": ["type": "integer"],
                    "description": .string(
                        "It has ended and keeps its units: processes that could not be killed, or none where the kernel does "
                            + "not say which. It is tried again."),
                ],
                "quarantine_reason": [
                    "type": "string", "description": "What the kernel answered. Stands beside `quarantined`.",
                ],
            ],
        ],
        "Reservations": [
            "type": "object",
            "required": ["reservations"],
            "properties": ["reservations": ["type": "array", "items": schema("Reservation")]],
        ],
        "Grant": [
            "description": "What is held, by type; storage by device.",
            "type": "object",
            "properties": [
                "storage": ["type": "array", "items": ["type": "object", "required": ["device"]]]
            ],
            "additionalProperties": schema("Hold"),
        ],
        "Hold": [
            "type": "object",
            "required": ["amount"],
            "properties": [
                "amount": ["type": "number", "description": "Counted against the host and protected."],
                "limit": ["type": "number", "description": "The ceiling."],
                "asked": [
                    "type": "number",
                    "description": "What was asked, where it was rounded up to whole cores or there was less.",
                ],
                "minimum": ["type": "number", "description": "The least that would have done."],
                "exclusive": ["const": true],
                "cpus": ["type": "string", "examples": ["4-7,12"]],
                "numa_nodes": ["type": "string"],
                "units": ["type": "object", "additionalProperties": ["type": "number"]],
                "where": ["type": "object"],
                "prefer": ["type": "object"],
                "guarantee": ["type": "string", "enum": words(MemoryTerms.Guarantee.self)],
                "swap": ["type": "number", "description": "The most that may be swapped out; absent for none."],
                "oom": ["type": "string", "enum": words(MemoryTerms.OutOfMemory.self)],
                "parameters": ["type": "object", "description": "Of a plugin's type, in words of its own."],
            ],
        ],
        "HeldUnit": [
            "type": "object",
            "required": ["type", "name"],
            "properties": [
                "type": schema("ResourceType"),
                "name": ["type": "string"],
                "cpu": ["type": "integer", "minimum": 0],
                "amount": ["type": "number"],
            ],
        ],
        "Receipt": [
            "description": "What the kernel really holds, read back.",
            "type": "object",
            "required": ["type", "status"],
            "properties": [
                "type": schema("ResourceType"),
                "device": ["type": "string"],
                "status": ["type": "string", "enum": words(Receipt.Status.self)],
                "reason": ["type": "string"],
                "values": [
                    "type": "object", "additionalProperties": ["type": "string"],
                    "description": """
                    What the files of the leaf say, by name; also what a plugin narrows, in the receipt of its type. Of \
                    several disks a line each.
                    """,
                ],
                "devices": [
                    "type": "array", "items": ["type": "string", "pattern": "^[cb] [0-9]+:[0-9]+$"],
                    "description": "Devices of the type's units that it may open, and other reservations may not.",
                ],
                "bpf_program": [
                    "type": "integer",
                    "description": "The kernel's number of the program that keeps it from the devices of others.",
                ],
                "folders": [
                    "type": "array",
                    "description": "Folders that a project quota of their file system holds to their size.",
                    "items": [
                        "type": "object", "required": ["name", "bytes", "project"],
                        "properties": [
                            "name": ["type": "string"], "bytes": ["type": "integer"], "project": ["type": "integer"],
                        ],
                    ],
                ],
                "charged_elsewhere_bytes": [
                    "type": "integer",
                    "description": "Memory that attached processes had before, which this reservation does not hold.",
                ],
            ],
        ],
        "Arrival": [
            "description": "The barrier at which it waits, or waited last.",
            "type": "object", "required": ["barrier", "generation", "open"],
            "properties": [
                "barrier": ["type": "string"], "generation": ["type": "integer", "minimum": 1],
                "size": ["type": "integer"], "open": ["type": "boolean"],
            ],
        ],
        "LentCPU": [
            "description": """
            By how much its ceiling on CPU time is lowered for others of its gang, or raised by them; absent for neither.
            """,
            "type": "object", "required": ["cpu"], "properties": ["cpu": ["type": "number"]],
        ],
        "Barrier": [
            "type": "object", "required": ["id", "arrived"],
            "properties": [
                "id": ["type": "string"],
                "generation": [
                    "type": "integer", "minimum": 1, "description": "The how manieth time it is waited at.",
                ],
                "open": ["type": "boolean", "description": "Of an arrival: whether all have arrived."],
                "size": ["type": "integer", "description": "How many arrive; of a gang those that have not ended."],
                "gang": ["type": "boolean", "description": "Whether it is a gang's."],
                "arrived": ["type": "array", "items": schema("ReservationID")],
            ],
        ],
        "Usage": [
            "type": "object",
            "properties": [
                "cpu_seconds": ["type": "number"],
                "memory_bytes": ["type": "integer"],
                "memory_peak_bytes": ["type": "integer"],
                "pids": ["type": "integer"],
                "types": [
                    "type": "object", "additionalProperties": ["type": "object"],
                    "description": "What it uses of what plugins provide, by type, in their words.",
                ],
            ],
        ],
    ]
}
