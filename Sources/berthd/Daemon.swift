internal import BerthAgent
internal import BerthHost
internal import BerthJSON
internal import BerthKernel
internal import BerthLedger
internal import BerthModel
internal import BerthServer
internal import CLinux
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// One run of the agent: puts the parts together, serves, and stops in order.
struct Daemon {
    let options: Berthd
    let settings: Configuration
    private let logger = Logger(label: "berthd") { _ in Journal.handler() }

    init(options: Berthd, settings: Configuration) {
        self.options = options
        self.settings = settings
    }

    func run() async throws {
        let root = try Root(folder: options.hostRoot ?? "")
        let live = try options.hostRoot == nil ? root : Root.live()
        let watcher = HostWatcher(root: root, thread: try KernelThread())
        let boot = await HostWatcher(root: live, thread: try KernelThread()).boot()
        let host = await watcher.discover()
        let watch = try KernelWatch { [logger] error in
            // Without it no end of a process is seen any more. Who is started again looks at everything anew.
            logger.critical("\(error); the agent ends")
            exit(1)
        }
        let ledger = SQLiteLedger(folder: options.state, whenAtRest: { berth_give_back_memory() })
        let processes = ProcessPort(boot: boot)
        let (enforcer, tree, scope) = try await enforcer(watch, live, host)
        let providers = ProviderPort(folders: FolderKeeper(thread: try KernelThread())) { [logger] line in
            logger.warning("\(line)")
        }
        let validators = ValidatorPort(
            PluginValidators(settings.plugins.validators.map { PluginValidators.Entry(name: $0, settings: $1) }))
        if let tree { await watcher.use(tree: tree) }
        let capacity = try await watcher.capacity(settings.capacity)
        let agent = Agent(
            ports: Agent.Ports(
                ledger: ledger, enforcer: enforcer, providers: providers, validators: validators, processes: processes,
                clock: ClockPort(watch: watch), ids: IDPort()),
            roles: settings.roles, preemption: settings.preemption,
            maintenance: settings.maintenance,
            whenLedgerIsLost: { [logger] damage in
                // Who is started again takes up what runs as its leaves tell.
                logger.critical("ledger: \(damage); the agent ends")
                exit(1)
            },
            whenLedgerFails: { [logger] failure in logger.error("the ledger fails: \(failure)") })
        report(
            try await agent.start(
                capacity: capacity, boot: boot, pools: settings.pools,
                providersDown: "\(Capacity.Unit.providerDown): its plugin has not come up yet"))
        for line in await agent.maintenanceDoubts() { logger.warning("\(line)") }
        // What systemd may have put back, or begun anew.
        scope?.onReload { Task { await agent.verify() } }
        scope?.onRemade { _ in Task { await agent.verify() } }
        scope?.onRemade { _ in Task { await providers.regroup() } }
        let plugins = PluginService(
            settings.plugins, host: PluginHostProgram.path, stateFolder: options.state + "-plugins", agent: agent,
            validators: validators, enforcer: (enforcer as? CgroupPort)?.enforcer, watch: watch, logger: logger)
        providers.use(plugins.inventory)
        try await serve(agent, watcher, processes, plugins, verifying: tree != nil)
        Notify.stopping()
        await agent.drain()
        await agent.storeSnapshot()
        await ledger.close()
        watch.stop()
        logger.info("stopped; reservations stay in the ledger")
    }

    /// What holds programs to their part.
    private func enforcer(
        _ watch: KernelWatch, _ live: Root, _ host: Host
    ) async throws -> (port: any Enforcer, tree: String?, scope: WorkloadsScope?) {
        switch CgroupRoot(option: options.cgroupRoot, hostRoot: options.hostRoot) {
        case .none(let reason):
            return (UnenforcedPort(enforcement: NoEnforcement(watch: watch, reason: reason)), nil, nil)
        case .folder(let folder):
            logger.info("cgroups of reservations", metadata: ["cgroup": "\(folder)"])
            return (try cgroups(below: FolderRoot(path: folder), watch, live, host), folder, nil)
        case .scope(let bus):
            let scope = try WorkloadsScope(bus: bus, watch: watch, logger: logger)
            let folder = try await scope.ensure()
            logger.info("cgroups of reservations", metadata: ["cgroup": "\(folder)"])
            return (try cgroups(below: ScopeRoot(scope: scope, path: folder), watch, live, host), folder, scope)
        }
    }

