internal import BerthKernel
internal import CLinux
internal import Glibc
internal import Synchronization

/// The moments that are waited for, all over one timer.
struct Moments {
    private var entries: [WatchToken: (uptime: Int64, body: KernelWatch.Body)] = [:]
    /// The agent's alarm, of which there is one.
    private var alarm: WatchToken?
    /// When the timer fires; nil while it is stopped. Of what was cancelled it still fires, once and for nothing.
    private(set) var armed: Int64?

    /// Returns when to have the timer fire, where that must be sooner than it would.
    mutating func insert(_ token: WatchToken, at uptime: Int64, _ body: @escaping KernelWatch.Body) -> Int64? {
        entries[token] = (uptime, body)
        guard uptime < armed ?? .max else { return nil }
        armed = uptime
        return uptime
    }

    mutating func remove(_ token: WatchToken) { entries[token] = nil }

    /// Puts an alarm in place of the one before; nil takes that away.
    mutating func replaceAlarm(by token: WatchToken?) {
        if let alarm { remove(alarm) }
        alarm = token
    }

    /// Takes out what is due, the earliest first. ``armed`` then says when the timer has to fire next.
    mutating func takeDue(at now: Int64) -> [KernelWatch.Body] {
        let due = entries.filter { $0.value.uptime <= now }
        for token in due.keys { entries[token] = nil }
        armed = entries.values.lazy.map(\.uptime).min()
        return due.sorted { ($0.value.uptime, $0.key.number) < ($1.value.uptime, $1.key.number) }.map(\.value.body)
    }
}

extension KernelWatch {
    /// Calls `body` once, so many milliseconds of CLOCK_BOOTTIME from now or soon after. Any number may wait.
    @discardableResult
    package func after(milliseconds: Int64, _ body: @escaping @Sendable () -> Void) -> WatchToken {
        let (sum, overflow) = SystemClock.uptime.addingReportingOverflow(max(milliseconds, 0))
        return waiting.withLock { waiting in
            let token = waiting.token()
            arm(waiting.moments.insert(token, at: overflow ? .max : sum, body))
            return token
        }
    }

    /// Calls `body` once at or soon after a moment of CLOCK_BOOTTIME in milliseconds, in place of an earlier alarm; nil
    /// calls nothing.
    package func setAlarm(at uptime: Int64?, _ body: @escaping @Sendable () -> Void) {
        waiting.withLock { waiting in
            guard let uptime else { return waiting.moments.replaceAlarm(by: nil) }
            let token = waiting.token()
            waiting.moments.replaceAlarm(by: token)
            arm(waiting.moments.insert(token, at: uptime, body))
        }
    }

    /// Calls whoever waited for a moment that has come.
    func callDue() {
        var expirations: UInt64 = 0
        _ = read(timer.number, &expirations, MemoryLayout<UInt64>.size)
        let due = waiting.withLock { waiting in
            let due = waiting.moments.takeDue(at: SystemClock.uptime)
            arm(waiting.moments.armed)
            return due
        }
        for body in due { body() }
    }

    /// Under the lock, so that the timer is as ``Moments/armed`` says. It fails for our mistakes only. A moment of 0
    /// would stop it.
    private func arm(_ uptime: Int64?) {
        if let uptime { _ = berth_timer_set(timer.number, max(uptime, 1)) }
    }
}
