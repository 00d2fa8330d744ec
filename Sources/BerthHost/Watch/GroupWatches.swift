package import BerthKernel
internal import CLinux
internal import Glibc
internal import Synchronization

/// The groups whose `cgroup.events` are watched, all through one inotify descriptor (inotify(7)).
///
/// The kernel has one watch for a file, however often it is asked for, and never gives a number again: an event that
/// was on its way when a watch was removed finds nobody here.
struct GroupWatches {
    private var bodies: [Int32: [WatchToken: KernelWatch.Body]] = [:]
    private var watches: [WatchToken: Int32] = [:]

    mutating func insert(_ token: WatchToken, watch: Int32, _ body: @escaping KernelWatch.Body) {
        bodies[watch, default: [:]][token] = body
        watches[token] = watch
    }

    /// Returns the kernel's watch where nobody needs it any more.
    mutating func remove(_ token: WatchToken) -> Int32? {
        guard let watch = watches.removeValue(forKey: token) else { return nil }
        bodies[watch]?[token] = nil
        guard bodies[watch]?.isEmpty == true else { return nil }
        bodies[watch] = nil
        return watch
    }

    /// Whom to call for an event. Of a full queue nobody knows whose events were lost: everybody is called.
    mutating func called(for event: berth_inotify_event) -> [KernelWatch.Body] {
        guard event.watch >= 0 else { return bodies.values.flatMap(\.values) }
        guard let called = bodies[event.watch] else { return [] }
        if event.is_gone != 0 {
            for token in called.keys { watches[token] = nil }
            bodies[event.watch] = nil
        }
        return Array(called.values)
    }
}

extension KernelWatch {
    /// Calls `body` when a file of a folder has come, gone, been written to its end, or got another owner or mode, until it
    /// is cancelled. One call may stand for many changes.
    /// - Throws: ENOENT where there is no such folder, ENOSPC at `fs.inotify.max_user_watches`
    package func watchFolder(
        _ path: String, _ body: @escaping @Sendable () -> Void
    ) throws(KernelError) -> WatchToken {
        try waiting.withLock { waiting throws(KernelError) in
            let watch = path.withCString { berth_inotify_add_folder(inotify.number, $0) }
            guard watch >= 0 else { throw KernelWatch.failure(errno, to: path) }
            let token = waiting.token()
            waiting.groups.insert(token, watch: watch, body)
            return token
        }
    }

    /// Calls `body` at each change of a group's `cgroup.events` until it is cancelled: its last process ends or the
    /// first one comes, or it is frozen or goes on. One call may stand for many changes, and there may be calls
    /// without a change: the file says what is so. What was so before this returns is not told: read the file then.
    ///
    /// Costs no descriptor. Cancel it when the group is removed: older kernels keep the watch until then. Newer ones
    /// tell of the removal with a last call.
    /// - Parameter group: the group's path
    /// - Throws: ENOENT where there is no such group, ENOSPC at `fs.inotify.max_user_watches`
    package func watchEvents(
        of group: String, _ body: @escaping @Sendable () -> Void
    ) throws(KernelError) -> WatchToken {
        let path = "\(group)/\(CgroupEvents.file)"
        // Under the lock, for an event may come before the number is known.
        return try waiting.withLock { waiting throws(KernelError) in
            let watch = path.withCString { berth_inotify_add(inotify.number, $0) }
            guard watch >= 0 else { throw KernelWatch.failure(errno, to: path) }
            let token = waiting.token()
            waiting.groups.insert(token, watch: watch, body)
            return token
        }
    }

    /// Why a file or folder is not watched: inotify_add_watch(2). A disk that is full is not meant by its ENOSPC.
    private static func failure(_ code: Int32, to path: String) -> KernelError {
        KernelError(
            code == ENOSPC ? "watch (sysctl fs.inotify.max_user_watches is too low)" : "watch", path, code: code)
    }

    /// Calls whoever waits for the events that have come. What is left beyond one reading wakes the thread again.
    func callChanged() {
        var events = [berth_inotify_event](repeating: berth_inotify_event(), count: 64)
        let count = Int(berth_inotify_read(inotify.number, &events, 64))
        guard count > 0 else { return }
        for event in events.prefix(count) {
            for body in waiting.withLock({ $0.groups.called(for: event) }) { body() }
        }
    }
}
