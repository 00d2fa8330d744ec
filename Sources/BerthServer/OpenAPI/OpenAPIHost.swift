internal import BerthAgent
internal import BerthJSON
internal import BerthModel

extension OpenAPI {
    /// What answers about the host and the agent are made of.
    static let hostSchemas: JSONObject = [
        "ResourceReports": [
            "type": "object",
            "required": ["resources"],
            "properties": ["resources": ["type": "array", "items": schema("ResourceReport")]],
        ],
        "ResourceReport": [
            "type": "object",
            "required": [
                "type", "state", "measure", "capacity", "system_reserved", "unmanaged", "held", "used", "free", "units",
            ],
            "properties": [
                "type": schema("ResourceType"),
                "state": [
                    "type": "string", "enum": words(ResourceReport.UnitState.self),
                    "description": "`failed` where all of its units have, `maintenance` where all of it is.",
                ],
                "measure": ["type": "string", "enum": words(Measure.self)],
                "capacity": ["type": ["number", "null"], "description": "null where it cannot be known."],
                "system_reserved": ["type": "number"],
                "unmanaged": ["type": ["number", "null"]],
                "held": ["type": "number"],
                "used": ["type": ["number", "null"]],
                "free": [
                    "type": ["number", "null"],
                    "description": "What can still be granted, without what has failed or is under maintenance.",
                ],
                "maintenance": schema("ResourceMaintenance"),
                "units": ["type": "array", "items": schema("Unit")],
            ],
        ],
        "Unit": [
            "type": "object",
            "required": ["name", "state", "capacity", "held", "used", "free", "capabilities"],
            "properties": [
                "name": ["type": "string"],
                "state": [
                    "type": "string", "enum": words(ResourceReport.UnitState.self),
                    "description": "`maintenance`: nobody holds it, and nobody is granted it while a window is on.",
                ],
                "capacity": [
                    "type": ["number", "null"],
                    "description": "Null where nobody knows it. Of a disk bytes read and written a second, together.",
                ],
                "held": ["type": "number"],
                "used": ["type": ["number", "null"], "description": "Null: what runs is measured by reservation."],
                "free": [
                    "type": ["number", "null"],
                    "description": "What can be granted; of what has failed or is under maintenance nothing.",
                ],
                "rates": [
                    "type": "object",
                    "description":
                        "Of a disk each rate: `read` and `write` in bytes, `read_iops` and `write_iops` in operations a second.",
                    "additionalProperties": [
                        "type": "object", "required": ["capacity", "held", "free"],
                        "properties": [
                            "capacity": ["type": ["number", "null"]], "held": ["type": "number"],
                            "free": ["type": ["number", "null"]],
                        ],
                    ],
                ],
                "capabilities": ["type": "object"],
                "reason": ["type": "string", "description": "Why it cannot be held."],
                "devices": [
                    "type": "array", "items": ["type": "string", "pattern": "^[cb] [0-9]+:[0-9]+$"],
                    "description": "Its devices, which no reservation can open but the one that holds it.",
                ],
            ],
        ],
        "Plugins": [
            "type": "object",
            "required": ["plugins"],
            "properties": ["plugins": ["type": "array", "items": schema("Plugin")]],
        ],
        "Plugin": [
            "type": "object",
            "required": ["name", "state"],
            "properties": [
                "name": ["type": "string"],
                "state": [
                    "type": "string", "enum": ["starting", "running", "down", "failed", "stopped", "refused"],
                    "description": "`down` is started again, `failed` only by reload; `refused` is not run at all.",
                ],
                "kind": ["type": "string", "enum": ["provider", "validator"]],
                "version": ["type": "string"],
                "types": ["type": "array", "items": schema("ResourceType")],
                "pid": ["type": "integer"],
                "built_with": ["type": "string"],
                "open": [
                    "type": "array", "items": ["type": "string"],
                    "description": "What could not be taken away from its process on this host.",
                ],
                "reason": ["type": "string", "description": "Why it is down or refused."],
                "failures": ["type": "integer", "description": "How often in a row it has failed."],
                "last_failure": [
                    "type": "object", "required": ["at", "reason"],
                    "description": "Absent where it has never failed since it was taken up as it lies there now.",
                    "properties": ["at": ["type": "string", "format": "date-time"], "reason": ["type": "string"]],
                ],
                "next_start_in_ms": ["type": "integer", "minimum": 0],
                "log": [
                    "type": "array", "items": ["type": "string"], "description": "The last lines that it has written.",
                ],
            ],
        ],
        "Health": [
            "type": "object",
            "required": ["state", "ledger", "epoch", "version", "last_event", "uptime"],
            "properties": [
                "state": ["const": "serving", "description": "In any other state the answer is 503, with the state."],
                "ledger": ["const": "ok", "description": "With 503 it may be \"unwritable\"."],
                "epoch": ["type": "string", "description": "The ledger; event ids mean nothing in another one."],
                "version": ["type": "string"],
                "last_event": ["type": "integer", "minimum": 0],
                "uptime": ["type": "number", "minimum": 0, "description": "Seconds since the start."],
            ],
        ],
        "Event": [
            "description": """
            The data of one event of the stream. With `left` an attached process `pid` was found alive outside of its \
            reservation's cgroup, by its user's own manager or a container engine for one: until `returned` or \
            `exited` the reservation's receipts are advisory, though its cgroup holds what `enforced` last said.
            """,
            "type": "object",
            "required": ["at"],
            "properties": [
                "at": ["type": "string", "format": "date-time"],
                "reservation": schema("ReservationID"),
                "user": ["type": "integer"],
                "name": ["type": "string"],
                "resources": schema("Grant"),
                "start": [
                    "type": "string", "format": "date-time", "description": "The start that was promised, of `queued`.",
                ],
                "lease": ["type": "string"],
                "expires_at": ["type": "string", "format": "date-time"],
                "pid": [
                    "type": "integer", "description": "The process of `attached`, `left`, `returned` and `exited`.",
                ],
                "receipts": ["type": "array", "items": schema("Receipt")],
                "state": ["type": "string", "enum": words(Reservation.State.self)],
                "reason": ["type": "string", "enum": words(Reservation.EndReason.self)],
                "boot": ["type": "string"],
                "barrier": ["type": "string", "description": "The barrier of `arrived`."],
                "generation": ["type": "integer"],
                "lends": schema("LentCPU"),
                "borrows": schema("LentCPU"),
                "capacity": ["type": "object"],
                "type": schema("ResourceType"),
                "units": [
                    "type": "array", "items": ["type": "object"],
                    "description": "Units of a plugin's type that are new or changed, of `units_changed`.",
                ],
                "gone": ["type": "array", "items": ["type": "string"], "description": "Units that are there no more."],
                "provided": ["type": "boolean", "description": "Whether a plugin provides the type."],
                "env": ["type": "object", "description": "What plugins want in the environment, by type."],
                "usage": schema("Usage"),
                "window": [
                    "type": "object", "description": "The window of `maintenance_added` and `maintenance_removed`.",
                ],
                "memory": ["type": "integer", "description": "Memory outside of every reservation, in bytes."],
                "pools": [
                    "type": "array", "items": ["type": "object"], "description": "All pools, of `pools_changed`.",
                ],
                "amendments": [
                    "type": "array", "items": ["type": "object"],
                    "description": "What validators have put into a change, of `amended`.",
                ],
            ],
        ],
    ]
}
