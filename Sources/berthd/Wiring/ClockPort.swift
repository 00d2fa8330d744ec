internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthKernel
internal import BerthModel
internal import Synchronization

/// The kernel's clocks and its one timer.
final class ClockPort: Clock {
    private let watch: KernelWatch
    /// What lies between the two clocks, in milliseconds. Each is cut to milliseconds by itself, so from one look to the next that may
    /// be one more or less; kept, a moment of the one is always the same moment of the other, until somebody sets the clock.
    private let difference = Mutex<Int64?>(nil)

    init(watch: KernelWatch) { self.watch = watch }

    func now() -> Now {
        let uptime = SystemClock.uptime
        let seen = SystemClock.wall - uptime
        let kept = difference.withLock { difference in
            if let kept = difference, (seen - 1...seen + 1).contains(kept) { return kept }
            difference = seen
            return seen
        }
        return Now(wall: Timestamp(milliseconds: uptime + kept), uptime: uptime)
    }

    func wake(at uptime: Int64?, _ body: @escaping @Sendable () -> Void) { watch.setAlarm(at: uptime, body) }
}
