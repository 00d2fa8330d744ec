package import BerthKernel
package import BerthModel

extension Host {
    /// Finds out what a host has, by reading its `/proc`, `/sys` and cgroup tree and nothing else.
    ///
    /// It never fails: what cannot be read is unknown, and said in `problems`.
    /// - Parameters:
    ///   - root: the machine itself, or a recorded host
    ///   - trace: notes what was read, for a recording
    package static func discover(_ root: Root, trace: ReadTrace? = nil) -> Host {
        let reader = HostReader(root: root, trace: trace)
        let compute = Compute.discover(reader)
        let graphics = GPUs.discover(reader)
        var host = Host(
            cpu: compute.cpu, memory: compute.memory, numa: compute.nodes, gpus: graphics.gpus,
            displays: graphics.displays, storage: Storage.discover(reader), filesystems: Filesystem.discover(reader),
            network: Network.discover(reader), limits: compute.limits, pressure: Pressure.discover(reader),
            kernel: Kernel.discover(reader), problems: [])
        host.limits.takeKernelLimits(reader)
        host.problems = reader.problems
        return host
    }
}

extension Host.Limits {
    /// Where no cgroup sets a smaller number of processes, the kernel does: `pid_max` is how many numbers there are, and
    /// `threads-max` how many tasks it has room for (proc_sys_kernel(5)).
    fileprivate mutating func takeKernelLimits(_ reader: HostReader) {
        for path in ["proc/sys/kernel/pid_max", "proc/sys/kernel/threads-max"] {
            guard let most = reader.integer(path), most > 0, most < processes?.value ?? .max else { continue }
            processes = Bound(most, by: "/" + path)
        }
    }
}
