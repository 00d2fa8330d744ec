internal import BerthAgent
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthLedger
internal import BerthModel
internal import BerthServer
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// One run of the agent: puts the parts together, serves, and stops in order.
struct Daemon {
    let options: Berthd
    let settings: Configuration
    private let logger = Logger(label: "berthd") { _ in JournalLine() }

    init(options: Berthd, settings: Configuration) {
        self.options = options
        self.settings = settings
    }

    func run() async throws {
        let root = try Root(folder: options.hostRoot ?? "")
        let live = try options.hostRoot == nil ? root : Root.live()
        let watcher = HostWatcher(root: root, thread: try KernelThread())
        let boot = await HostWatcher(root: live, thread: try KernelThread()).boot()
        let capacity = try Capacity(await watcher.discover(), settings.capacity)
        let watch = try KernelWatch()
        let ledger = SQLiteLedger(folder: options.state)
        let processes = ProcessPort(boot: boot)
        let agent = Agent(
            ports: Agent.Ports(
                ledger: ledger, enforcer: EnforcerPort(enforcement: NoEnforcement(watch: watch, reason: reason)),
                processes: processes, clock: ClockPort(watch: watch), ids: IDPort()),
            roles: settings.roles)
        report(try await agent.start(capacity: capacity, boot: boot))
        try await serve(agent, watcher, processes)
        await agent.drain()
        await agent.storeSnapshot()
        await ledger.close()
        watch.stop()
        logger.info("stopped; reservations stay in the ledger")
    }

    /// Why nothing is enforced, as it stands in receipts.
    private var reason: String {
        options.hostRoot == nil
            ? "the agent runs with --cgroup-root none" : "the agent runs on a recorded host, with --host-root"
    }

    private func serve(_ agent: Agent, _ watcher: HostWatcher, _ processes: ProcessPort) async throws {
        var limits = Limits()
        limits.connectionsPerUser = settings.connectionsPerUser
        try SocketFolder.make(for: options.socket)
        let socket = options.socket
        let server = BerthServer(
            agent: agent,
            configuration: ServerConfiguration(
                listener: .path(socket, mode: 0o660, group: Account.group("berth")), version: Version.text,
                limits: limits),
            host: { Array(await watcher.discover().json.description.utf8) },
            peerProcess: { (pid, pidfd, accepted) throws(AttachError) in
                try processes.process(pid, pidfd: pidfd, startedBefore: accepted)
            },
            logger: logger, whenListening: { [logger] in logger.info("serving", metadata: ["socket": "\(socket)"]) })
        let reload = Reload(file: options.config, agent: agent, watcher: watcher, logger: logger)
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server), .init(service: reload)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }

    /// What was found at the start, a line each.
    private func report(_ report: StartReport) {
        if let setAside = report.setAside { logger.warning("ledger: \(setAside)") }
        logger.info("reservations that go on: \(report.live)")
        for line in report.ended { logger.info("reservation ended while no agent ran: \(line)") }
    }
}
