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

    /// `GET /v1/accounts`
    func accounts(_ call: Call) async throws(Problem) -> Reply {
        do throws(AgentError) {
            let (policies, accounts) = try await agent.accounts(for: call.connection.peer)
            var object = policies.json
            object["accounts"] = .array(accounts.map(\.json))
            return Reply(.object(object))
        } catch {
            throw Problem(error)
        }
    }

    /// `GET /v1/health`
    func health() async throws(Problem) -> Reply {
        let phase = await agent.phase
        let members: JSONObject = [
            "state": .string(phase.rawValue), "ledger": phase == .reloading ? "unwritable" : "ok",
        ]
        switch phase {
        case .serving: break
        case .starting: throw Problem(.unavailable, "the agent is starting", members: members, retryAfter: 1)
        case .draining: throw Problem(.unavailable, "the agent is stopping", members: members, retryAfter: 1)
        case .reloading:
            let reason = await agent.ledgerFailure.map { ": \($0)" } ?? ""
            throw Problem(
                .unavailable, "the ledger cannot be written, and nothing can be reserved until it can\(reason)",
                hint: "see whether the disk of the state folder is full", members: members, retryAfter: 1)
        }
        let (epoch, lastEvent) = await agent.position()
        var health = members
        health["epoch"] = .string(epoch)
        health["version"] = .string(version)
        health["last_event"] = JSONValue(lastEvent)
        health["uptime"] = .number(uptime)
        return Reply(.object(health))
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
