package import BerthKernel
package import BerthModel

/// Discovers a host on a thread of its own.
package actor HostWatcher {
    private let thread: KernelThread
    private let root: Root
    /// The path of the topmost group of Berth's own tree.
    private var tree: String?

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

    /// Has the CPUs that partitions of Berth's own tree take out of the agent's sight count as the host's still.
    /// - Parameter path: the folder of the tree's topmost group
    package func use(tree path: String) { tree = path }

    /// What can be reserved of what the host has now.
    package func capacity(_ settings: CapacitySettings) throws -> Capacity {
        var own = CPUSet()
        if let tree {
            let group = try Group(at: tree)
            if group.has("cpuset.cpus.exclusive") { own = try CPUSet(kernel: group.read("cpuset.cpus.exclusive")) }
        }
        return try Capacity(discover(), settings, own: own)
    }

    /// The boot that the host is in, as the kernel names it; `recorded` where nothing says.
    package func boot() -> String {
        do throws(KernelError) {
            return String(try root.text("proc/sys/kernel/random/boot_id").trimmed)
        } catch {
            return "recorded"
        }
    }
}
