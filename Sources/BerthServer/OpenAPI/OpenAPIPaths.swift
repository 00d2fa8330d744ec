internal import BerthJSON
internal import BerthModel
internal import HTTPTypes

extension OpenAPI {
    /// Every path with its calls. HEAD, which goes with every GET, is left out.
    static let paths: JSONValue = .object(
        JSONObject(
            Route.allCases.map { route in
                let calls = route.methods.compactMap { method in
                    operation(route, method).map { (key: method.rawValue.lowercased(), value: $0.json) }
                }
                return (route.template, .object(JSONObject(calls)))
            }))

    private static func operation(_ route: Route, _ method: HTTPRequest.Method) -> OpenAPIOperation? {
        switch (route, method) {
        case (_, .head): nil
        case (.reservations, .post): reserve
        case (.reservations, _): list
        case (.reservation, .patch): resize
        case (.reservation, .delete): release
        case (.reservation, _): look
        case (.attach, _): attach
        case (.renew, _): renew
        case (.barrier, _): barrier
        case (.arrive, _): arrive
        case (.explain, _): explain
        case (.accounts, _): accounts
        case (.pools, _): pools
        case (.pool, .put): setPool
        case (.pool, .delete): removePool
        case (.pool, _): pool
        case (.maintenance, .post): addMaintenance
        case (.maintenance, _): maintenance
        case (.maintenanceWindow, _): removeMaintenance
        case (.plugins, _): plugins
        case (.plugin, _): plugin
        case (.reloadPlugin, _): reloadPlugin
        case (.scalePlugin, _): scalePlugin
        case (.resources, _): resources
        case (.host, _): host
        case (.events, _): events
        case (.health, _): health
        case (.document, _): describe
        case (.metrics, _): metrics
        }
    }

    private static let reserve = OpenAPIOperation(
        id: "reserve", tag: "reservations", summary: "Reserve a part of the host.",
        parameters: [
            header(
                "Idempotency-Key",
                "Makes a retry safe: another request with the same key and body gets the same reservation.",
                ["type": "string", "pattern": "^[ -~]{1,255}$"]),
            header(
                "Prefer", "With `respond-async` what has to wait is answered at once.",
                ["type": "string", "examples": ["respond-async"]]),
        ],
        body: ("ReservationRequest", true),
        answers: [
            (
                201,
                answer(
                    "Granted and held.", "Reservation",
                    headers: ["Location": ["description": "The reservation's path.", "schema": ["type": "string"]]])
            ),
            (
                202,
                answer(
                    "It waits, and the client wants no answer later.", "Reservation",
                    headers: ["Location": ["description": "The reservation's path.", "schema": ["type": "string"]]])
            ),
        ],
        problems: [
            .role, .poolDenied, .notYours, .insufficient, .wouldDelay, .maintenance, .gangIncomplete, .gangFull,
            .gangMismatch, .cap,
            .quota, .unenforceable, .enforcement, .provider,
            .heldElsewhere, .ended,
            .rejected, .keyReused, .noProcess, .ledger,
        ])

    private static let list = OpenAPIOperation(
        id: "listReservations", tag: "reservations",
        summary: "The caller's reservations that are live or wait, for an administrator everybody's.",
        parameters: [
            query(
                "state", "Those of one state instead; of ended ones the latest thousand.",
                ["type": "string", "enum": words(Reservation.State.self)])
        ],
        answers: [(200, answer("Oldest first.", "Reservations"))], problems: [.role, .ledger])

    private static let look = OpenAPIOperation(
        id: "getReservation", tag: "reservations", summary: "One reservation, live or ended.",
        parameters: [
            id,
            query(
                "wait", "While it is pending, answer when it is so no more, after so long at the latest; 1h at most.",
                ["type": "string", "pattern": "^([0-9]{1,12}|([0-9]{1,12}(ms|s|sec|m|min|h|d))+)$"]),
        ],
        answers: [(200, answer("The reservation.", "Reservation"))], problems: [.role, .notYours, .unknown, .ledger])

    private static let resize = OpenAPIOperation(
        id: "resize", tag: "reservations", summary: "Change what a reservation holds, all or nothing.",
        description: "Types that are not named stay as they are. With a pool alone it is put into that.",
        parameters: [id], body: ("Change", true),
        answers: [(200, answer("Changed.", "Reservation"))],
        problems: [
            .role, .poolDenied, .notYours, .unknown, .insufficient, .wouldDelay, .maintenance, .pending, .preempted,
            .cap, .quota,
            .unenforceable, .enforcement,
            .provider, .inUse, .ended,
            .rejected, .ledger,
        ])

    private static let release = OpenAPIOperation(
        id: "release", tag: "reservations", summary: "End a reservation.",
        description: "Answers when nothing of it runs any more; again, the same answer.",
        parameters: [
            id,
            query(
                "grace", "How long processes have after SIGTERM: 10s unless given, 1h at most.",
                ["type": "string", "pattern": "^([0-9]{1,12}|([0-9]{1,12}(ms|s|sec|m|min|h|d))+)$"]),
        ], answers: [(200, answer("Its last state.", "Reservation"))], problems: [.role, .notYours, .unknown, .ledger])

    private static let attach = OpenAPIOperation(
        id: "attach", tag: "reservations", summary: "Attach the caller, or another process of its user.",
        parameters: [id], body: ("Attach", false), answers: [(200, answer("Attached.", "Reservation"))],
        problems: [
            .role, .notYours, .unknown, .pending, .heldElsewhere, .unenforceable, .enforcement, .ended, .noProcess,
            .ledger,
        ])

