package import BerthKernel
internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that sleeps in epoll_wait(2) until a process ends or a moment comes, and then calls whoever waits for it.
///
/// It never polls: at rest it makes no system call at all. Callbacks run on its thread and must not block.
package final class KernelWatch: Sendable {
    private struct Waiting {
        var processes: [UInt64: (process: LiveProcess, body: @Sendable () -> Void)] = [:]
        var next: UInt64 = 2
        var alarm: (@Sendable () -> Void)?
    }

    private static let timerNumber: UInt64 = 0
    private static let stopNumber: UInt64 = 1

    private let epoll: Descriptor
    private let timer: Descriptor
    private let stopper: Descriptor
    private let waiting = Mutex(Waiting())

    package init() throws(KernelError) {
        epoll = try Self.owning(berth_epoll_create(), "epoll_create1")
        timer = try Self.owning(berth_timer_create(), "timerfd_create")
        stopper = try Self.owning(berth_event_create(), "eventfd")
        try add(timer.number, KernelWatch.timerNumber)
        try add(stopper.number, KernelWatch.stopNumber)
        try startThread()
    }

    /// Calls `body` once when the process ends; at once when it already has.
    package func whenEnded(_ process: LiveProcess, _ body: @escaping @Sendable () -> Void) throws(KernelError) {
        let number = waiting.withLock { waiting in
            waiting.next += 1
            waiting.processes[waiting.next] = (process, body)
            return waiting.next
        }
        do throws(KernelError) {
            try add(process.descriptor, number)
        } catch {
            waiting.withLock { _ = $0.processes.removeValue(forKey: number) }
            throw error
        }
    }

    /// Calls `body` once at or soon after a moment of CLOCK_BOOTTIME in milliseconds, in place of any earlier alarm; nil
    /// calls nothing.
    package func setAlarm(at uptime: Int64?, _ body: @escaping @Sendable () -> Void) {
        waiting.withLock { $0.alarm = uptime == nil ? nil : body }
        _ = berth_timer_set(timer.number, uptime.map { max($0, 1) } ?? 0)
    }

    /// Ends the thread. Nobody is called any more.
    package func stop() { _ = berth_event_signal(stopper.number) }

    private static func owning(_ number: Int32, _ call: String) throws(KernelError) -> Descriptor {
        guard number >= 0 else { throw KernelError("call", call, code: errno) }
        return Descriptor(owning: number)
    }

    private func add(_ descriptor: Int32, _ number: UInt64) throws(KernelError) {
        guard berth_epoll_add(epoll.number, descriptor, number) == 0 else {
            throw KernelError("watch", "descriptor \(descriptor)", code: errno)
        }
    }

    private func startThread() throws(KernelError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<KernelWatch>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw KernelError("start", "the watching thread", code: code)
        }
        pthread_detach(thread)
    }

    private func run() {
        var numbers = [UInt64](repeating: 0, count: 64)
        while true {
            let count = berth_epoll_wait(epoll.number, &numbers, 64, -1)
            if count < 0, errno != EINTR { return }
            for number in numbers.prefix(Int(max(count, 0))) {
                if number == KernelWatch.stopNumber { return }
                take(number)?()
            }
        }
    }

    /// What is to be called for an event. Letting go of the process closes its descriptor, which takes it out of epoll.
    private func take(_ number: UInt64) -> (@Sendable () -> Void)? {
        if number == KernelWatch.timerNumber {
            var expirations: UInt64 = 0
            _ = read(timer.number, &expirations, MemoryLayout<UInt64>.size)
            return waiting.withLock { waiting in
                defer { waiting.alarm = nil }
                return waiting.alarm
            }
        }
        guard let entry = waiting.withLock({ $0.processes.removeValue(forKey: number) }) else { return nil }
        // The caller may hold the process for longer: without this a descriptor that stays readable would spin.
        _ = berth_epoll_remove(epoll.number, entry.process.descriptor)
        return entry.body
    }
}
