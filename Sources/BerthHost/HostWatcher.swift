package import BerthKernel
package import BerthModel

/// Discovers a host on a thread of its own.
package actor HostWatcher {
    private let thread: KernelThread
    private let root: Root

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - root: the machine itself, or a recorded host
    ///   - thread: where it reads
    package init(root: Root, thread: KernelThread) {
        self.root = root
        self.thread = thread
    }

    /// What the host has now.
    package func discover() -> Host { Host.discover(root) }

    /// The boot that the host is in, as the kernel names it; `recorded` where nothing says.
    package func boot() -> String {
        do throws(KernelError) {
            return String(try root.text("proc/sys/kernel/random/boot_id").trimmed)
        } catch {
            return "recorded"
        }
    }
}
