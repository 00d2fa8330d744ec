package import BerthAgent
package import BerthModel
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// The API over a Unix socket. Runs until it is told to shut down gracefully, or cancelled.
package struct BerthServer: Service {
    private let agent: Agent
    private let configuration: ServerConfiguration
    private let host: @Sendable () async -> [UInt8]
    private let plugins: PluginCalls
    private let names: AccountNames
    private let sockets: any Sockets
    private let whenListening: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - agent: answers the calls
    ///   - configuration: what clients may take
    ///   - host: the document of `GET /v1/host`, as JSON
    ///   - plugins: answers what is asked about plugins
    ///   - names: the users and groups that requests may name
    ///   - sockets: where clients connect to, and who they are
    ///   - logger: told of trouble with connections
    ///   - whenListening: called once, when clients can connect
    package init(
        agent: Agent, configuration: ServerConfiguration, host: @escaping @Sendable () async -> [UInt8],
        plugins: PluginCalls = .none, names: AccountNames = .numbers, sockets: any Sockets,
        logger: Logger,
        whenListening: @escaping @Sendable () -> Void = {}
    ) {
        self.agent = agent
        self.configuration = configuration
        self.host = host
        self.plugins = plugins
        self.names = names
        self.sockets = sockets
        self.logger = logger
        self.whenListening = whenListening
    }

    /// Listens and serves.
    /// - Throws: where it cannot listen
    package func run() async throws {
        let socket = try sockets.listen()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(max(configuration.threads, 1), 2))
        let reception = Reception(
            agent: agent, configuration: configuration, host: host, plugins: plugins, names: names,
            sockets: sockets, logger: logger, group: group)
        let listening: any Channel
        do {
            listening = try await ServerBootstrap(group: group)
                .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in reception.welcome(channel) }
                .withBoundSocket(socket).get()
        } catch {
            sockets.stopListening()
            throw error
        }
        whenListening()
        try? await gracefulShutdown()
        await agent.drain()
        try? await listening.close()
        sockets.stopListening()
        if await reception.close() { try? await group.shutdownGracefully() }
    }
}
