internal import BerthAgent
internal import BerthCore
internal import BerthHost
internal import BerthKernel
internal import BerthModel

/// The kernel's clocks and its one timer.
struct ClockPort: Clock {
    let watch: KernelWatch

    func now() -> Now { Now(wall: Timestamp(milliseconds: SystemClock.wall), uptime: SystemClock.uptime) }

    func wake(at uptime: Int64?, _ body: @escaping @Sendable () -> Void) { watch.setAlarm(at: uptime, body) }
}
