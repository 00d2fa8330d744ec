internal import BerthKernel
internal import CSystemd
internal import Glibc
internal import Logging
internal import Synchronization

/// One thread that hears what a service manager tells everybody: that it has loaded all its units again.
///
/// It sleeps until something is said. A connection that breaks is made again.
final class UnitSignals: Sendable {
    private let kind: BusKind
    private let logger: Logger
    private let bodies = Mutex<[@Sendable () -> Void]>([])

    /// Seconds until a broken connection is tried again.
    private static let pauseSeconds: UInt32 = 5

    init(bus: BusKind, logger: Logger) {
        kind = bus
        self.logger = logger
    }

    /// Starts the thread, once.
    func start() throws(KernelError) {
        try DetachedThread.start("the thread that listens to systemd") { self.run() }
    }

    /// Calls `body` after each daemon-reload, and once when some may have been missed.
    func onReload(_ body: @escaping @Sendable () -> Void) { bodies.withLock { $0.append(body) } }

    /// Somebody's daemon-reload has ended.
    fileprivate func reloaded() {
        logger.info("systemd has loaded its units again")
        for body in bodies.withLock({ $0 }) { body() }
    }

    private func run() {
        var isFirst = true
        while true {
            do throws(ScopeError) {
                let bus = try Bus(kind)
                try subscribe(bus)
                if !isFirst { reloaded() }
                isFirst = false
                try listen(bus)
            } catch {
                logger.warning("no word from systemd of a daemon-reload for now: \(error)")
            }
            sleep(UnitSignals.pauseSeconds)
        }
    }

    /// The manager says nothing to those who have not subscribed.
    private func subscribe(_ bus: Bus) throws(ScopeError) {
        let answer = sd_bus_match_signal(
            bus.handle, nil, BusMethod.manager, BusMethod.managerPath, "org.freedesktop.systemd1.Manager", "Reloading",
            { message, context, _ in
                var isBeginning: Int32 = 0
                guard sd_bus_message_read_basic(message, CChar(UInt8(ascii: "b")), &isBeginning) > 0,
                    isBeginning == 0, let context
                else { return 0 }
                Unmanaged<UnitSignals>.fromOpaque(context).takeUnretainedValue().reloaded()
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
        guard answer >= 0 else { throw ScopeError("listen to systemd", answer: answer) }
        try bus.call(BusMethod("Subscribe"), "subscribe to what systemd says")
    }

    /// Returns only by throwing.
    private func listen(_ bus: Bus) throws(ScopeError) {
        while true {
            var answer = sd_bus_process(bus.handle, nil)
            if answer == 0 { answer = sd_bus_wait(bus.handle, UInt64.max) }
            guard answer >= 0 || answer == -EINTR else { throw ScopeError("listen to systemd", answer: answer) }
        }
    }
}
