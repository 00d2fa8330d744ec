package import BerthKernel
internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that sleeps in epoll_wait(2) until a process ends, a group's events change or a moment comes, and then
/// calls whoever waits for it.
///
/// It never polls: at rest it makes no system call at all. Callbacks run on its thread and must not block; they may ask
/// it for more, and cancel.
package final class KernelWatch: Sendable {
    /// What is called.
    typealias Body = @Sendable () -> Void

    /// All that is waited for.
    struct Waiting {
        var processes = ProcessWatches()
        var groups = GroupWatches()
        var moments = Moments()
        private var last: UInt64 = KernelWatch.inotifyNumber

        /// A token that nothing had before.
        mutating func token() -> WatchToken {
            last += 1
            return WatchToken(number: last)
        }
    }

    private static let timerNumber: UInt64 = 0
    private static let stopNumber: UInt64 = 1
    private static let inotifyNumber: UInt64 = 2

    private let epoll: Descriptor
    let timer: Descriptor
    let inotify: Descriptor
    private let stopper: Descriptor
    private let whenBroken: @Sendable (KernelError) -> Void
    let waiting = Mutex(Waiting())

    /// - Parameter whenBroken: called where the kernel tells of nothing any more, which only a broken descriptor brings about;
    ///   nobody is called after it
    package init(whenBroken: @escaping @Sendable (KernelError) -> Void) throws(KernelError) {
        self.whenBroken = whenBroken
        epoll = try Self.owning(berth_epoll_create(), "epoll_create1")
        timer = try Self.owning(berth_timer_create(), "timerfd_create")
        inotify = try Self.owning(berth_inotify_create(), "inotify_init1")
        stopper = try Self.owning(berth_event_create(), "eventfd")
        try add(timer.number, KernelWatch.timerNumber)
        try add(inotify.number, KernelWatch.inotifyNumber)
        try add(stopper.number, KernelWatch.stopNumber)
        try DetachedThread.start("the watching thread") { self.run() }
    }

    /// Waits no more for what the token stands for, and keeps no descriptor and no kernel watch of it. Nothing happens
    /// for one that was called or cancelled. A call that is under way on the watching thread is not waited for.
    package func cancel(_ token: WatchToken) {
        let process = waiting.withLock { waiting in
            waiting.moments.remove(token)
            if let unused = waiting.groups.remove(token) {
                // EINVAL where the kernel took the watch away itself, with the group's file.
                _ = berth_inotify_remove(inotify.number, unused)
            }
            return waiting.processes.remove(token)?.process
        }
        if let process { remove(process.descriptor) }
    }

    /// Ends the thread. Nobody is called any more.
    package func stop() { _ = berth_event_signal(stopper.number) }

    private static func owning(_ number: Int32, _ call: String) throws(KernelError) -> Descriptor {
        guard number >= 0 else { throw KernelError("call", call, code: errno) }
        return Descriptor(owning: number)
    }

    /// Has the thread woken with a number while the descriptor is readable.
    func add(_ descriptor: Int32, _ number: UInt64) throws(KernelError) {
        guard berth_epoll_add(epoll.number, descriptor, number) == 0 else {
            throw KernelError("watch", "descriptor \(descriptor)", code: errno)
        }
    }

    /// Takes a descriptor out of epoll: the caller may hold it open for longer, and one that stays readable would spin.
    func remove(_ descriptor: Int32) { _ = berth_epoll_remove(epoll.number, descriptor) }

    private func run() {
        var numbers = [UInt64](repeating: 0, count: 64)
        while true {
            let count = berth_epoll_wait(epoll.number, &numbers, 64, -1)
            if count < 0, errno != EINTR { return whenBroken(KernelError("wait for events of", "epoll", code: errno)) }
            for number in numbers.prefix(Int(max(count, 0))) {
                switch number {
                case KernelWatch.stopNumber: return
                case KernelWatch.timerNumber: callDue()
                case KernelWatch.inotifyNumber: callChanged()
                default: callEnded(WatchToken(number: number))
                }
            }
        }
    }
}
