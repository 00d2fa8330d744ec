internal import BerthAgent
internal import BerthCore
internal import BerthJSON

/// The calls about plugins.
extension API {
    /// `GET /v1/plugins`
    func listPlugins(_ call: Call) async throws(Problem) -> Reply {
        try await need(.observe, call)
        return Reply(["plugins": await plugins.list()])
    }

    /// `GET /v1/plugins/{name}`: what it has written is the administrator's to read.
    func plugin(_ call: Call) async throws(Problem) -> Reply {
        try await need(.admin, call)
        guard let document = await plugins.one(call.id) else { throw API.noPlugin(call) }
        return Reply(document)
    }

    /// `POST /v1/plugins/{name}/reload`
    func reloadPlugin(_ call: Call) async throws(Problem) -> Reply {
        try await need(.admin, call)
        let name = call.id
        guard await plugins.reload(name), let document = await plugins.one(name) else { throw API.noPlugin(call) }
        return Reply(document)
    }

    /// `POST /v1/plugins/{name}/scale`
    func scalePlugin(_ call: Call) async throws(Problem) -> Reply {
        try await need(.admin, call)
        let name = call.id
        let (type, target) = try call.read(API.scaling)
        switch await plugins.scale(name, type, target) {
        case .done: break
        case .unknown: throw API.noPlugin(call)
        case .failed(let reason, let hint):
            throw Problem(.provider, "the plugin \(name) did not scale \(type): \(reason)", hint: hint)
        }
        guard let document = await plugins.one(name) else { throw API.noPlugin(call) }
        return Reply(document)
    }

    private static var scaling: JSONReader<(type: String, target: Int64)> {
        .fields { fields throws(JSONFieldError) in
            let target = try fields.required("target", .int64)
            guard (0...1_000_000).contains(target) else {
                throw fields.invalid("target", "is \(target)", expected: "a number from 0 to 1000000")
            }
            return (try fields.required("type", .string), target)
        }
    }

    private func need(_ role: Role, _ call: Call) async throws(Problem) {
        do throws(AgentError) { try await agent.need(role, of: call.connection.peer) } catch { throw Problem(error) }
    }

    private static func noPlugin(_ call: Call) -> Problem {
        Problem(
            .unknown, "there is no plugin \(JSONValue.string(call.id).excerpt)",
            hint: "see those that there are: berth plugin list")
    }
}
