internal import BerthJSON

/// The description of the API that the agent serves of itself: OpenAPI 3.1.
enum OpenAPI {
    /// The document of `GET /openapi.json`.
    static func document(version: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Berth",
                "version": .string(version),
                "summary": "Reserves parts of a Linux host and holds programs to them.",
                "description": .string(about),
                "license": ["name": "See the package"],
            ],
            // A Unix socket has no host; clients put any name here.
            "servers": [["url": "http://localhost", "description": "Over the agent's Unix socket."]],
            "tags": [
                ["name": "reservations", "description": "Claims on parts of the host."],
                ["name": "host", "description": "What there is, and what is free of it."],
                ["name": "pools", "description": "Named shares of the host."],
                ["name": "agent", "description": "The agent itself."],
            ],
            "paths": paths,
            "components": ["schemas": .object(schemas), "responses": .object(problemResponses)],
        ]
    }

    private static let about = """
        HTTP/1.1 and JSON over a Unix socket; the kernel tells the agent who calls. Errors are problem details (RFC 9457) \
        with a stable `code`. Unknown fields and query parameters are errors. Quantities are numbers in the unit people \
        count in (CPUs, bytes, bytes per second, operations per second, bits per second, GPUs), in requests also texts \
        such as "1.5", "250m", "4GiB" or "100Mbit". Times are RFC 3339 in UTC, durations texts such as "10m" or numbers \
        of seconds. Answers may get more fields; clients pass over what they do not know.
        """

    /// A reference to a schema of the document.
    static func schema(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private static let schemas: JSONObject = {
        var all = JSONObject()
        let parts = [
            requestSchemas, constraintSchemas, affinitySchemas, reservationSchemas, accountSchemas, poolSchemas,
            maintenanceSchemas,
            hostSchemas, hostDocumentSchemas, hostComputeSchemas, hostDeviceSchemas, hostStorageSchemas,
            hostKernelSchemas, problemSchemas, explanationSchemas,
        ]
        for part in parts {
            for (name, schema) in part { all.append(schema, for: name) }
        }
        return all
    }()
}
