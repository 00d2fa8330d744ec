package import BerthAgent
package import BerthModel
internal import CLinux
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Finds the process at the other end of a connection.
/// - Parameters:
///   - pid: its number in the agent's pid namespace
///   - pidfd: a descriptor of it, which the function owns; nil where the kernel has none (before 6.5)
///   - acceptedUptimeMs: when the connection was accepted, in milliseconds of CLOCK_BOOTTIME; without a descriptor only a
///     process that began before may be taken for the peer
package typealias PeerProcess =
    @Sendable (
        _ pid: Int32, _ pidfd: Int32?, _ acceptedUptimeMs: Int64?
    ) throws(AttachError) -> any ProcessHandle

/// The API over a Unix socket. Runs until it is told to shut down gracefully, or cancelled.
package struct BerthServer: Service {
    private let agent: Agent
    private let configuration: ServerConfiguration
    private let host: @Sendable () async -> [UInt8]
    private let plugins: PluginCalls
    private let names: AccountNames
    private let peerProcess: PeerProcess
    private let whenListening: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - agent: answers the calls
    ///   - configuration: where it listens and what clients may take
    ///   - host: the document of `GET /v1/host`, as JSON
    ///   - plugins: answers what is asked about plugins
    ///   - names: the users and groups that requests may name
    ///   - peerProcess: finds the process at the other end of a connection
    ///   - logger: told of trouble with connections
    ///   - whenListening: called once, when clients can connect
    package init(
        agent: Agent, configuration: ServerConfiguration, host: @escaping @Sendable () async -> [UInt8],
        plugins: PluginCalls = .none, names: AccountNames = .numbers, peerProcess: @escaping PeerProcess,
        logger: Logger,
        whenListening: @escaping @Sendable () -> Void = {}
    ) {
        self.agent = agent
        self.configuration = configuration
        self.host = host
        self.plugins = plugins
        self.names = names
        self.peerProcess = peerProcess
        self.logger = logger
        self.whenListening = whenListening
    }

    /// Listens and serves.
    /// - Throws: ``ListenError`` where it cannot listen
    package func run() async throws {
        let socket = try ListeningSocket(configuration.listener)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: min(max(configuration.threads, 1), 2))
        let reception = Reception(
            agent: agent, configuration: configuration, host: host, plugins: plugins, names: names,
            find: peerProcess, logger: logger, group: group)
        let listening: any Channel
        do {
            listening = try await ServerBootstrap(group: group)
                .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in reception.welcome(channel) }
                .withBoundSocket(socket.number).get()
        } catch {
            socket.remove()
            throw error
        }
        whenListening()
        try? await gracefulShutdown()
        await agent.drain()
        try? await listening.close()
        socket.remove()
        if await reception.close() { try? await group.shutdownGracefully() }
    }
}
