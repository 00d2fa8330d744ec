internal import BerthAgent
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What a request needs to know of the connection that it came over.
final class Connection: Sendable {
    /// Who is at the other end.
    let credentials: PeerCredentials
    /// When it was accepted, in milliseconds of CLOCK_BOOTTIME: a peer's process began before.
    let acceptedUptime: Int64
    /// Runs what belongs to the connection.
    let executor: LoopExecutor
    private let channel: any Channel
    private let find: PeerProcess

    private struct Waiting {
        var isOver = false
        var cancel: (@Sendable () -> Void)?
    }

    private let waiting = Mutex(Waiting())
    /// So many requests have come whole and were not taken up yet.
    private let whole = Atomic(0)

    init(
        channel: any Channel, credentials: PeerCredentials, acceptedUptime: Int64, executor: LoopExecutor,
        find: @escaping PeerProcess
    ) {
        self.channel = channel
        self.credentials = credentials
        self.acceptedUptime = acceptedUptime
        self.executor = executor
        self.find = find
    }

    /// The peer for calls that do not touch its process.
    var peer: Peer {
        peer { [find, credentials, acceptedUptime] () throws(AttachError) in
            try find(credentials.pid, nil, acceptedUptime)
        }
    }

    /// The peer with its process, asked for now: its number may be another process's tomorrow.
    func peerWithProcess() async -> Peer {
        let channel = channel
        let answer = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                PeerDescriptor.of(socket: $0)
            }
        }.get()
        return peer { [find, credentials, acceptedUptime] () throws(AttachError) in
            switch answer {
            case .process(let descriptor)?:
                return try find(credentials.pid, try descriptor.duplicate(), acceptedUptime)
            case .unsupported?: return try find(credentials.pid, nil, acceptedUptime)
            case .failed(let error)?: throw .kernel("getsockopt SO_PEERPIDFD: \(error)")
            case .gone?, nil: throw .gone(pid: credentials.pid)
            }
        }
    }

    private func peer(_ process: @escaping @Sendable () throws(AttachError) -> any ProcessHandle) -> Peer {
        Peer(user: credentials.user, groups: credentials.groups, pid: credentials.pid, process: process)
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
