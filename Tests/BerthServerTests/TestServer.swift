import BerthAgent
import BerthCore
import BerthJSON
import BerthKernel
import BerthModel
import Foundation
import Logging
import NIOCore
import Synchronization

@testable import BerthServer

/// A real socket, whose peers have made-up processes.
final class TestSockets: Sockets {
    private let socket: ListeningSocket
    /// The processes that were asked for by descriptor.
    let asked = Mutex<[Int32]>([])

    init(_ socket: ListeningSocket) { self.socket = socket }

    func listen() -> Int32 { socket.number }

    func stopListening() { socket.remove() }

    func peer(of connection: Int32) -> Peer? {
        PeerCredentials(socket: connection).map { peer in
            Peer(user: peer.user, groups: peer.groups, pid: peer.pid) { FakeProcess(peer.pid) }
        }
    }

    func withProcess(_ peer: Peer, of connection: Int32) -> Peer {
        if let pid = PeerCredentials(socket: connection)?.pid { asked.withLock { $0.append(pid) } }
        return peer
    }
}

/// A server in this process over a real socket, on a real agent with made-up ports.
final class TestServer: Sendable {
    let agent: Agent
    let ledger = FakeLedger()
    let enforcer = FakeEnforcer()
    let path: String
    let sockets: TestSockets
    private let folder: String
    private let task: Task<Void, any Error>

    /// Eight CPUs on two nodes, 16 GiB, a GPU, a NIC and a disk.
    static let capacity: Capacity = {
        let places = (0..<8).map {
            CPUTopology.Place(cpu: $0, core: $0 / 2, l3: $0 / 4, die: $0 / 4, package: $0 / 4, node: $0 / 4)
        }
        // The rows are in order and each CPU is there once.
        // swift-format-ignore: NeverUseForceTry
        let topology = try! CPUTopology(places)
        return Capacity(
            topology: topology, cpu: Quantity(8000), memory: Quantity(16 << 30),
            nodeMemory: [0: Quantity(8 << 30), 1: Quantity(8 << 30)], pids: Quantity(10_000),
            gpus: [
                Capacity.Unit(name: "0000:01:00.0", capacity: Quantity(1000), node: 0, capabilities: ["vendor": "10de"])
            ],
            interfaces: [Capacity.Unit(name: "eth0", capacity: Quantity(1_000_000_000))],
            disks: [Capacity.Disk(name: "vda", partitions: ["vda1"], rates: StorageRates(read: Quantity(1 << 30)))])
    }()

    /// Starts it; the agent too, unless told not to.
    init(
        limits: Limits = Limits(), roles: Roles = Roles(members: [.admin: .init(users: [0])], others: .submit),
        startsAgent: Bool = true, socket: ListeningSocket? = nil, threads: Int = 1
    ) async throws {
        agent = Agent(
            ports: Agent.Ports(
                ledger: ledger, enforcer: enforcer, processes: FakeProcesses(), clock: FakeClock(), ids: FakeIDs()),
            roles: roles)
        if startsAgent { _ = try await agent.start(capacity: TestServer.capacity, boot: "boot-1") }
        folder = NSTemporaryDirectory() + "berth-server-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // Clients of other users must reach the socket.
        chmod(folder, 0o755)
        path = folder + "/s"
        sockets = TestSockets(try socket ?? ListeningSocket(path: path, mode: 0o666))
        var configuration = ServerConfiguration(version: "1.2.3", threads: threads)
        configuration.limits = limits
        let (stream, started) = AsyncStream.makeStream(of: Void.self)
        let server = BerthServer(
            agent: agent, configuration: configuration, host: { Array(#"{"kernel":"6.18"}"#.utf8) },
            sockets: sockets, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            whenListening: { started.yield() })
        task = Task { try await server.run() }
        let running = task
        // Where it cannot listen, nobody would ever say that it does.
        Task {
            _ = try? await running.value
            started.finish()
        }
        for await _ in stream { break }
    }

    /// Tells the server to stop, as a signal would, and waits until it has.
    func stop() async throws {
        task.cancel()
        try await task.value
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs a test against a server of its own.
    static func run(
        limits: Limits = Limits(), roles: Roles = Roles(members: [.admin: .init(users: [0])], others: .submit),
        startsAgent: Bool = true, threads: Int = 1, _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let server = try await TestServer(limits: limits, roles: roles, startsAgent: startsAgent, threads: threads)
        do {
            // Clients block, and must not take a thread from what they wait for.
            try await ThreadExecutor.run { try await body(server) }
        } catch {
            try? await server.stop()
            throw error
        }
        try await server.stop()
    }
}
