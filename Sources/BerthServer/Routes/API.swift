internal import BerthAgent
internal import BerthJSON
internal import BerthModel
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization

/// The calls of the API: from a request to the agent and back to an answer.
final class API: Sendable {
    let agent: Agent
    let host: @Sendable () async -> [UInt8]
    let plugins: PluginCalls
    let metrics: RequestMetrics
    let admission: Admission
    /// The users and groups of the host.
    let names: AccountNames
    let version: String
    let started = ContinuousClock.now
    /// Whether the agent was seen to have read its ledger; it never goes back.
    private let hasStarted = Atomic(false)
    private let limits: Limits
    let document: [UInt8]

    init(
        agent: Agent, host: @escaping @Sendable () async -> [UInt8], plugins: PluginCalls, metrics: RequestMetrics,
        admission: Admission, names: AccountNames, version: String, limits: Limits
    ) {
        self.agent = agent
        self.host = host
        self.plugins = plugins
        self.metrics = metrics
        self.admission = admission
        self.names = names
        self.version = version
        self.limits = limits
        var document: [UInt8] = []
        OpenAPI.document(version: version).write(into: &document)
        self.document = document
    }

    /// Answers the requests of a connection, one after the other.
    func responder(_ connection: Connection) -> HTTPChannelHandler.Responder {
        { request, writer, channel in
            guard !connection.isOver else {
                // Nobody would hear the answer, and what is asked must then not be done.
                try await channel.closeFuture.get()
                throw EdgeHandler.Broken()
            }
            let began = ContinuousClock.now
            let body = try await self.body(of: request)
            guard body == nil || connection.takeUp() else { throw EdgeHandler.Broken() }
            var (route, reply) = await self.reply(to: request.head, body, on: connection)
            // What is not read of the body would be taken for the next request.
            if body == nil { reply.headers[.connection] = "close" }
            let response = reply.response(to: request.method)
            let time = reply.isStream ? nil : ContinuousClock.now - began
            self.metrics.count(route, .init(request.method), response.status.code, time)
            try await writer.write(response: response.head, body: response.body)
        }
    }

    /// The whole body; nil where it is too large, and then it is not read to its end.
    private func body(of request: Request) async throws -> ByteBuffer? {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes { return nil }
        do {
            return try await request.body.collect(upTo: limits.bodyBytes)
        } catch is NIOTooManyBytesError {
            return nil
        }
    }

    private func reply(
        to head: HTTPRequest, _ body: ByteBuffer?, on connection: Connection
    ) async -> (Route?, Reply) {
        let target = (head.path ?? "/").prefix { $0 != "#" }
        let path = target.prefix { $0 != "?" }
        let query = target[path.endIndex...].dropFirst()
        guard let (route, id) = Route.of(path: path) else {
            let nearest = nearestName(to: String(path), among: Route.allCases.map(\.template))
            return (
                nil,
                Reply(
                    Problem(
                        .unknown, "there is no path \(JSONValue.string(String(path)).excerpt)",
                        hint: nearest.map { "did you mean \($0)?" }))
            )
        }
        do throws(Problem) {
            guard route.methods.contains(head.method) else { throw .method(head.method, of: route) }
            guard let body else {
                throw Problem(.tooLarge, "a body may have \(limits.bodyBytes) bytes at most")
            }
            let call = try Call(route, id: id, head, query: query, body: body, on: connection)
            return (route, try await reply(to: call))
        } catch {
            return (route, Reply(error))
        }
    }

    private func reply(to call: Call) async throws(Problem) -> Reply {
        switch call.route {
        case .health: return try await health()
        case .document: return Reply(type: "application/json", bytes: document)
        case .reservations, .reservation, .attach, .renew, .barrier, .arrive, .resources, .host, .events, .explain,
            .accounts, .pools, .pool, .maintenance, .maintenanceWindow, .plugins,
            .plugin,
            .reloadPlugin, .scalePlugin, .metrics:
            try await needStarted()
        }
        switch (call.route, call.method) {
        case (.reservations, .post): return try await reserve(call)
        case (.reservations, _): return try await reservations(call)
        case (.reservation, .patch): return try await resize(call)
        case (.reservation, .delete): return try await release(call)
        case (.reservation, _): return try await reservation(call)
        case (.attach, _): return try await attach(call)
        case (.renew, _): return try await renew(call)
        case (.barrier, _): return try await barrier(call)
        case (.arrive, _): return try await arrive(call)
        case (.explain, _): return try await explain(call)
        case (.accounts, _): return try await accounts(call)
        case (.pools, _): return try await pools(call)
        case (.pool, _): return try await pool(call)
        case (.maintenance, .post): return try await addMaintenance(call)
        case (.maintenance, _): return try await maintenance(call)
        case (.maintenanceWindow, _): return try await removeMaintenance(call)
        case (.plugins, _): return try await listPlugins(call)
        case (.plugin, _): return try await plugin(call)
        case (.reloadPlugin, _): return try await reloadPlugin(call)
        case (.scalePlugin, _): return try await scalePlugin(call)
        case (.resources, _): return try await resources(call)
        case (.host, _): return try await hostDocument(call)
        case (.metrics, _): return try await scrape(call)
        case (.events, _): return try await events(call)
        case (.health, _), (.document, _): return try await health()
        }
    }

    /// Does what may take long on another thread, so that the event loop stays free for other connections.
    static func aside<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(AgentError) -> Value
    ) async throws(Problem) -> Value {
        let result = await withTaskExecutorPreference(globalConcurrentExecutor) {
            do throws(AgentError) { return Result<Value, AgentError>.success(try await body()) } catch {
                return .failure(error)
            }
        }
        do throws(AgentError) { return try result.get() } catch { throw Problem(error) }
    }

    /// Throws while the agent reads its ledger: it knows of no reservation yet, and must not say that there is none.
    private func needStarted() async throws(Problem) {
        guard !hasStarted.load(ordering: .acquiring) else { return }
        guard await !agent.position().epoch.isEmpty else {
            throw Problem(.unavailable, "the agent is starting", retryAfter: 1)
        }
        hasStarted.store(true, ordering: .releasing)
    }
}

extension Agent {
    /// The number of the ledger, empty while it is being read, and the last event in it.
    func position() -> (epoch: String, lastEvent: Int64) { (epoch, lastEvent) }
}

extension Problem {
    /// A path that is there and a method that it does not have.
    fileprivate static func method(_ method: HTTPRequest.Method, of route: Route) -> Problem {
        let allow = route.methods.map(\.rawValue).joined(separator: ", ")
        var problem = Problem(
            .method, "\(route.template) does not have the method \(method.rawValue)", expected: "one of \(allow)")
        problem.allow = allow
        return problem
    }
}
