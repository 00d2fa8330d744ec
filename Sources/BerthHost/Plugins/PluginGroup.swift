package import BerthKernel
internal import Glibc

/// The cgroup of one plugin: what it may use at most, and how all that it started is ended.
package final class PluginGroup: Sendable {
    private let parent: Group
    private let group: Group
    private let name: String
    /// Where a process is written to, to go into the group.
    let procs: Descriptor

    /// What a plugin may use: bytes of memory, processes, and microseconds of each 100,000.
    private static let limits = [("memory.max", "268435456"), ("pids.max", "64"), ("cpu.max", "50000 100000")]

    /// Makes the group below one of the agent's own, and limits it as far as the kernel can.
    package init(_ name: String, below parent: Group) throws(KernelError) {
        self.parent = parent
        self.name = name
        group = try parent.makeChild(name)
        for (file, value) in PluginGroup.limits where group.has(file) { try group.write(value, to: file) }
        if group.has("memory.swap.max") { try group.write("0", to: "memory.swap.max") }
        procs = try group.processFile()
    }

    /// Ends all that runs in it, at once, and what an earlier agent has left in it.
    func kill() {
        do throws(KernelError) {
            try group.kill()
            // Before Linux 5.14 it was stopped for that, and the next one must run.
            if !group.has("cgroup.kill") { try group.freeze(false) }
        } catch {
            // It is gone, and everything that was in it.
            return
        }
    }

    /// Ends all that runs in it and removes it.
    func remove() {
        kill()
        for _ in 0..<50 {
            do throws(KernelError) { return try parent.removeChild(name) } catch { usleep(10_000) }
        }
    }
}
