package import BerthKernel
package import BerthModel
internal import Synchronization

/// Holds nobody to anything: counts only, watches attached processes, and says so in every receipt.
///
/// For hosts without a cgroup tree that Berth may use (`--cgroup-root none`), for recorded hosts, and for trying.
package final class NoEnforcement: Sendable {
    /// What is watched for each reservation, so that its end leaves no descriptor behind.
    private struct Attached {
        var watches: [ReservationID: [UInt64: WatchToken]] = [:]
        var last: UInt64 = 0

        mutating func forget(_ number: UInt64, of id: ReservationID) {
            watches[id]?[number] = nil
            if watches[id]?.isEmpty == true { watches[id] = nil }
        }
    }

    private let watch: KernelWatch
    private let attached = Mutex(Attached())
    /// Why nothing is enforced, as it stands in every receipt.
    private let reason: String

    package init(watch: KernelWatch, reason: String) {
        self.watch = watch
        self.reason = reason
    }

    /// One receipt for each type and device, all `unsupported`.
    package func receipts(for grant: Grant) -> [Receipt] {
        grant.holds.map { Receipt($0.type, status: .unsupported, reason: reason) }
            + grant.storage.map { Receipt(.storage, device: $0.device, status: .unsupported, reason: reason) }
    }

    /// Watches a process that counts as inside; `whenExited` is called once when it ends, unless the reservation ended
    /// before.
    package func attach(
        _ process: LiveProcess, to id: ReservationID, whenExited: @escaping @Sendable () -> Void
    ) throws(KernelError) {
        // Under the lock: a process that has ended already is forgotten after it was noted.
        try attached.withLock { attached throws(KernelError) in
            attached.last += 1
            let number = attached.last
            let token = try watch.whenEnded(process) { [weak self] in
                self?.attached.withLock { $0.forget(number, of: id) }
                whenExited()
            }
            attached.watches[id, default: [:]][number] = token
        }
    }

    /// Watches the processes of a reservation no more. They go on: nothing tells them from other processes.
    package func end(_ id: ReservationID) {
        let tokens = attached.withLock { $0.watches.removeValue(forKey: id) ?? [:] }
        for token in tokens.values { watch.cancel(token) }
    }
}
