package import BerthKernel
package import BerthModel

/// Holds nobody to anything: counts only, watches attached processes, and says so in every receipt.
///
/// For hosts without a cgroup tree that Berth may use (`--cgroup-root none`), for recorded hosts, and for trying.
package final class NoEnforcement: Sendable {
    private let watch: KernelWatch
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

    /// Watches a process that counts as inside; `whenExited` is called once when it ends.
    package func attach(
        _ process: LiveProcess, whenExited: @escaping @Sendable () -> Void
    ) throws(KernelError) {
        try watch.whenEnded(process, whenExited)
    }
}
