internal import BerthAgent
internal import BerthModel
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Everything that the connections of a running server share.
final class Reception: Sendable {
    private let api: API
    private let limits: Limits
    private let sockets: any Sockets
    private let logger: Logger
    private let admission: Admission
    private let metrics = RequestMetrics()
    /// One for each event loop, and only ever used on it.
    private let loops: [ObjectIdentifier: Loop]
    /// Connections whose tasks have not ended.
    private let serving = Mutex((count: 0, whenNone: nil as EventLoopPromise<Void>?))

    /// What belongs to one event loop.
    private struct Loop: Sendable {
        let executor: LoopExecutor
        let connections: NIOLoopBoundBox<Connections>
    }

    init(
        agent: Agent, configuration: ServerConfiguration, host: @escaping @Sendable () async -> [UInt8],
        plugins: PluginCalls, names: AccountNames, sockets: any Sockets, logger: Logger,
        group: any EventLoopGroup
    ) {
        let admission = Admission(limits: configuration.limits)
        api = API(
            agent: agent, host: host, plugins: plugins, metrics: metrics, admission: admission, names: names,
            version: configuration.version, limits: configuration.limits)
        limits = configuration.limits
        self.sockets = sockets
        self.logger = logger
        self.admission = admission
        loops = group.makeIterator().reduce(into: [:]) { loops, loop in
            loops[ObjectIdentifier(loop)] = Loop(
                executor: LoopExecutor(loop),
                connections: .makeBoxSendingValue(Connections(loop, clock: agent.clock), eventLoop: loop))
        }
    }

    /// Sets up a new connection and begins to serve it. A failed future closes it.
    func welcome(_ channel: any Channel) -> EventLoopFuture<Void> {
        let loop = channel.eventLoop
        guard let own = loops[ObjectIdentifier(loop)], let peer = peer(of: channel) else {
            return loop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        let verdict =
            peer.pid > 0
            ? admission.enter(peer.user)
            : admission.enterRefused(
                Problem(
                    .foreign, "the caller is in another pid namespace, where the agent cannot know its process",
                    hint: "call from the host's pid namespace"))
        if verdict == .turnedAway { return loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        channel.closeFuture.whenComplete { [admission] _ in admission.leave(peer.user, verdict) }
        let connection = Connection(channel: channel, peer: peer, executor: own.executor, sockets: sockets)
        let refusal: Problem? = if case .refused(let problem) = verdict { problem } else { nil }
        let edge = EdgeHandler(
            connection, among: own.connections.value, limits: limits, metrics: metrics, refusal: refusal)
        let served = PeerChannel(
            connection: connection, edge: NIOLoopBound(edge, eventLoop: loop), limits: limits,
            responder: api.responder(connection))
        return served.setup(channel: channel, logger: logger).map { value in self.serve(served, value) }
    }

    /// Begins a task that belongs to nobody: what the agent has begun is brought to its end, whatever becomes of the
    /// client or of the server's own task.
    private func serve(_ peer: PeerChannel, _ value: PeerChannel.Value) {
        serving.withLock { $0.count += 1 }
        Task(executorPreference: peer.connection.executor) { [logger] in
            await peer.handle(value: value, logger: logger)
            let none = self.serving.withLock { serving in
                serving.count -= 1
                return serving.count == 0 ? serving.whenNone : nil
            }
            none?.succeed()
        }
    }

    private func peer(of channel: any Channel) -> Peer? {
        let found = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            sockets.peer(of: $0)
        }
        return found ?? nil
    }

    /// Lets every connection finish what it is at, for so long as the limits allow, and closes them.
    /// - Returns: whether nothing is left that needs the event loops
    func close() async -> Bool {
        guard let loop = loops.values.first?.executor.loop else { return true }
        for each in loops.values {
            each.executor.loop.execute { each.connections.value.drain() }
        }
        if await isEmpty(within: limits.shutdownTime, on: loop) { return true }
        for each in loops.values {
            each.executor.loop.execute { each.connections.value.close() }
        }
        if await isEmpty(within: .seconds(1), on: loop) { return true }
        let left = serving.withLock { $0.count }
        logger.warning("the server stops while the agent still works for \(left) clients")
        return false
    }

    private func isEmpty(within time: TimeAmount, on loop: any EventLoop) async -> Bool {
        let promise = loop.makePromise(of: Void.self)
        let isEmpty = serving.withLock { serving in
            serving.whenNone = promise
            return serving.count == 0
        }
        if isEmpty {
            promise.succeed()
        } else {
            loop.scheduleTask(in: time) { promise.succeed() }
        }
        try? await promise.futureResult.get()
        return serving.withLock { $0.count == 0 }
    }
}