    private func cgroups(
        below root: any TreeRoot, _ watch: KernelWatch, _ live: Root, _ host: Host
    ) throws -> CgroupPort {
        CgroupPort(
            enforcer: CgroupEnforcer(
                treeRoot: root, thread: try KernelThread(), slowThread: try KernelThread(), watch: watch, live: live,
                memoryScope: (host.limits.memoryHigh ?? host.limits.memory)?.group))
    }

    private func serve(
        _ agent: Agent, _ watcher: HostWatcher, _ processes: ProcessPort, _ plugins: PluginService, verifying: Bool
    ) async throws {
        var limits = Limits()
        limits.connectionsPerUser = settings.connectionsPerUser
        let handedOver = try SocketActivation.descriptor()
        let socket = try listeningSocket(handedOver)
        let mode: SocketMode? =
            if let handedOver { SocketMode(descriptor: handedOver) } else { SocketMode(path: options.socket) }
        // One that the agent makes has it from the beginning.
        if handedOver != nil { mode?.set(for: settings.roles, logger) }
        let server = BerthServer(
            agent: agent,
            configuration: ServerConfiguration(version: Version.text, limits: limits),
            host: { Array(await watcher.discover().json.description.utf8) },
            plugins: plugins.calls, names: Account.names,
            sockets: SocketPort(socket: socket, processes: processes), logger: logger,
            whenListening: { [logger, path = options.socket] in
                if handedOver != nil {
                    logger.info("serving on the socket that systemd handed over")
                } else {
                    logger.info("serving", metadata: ["socket": "\(path)"])
                }
                Notify.ready("serving")
            })
        let reload = Reload(
            file: options.config ?? Configuration.packaged, first: settings, mode: mode, agent: agent, watcher: watcher,
            plugins: plugins.inventory, logger: logger)
        var services: [any Service] = [server, reload, plugins]
        // Where the kernel holds nothing there is nothing to look at.
        if verifying { services.append(Verification(agent: agent)) }
        if let watchdog = Watchdog(agent: agent) { services.append(watchdog) }
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }

    /// The socket that systemd listens on already, else one that the agent makes.
    private func listeningSocket(_ handedOver: Int32?) throws -> ListeningSocket {
        if let handedOver { return try ListeningSocket(handedOver: handedOver) }
        try SocketFolder.make(for: options.socket)
        // An ordinary user's agent serves that user, who could not give the socket away.
        return try ListeningSocket(
            path: options.socket, mode: UInt32(SocketMode.own(for: settings.roles)), group: SocketMode.group)
    }

    /// What was found at the start, a line each.
    private func report(_ report: StartReport) {
        if let setAside = report.setAside { logger.warning("ledger: \(setAside)") }
        if let pools = report.pools { logger.error("the pools stay as they were: \(pools)") }
        logger.info("reservations that go on: \(report.live)")
        for line in report.strays { logger.warning("a leaf that the ledger knows nothing of: \(line)") }
        for line in report.ended { logger.info("reservation ended while no agent ran: \(line)") }
    }
}

extension Host.Limits.Bound<Int> {
    /// The group whose file sets it; nil where no group does.
    fileprivate var group: String? {
        guard by.hasPrefix("/"), by.hasSuffix("/memory.max") || by.hasSuffix("/memory.high"),
            let slash = by.lastIndex(of: "/")
        else { return nil }
        return String(by[..<slash])
    }
}
