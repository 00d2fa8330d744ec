internal import BerthAgent
internal import BerthJSON

/// The calls about the host and the agent itself.
extension API {
    /// `GET /v1/resources`
    func resources(_ call: Call) async throws(Problem) -> Reply {
        Reply(["resources": .array(try await reports(call).map(\.json))])
    }

    /// `GET /v1/host`
    func hostDocument(_ call: Call) async throws(Problem) -> Reply {
        // Who may see what there is of the host may see the host.
        _ = try await reports(call)
        return Reply(type: "application/json", bytes: await host())
    }

    /// `GET /v1/health`
    func health() async throws(Problem) -> Reply {
        let (epoch, lastEvent) = await agent.position()
        guard !epoch.isEmpty else {
            throw Problem(.unavailable, "the agent is starting", members: ["state": "starting"], retryAfter: 1)
        }
        return Reply([
            "state": "serving", "epoch": .string(epoch), "version": .string(version),
            "last_event": JSONValue(lastEvent),
            "uptime": .number(uptime),
        ])
    }

    /// Seconds since the server was started, to the millisecond.
    private var uptime: JSONNumber {
        let (seconds, attoseconds) = (ContinuousClock.now - started).components
        return JSONNumber(seconds * 1000 + attoseconds / 1_000_000_000_000_000, decimals: 3)
    }

    func reports(_ call: Call) async throws(Problem) -> [ResourceReport] {
        do throws(AgentError) {
            return try await agent.resources(for: call.connection.peer)
        } catch {
            throw Problem(error)
        }
    }
}
