internal import BerthHost
internal import BerthKernel
internal import CSystemd
internal import Logging
internal import Synchronization

/// `berth-workloads.scope` in `berth.slice`: the cgroup that the service manager hands over for all reservations, so that a
/// restart, crash or upgrade of the agent never ends a workload.
///
/// It lives as long as any process below it does, and one that does nothing is always there: the holder, in the leaf
/// `holder`. The calls block, on a thread of the actor's own.
actor WorkloadsScope {
    /// The scope's unit.
    static let scope = "berth-workloads.scope"
    /// The slice that it lies in.
    static let slice = "berth.slice"
    /// How long a scope may take to come or to go.
    static let patience: Duration = .seconds(30)
    /// How soon after another a scope or holder is made again: what ends at once must not be made in a loop.
    static let pause: Duration = .seconds(5)

    private let thread: KernelThread
    private let kind: BusKind
    let watch: KernelWatch
    let logger: Logger
    private let remade = Mutex<[@Sendable (String) -> Void]>([])
    private let signals: UnitSignals
    private var isListening = false

    private var bus: Bus?
    /// Where the scope was last seen.
    var group: String?
    /// The holder that is being watched, by its number.
    var watched: Int32?
    /// When the scope or its holder was last made.
    var lastMade: ContinuousClock.Instant?
    private var cpuWeight: UInt64 = 1000
    /// nil until it is said for the first time: what an earlier agent protected stays protected until then.
    private var protection: MemoryProtection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - bus: whose manager is asked: the host's as root, else the user's own
    ///   - watch: sees a holder end
    ///   - logger: told when the scope or its holder had to be made again
    init(bus: BusKind, watch: KernelWatch, logger: Logger) throws(ScopeError) {
        kind = bus
        self.watch = watch
        self.logger = logger
        signals = UnitSignals(bus: bus, logger: logger)
        do throws(KernelError) {
            thread = try KernelThread()
        } catch {
            throw ScopeError(error)
        }
    }

    /// Makes the scope, or adopts the one that is there, with a holder in its leaf `holder` and the weight and protection
    /// that were set. From then on it is kept: where it or its holder ends, it is made again.
    /// - Returns: its cgroup, absolute
    func ensure() throws(ScopeError) -> String {
        let units = ServiceUnits(bus: try connected())
        let found = try settled(units)
        let leaf: HolderLeaf
        let isNew = found?.state != "active"
        if let found, !isNew {
            guard found.isDelegated else {
                throw ScopeError(
                    "adopt \(WorkloadsScope.scope): it was made by somebody else and its cgroup is not handed over "
                        + "(Delegate=no); end it with `systemctl stop \(WorkloadsScope.scope)`")
            }
            leaf = HolderLeaf(controlGroup: found.controlGroup)
            try adopt(leaf, units)
        } else {
            if found != nil { try units.forgetFailure(of: WorkloadsScope.scope) }
            leaf = try make(units)
        }
        lastMade = .now
        try set([.cpuWeight(cpuWeight)] + (protection?.properties ?? []))
        try keep(leaf)
        if isNew, group != nil { tellRemade(leaf.group) }
        group = leaf.group
        try listen()
        return leaf.group
    }

    /// Only once there is somebody to listen to.
    private func listen() throws(ScopeError) {
        guard !isListening else { return }
        do throws(KernelError) {
            try signals.start()
        } catch {
            throw ScopeError(error)
        }
        isListening = true
    }

    private func tellRemade(_ group: String) {
        logger.warning(
            "the scope of the workloads had ended and all in it; there is a new one", metadata: ["cgroup": "\(group)"])
        for body in remade.withLock({ $0 }) { body(group) }
    }

    /// How much memory of the workloads the kernel protects, on scope and slice: a leaf's own protection counts up to that
    /// of each group above it.
    func protect(_ memory: MemoryProtection) throws(ScopeError) {
        try set(memory.properties)
        protection = memory
    }

    /// The weight of all workloads against the rest of the host, 1 to 10000; systemd's own default is 100.
    func setCPUWeight(_ weight: UInt64) throws(ScopeError) {
        try set([.cpuWeight(weight)])
        cpuWeight = weight
    }

    /// Calls `body` after each daemon-reload, which puts back whatever was written into the files of scope and slice by
    /// other ways than the manager. On a thread of its own: it must not block for long.
    nonisolated func onReload(_ body: @escaping @Sendable () -> Void) { signals.onReload(body) }

    /// Calls `body` with the cgroup after the scope was ended by others and made anew: everything that was below it is gone.
    nonisolated func onRemade(_ body: @escaping @Sendable (String) -> Void) { remade.withLock { $0.append(body) } }

    /// The slice first, for a group never has more than those above it.
    private func set(_ properties: [UnitProperty]) throws(ScopeError) {
        let units = ServiceUnits(bus: try connected())
        for unit in [WorkloadsScope.slice, WorkloadsScope.scope] { try units.set(properties, of: unit) }
    }

    /// The connection; a new one where the old one broke, as it does when the bus is restarted.
    private func connected() throws(ScopeError) -> Bus {
        if let bus, sd_bus_is_open(bus.handle) > 0 { return bus }
        let made = try Bus(kind)
        bus = made
        return made
    }
}
