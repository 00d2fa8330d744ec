internal import BerthAgent
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What a request needs to know of the connection that it came over.
final class Connection: Sendable {
    /// Who is at the other end, for calls that do not touch its process.
    let peer: Peer
    /// Runs what belongs to the connection.
    let executor: LoopExecutor
    private let channel: any Channel
    private let sockets: any Sockets

    private struct Waiting {
        var isOver = false
        var cancel: (@Sendable () -> Void)?
    }

    private let waiting = Mutex(Waiting())
    /// So many requests have come whole and were not taken up yet.
    private let whole = Atomic(0)

    init(channel: any Channel, peer: Peer, executor: LoopExecutor, sockets: any Sockets) {
        self.channel = channel
        self.peer = peer
        self.executor = executor
        self.sockets = sockets
    }

    /// The peer with its process, asked for now: its number may be another process's tomorrow.
    func peerWithProcess() async -> Peer {
        let (channel, peer, sockets) = (channel, peer, sockets)
        let found = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                sockets.withProcess(peer, of: $0)
            }
        }.get()
        if let found = found ?? nil { return found }
        // The connection is closed, and with it the question.
        var gone = peer
        gone.process = { () throws(AttachError) in throw .gone(pid: peer.pid) }
        return gone
    }
}

/// Whether requests have come whole: a body that breaks off looks, in one of several ways, like one that ends.
extension Connection {
    /// The last byte of a request has come.
    func noteWhole() { whole.add(1, ordering: .relaxed) }

    /// Takes up the next request, whose body is read; false where it has broken off.
    func takeUp() -> Bool {
        guard whole.load(ordering: .relaxed) > 0 else { return false }
        whole.subtract(1, ordering: .relaxed)
        return true
    }
}

/// Waiting that ends with the connection.
extension Connection {
    /// Whether nothing more is to be sent.
    var isOver: Bool { waiting.withLock { $0.isOver } }

    /// Ends what waits, now and from now on: the client is gone, or the server stops.
    func end() {
        let cancel = waiting.withLock { waiting in
            waiting.isOver = true
            return waiting.cancel
        }
        cancel?()
    }

    /// Runs `body`, which is cancelled when the connection is over or the time is.
    func wait<Value: Sendable>(
        atMost time: TimeAmount? = nil, _ body: @escaping @Sendable () async -> Value
    ) async -> Value {
        let task = Task(executorPreference: executor) { await body() }
        let isOver = waiting.withLock { waiting in
            waiting.cancel = { task.cancel() }
            return waiting.isOver
        }
        if isOver { task.cancel() }
        let timer = time.map { channel.eventLoop.scheduleTask(in: $0) { task.cancel() } }
        let value = await task.value
        timer?.cancel()
        waiting.withLock { $0.cancel = nil }
        return value
    }
}