    private static let renew = OpenAPIOperation(
        id: "renew", tag: "reservations", summary: "Set the lease anew, from now.", parameters: [id],
        body: ("Renew", true), answers: [(200, answer("Renewed.", "Reservation"))],
        problems: [
            .role, .notYours, .unknown, .pending, .preempted, .wouldDelay, .maintenance, .cap, .quota, .ended, .ledger,
        ])

    private static let barrierName: JSONValue = [
        "name": "id", "in": "path", "required": true,
        "description": "What its user calls it; a gang's is the gang's id.",
        "schema": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"],
    ]

    private static let barrier = OpenAPIOperation(
        id: "getBarrier", tag: "reservations", summary: "How a barrier of the caller's stands.",
        parameters: [barrierName], answers: [(200, answer("Who has arrived.", "Barrier"))], problems: [.role, .unknown])

    private static let arrive = OpenAPIOperation(
        id: "arrive", tag: "reservations", summary: "Arrive at a barrier, and wait there until all have.",
        parameters: [
            barrierName,
            query(
                "wait", "How long to wait until it opens, 1h at most; without it as long as the client listens.",
                ["type": "string", "pattern": "^([0-9]{1,12}|([0-9]{1,12}(ms|s|sec|m|min|h|d))+)$"]),
        ], body: ("Arrive", true),
        answers: [
            (200, answer("It has opened, and what was lent is given back.", "Barrier")),
            (202, answer("Arrived; it has not opened yet.", "Barrier")),
        ], problems: [.role, .notYours, .unknown, .pending, .atBarrier, .ended, .ledger])

    private static let explain = OpenAPIOperation(
        id: "explain", tag: "reservations", summary: "What a request would be answered now; nothing is held by it.",
        body: ("ReservationRequest", true),
        answers: [(200, answer("What would be granted, or why not.", "Explanation"))],
        problems: [.role, .poolDenied])

    private static let pluginName: JSONValue = [
        "name": "name", "in": "path", "required": true, "description": "The plugin's name.",
        "schema": ["type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,39}$"],
    ]

    private static let plugins = OpenAPIOperation(
        id: "listPlugins", tag: "plugins", summary: "The plugins that lie in the folder, and where each stands.",
        answers: [(200, answer("By name.", "Plugins"))], problems: [.role])

    private static let plugin = OpenAPIOperation(
        id: "getPlugin", tag: "plugins", summary: "One plugin with what it has written lately; for administrators.",
        parameters: [pluginName], answers: [(200, answer("The plugin.", "Plugin"))], problems: [.role, .unknown])

    private static let reloadPlugin = OpenAPIOperation(
        id: "reloadPlugin", tag: "plugins", summary: "Start a plugin again, also one that was left down.",
        parameters: [pluginName], answers: [(200, answer("It is being started.", "Plugin"))],
        problems: [.role, .unknown])

    private static let scalePlugin = OpenAPIOperation(
        id: "scalePlugin", tag: "plugins", summary: "Have a plugin bring a type to so many units, as near as it can.",
        parameters: [pluginName], body: ("Scale", true),
        answers: [(200, answer("It has done so, as far as it could; what there is follows.", "Plugin"))],
        problems: [.role, .unknown, .provider])

    private static let resources = OpenAPIOperation(
        id: "getResources", tag: "host", summary: "What there is, what is held of it, and what is free.",
        answers: [(200, answer("By type.", "ResourceReports"))], problems: [.role])

    private static let accounts = OpenAPIOperation(
        id: "getAccounts", tag: "host", summary: "Who goes first of those who wait, and what this goes by.",
        description: "A user sees its own account and its group's, an administrator all.",
        answers: [(200, answer("Groups, then users, then workflows.", "Accounts"))], problems: [.role])

    private static let host = OpenAPIOperation(
        id: "getHost", tag: "host", summary: "What discovery found of the host.",
        answers: [(200, answer("The host.", "Host"))], problems: [.role])

    private static let events = OpenAPIOperation(
        id: "getEvents", tag: "agent", summary: "What happens, as server-sent events.",
        description: """
            Each event has an id, its name and the data that the schema Event describes. A user's stream has its own \
            reservations only. The stream goes on until one side closes it; a comment every 15 seconds says that it lives.
            """,
        parameters: [
            query(
                "since", "Begin after this event; the latest unless given.",
                ["type": "integer", "minimum": 0, "maximum": .number(JSONNumber(Int64.max))]),
            query("epoch", "The ledger that the id is of; another one is 410.", ["type": "string"]),
            query("reservation", "Only events about this reservation.", schema("ReservationID")),
            header(
                "Last-Event-ID", "The same as `since`, and counts more than it.",
                ["type": "string", "pattern": "^[0-9]{1,18}$"]),
        ],
        answers: [
            (
                200,
                answer(
                    "The stream.", content: ["text/event-stream": ["schema": ["type": "string"]]],
                    headers: ["Berth-Epoch": ["description": "The ledger.", "schema": ["type": "string"]]])
            )
        ], problems: [.role, .compacted, .ledger])

    private static let health = OpenAPIOperation(
        id: "getHealth", tag: "agent", summary: "Whether the agent serves; needs no role.",
        answers: [(200, answer("It serves.", "Health"))])

    private static let describe = OpenAPIOperation(
        id: "getDescription", tag: "agent", summary: "This document; needs no role.",
        answers: [(200, answer("OpenAPI 3.1.", content: ["application/json": ["schema": ["type": "object"]]]))])

    private static let metrics = OpenAPIOperation(
        id: "getMetrics", tag: "agent", summary: "Figures for Prometheus.",
        answers: [
            (
                200,
                answer(
                    "The text exposition format 0.0.4.",
                    content: [.init(MetricsText.mediaType): ["schema": ["type": "string"]]])
            )
        ], problems: [.role])
}
