internal import BerthJSON

extension Host {
    /// Something that a kernel can do, or cannot, with what shows it. One that cannot be told is not listed.
    public struct KernelFeature: Hashable, Sendable {
        /// What it is.
        public var name: Name
        /// Whether the kernel can do it.
        public var isPresent: Bool
        /// The file, or the mount option, that was there or was missing.
        public var shownBy: String

        /// - Parameters:
        ///   - name: what it is
        ///   - isPresent: whether the kernel can do it
        ///   - shownBy: the file or mount option that was looked for
        public init(_ name: Name, isPresent: Bool, shownBy: String) {
            self.name = name
            self.isPresent = isPresent
            self.shownBy = shownBy
        }
    }
}

extension Host.KernelFeature {
    /// The features that enforcement asks for.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// A cgroup v2 tree is mounted.
        case cgroup2 = "cgroup_v2"
        /// `cgroup.kill` ends a whole group at once (5.14).
        case cgroupKill = "cgroup_kill"
        /// `cgroup.freeze` stops a whole group (5.2).
        case cgroupFreeze = "cgroup_freeze"
        /// `cpuset.cpus.partition` gives a group CPUs of its own (5.0).
        case cpusetPartition = "cpuset_partition"
        /// `cpuset.cpus.exclusive` allows that below a group that is no partition (6.7).
        case cpusetExclusive = "cpuset_exclusive"
        /// `memory.reclaim` takes memory back on request (5.19).
        case memoryReclaim = "memory_reclaim"
        /// `memory.peak` keeps the most that was used (5.19).
        case memoryPeak = "memory_peak"
        /// A group's pressure can be read and watched (`cpu.pressure`, 4.20).
        case cgroupPressure = "cgroup_pressure"
        /// The host's pressure can be read (`/proc/pressure`, 4.20).
        case pressure = "psi"
        /// `io.cost.qos` at the real root makes `io.weight` work (5.4).
        case ioCost = "io_cost"
        /// The tree is mounted with `favordynmods`, by which moving a process is quick (6.0).
        case favorDynamicModification = "favordynmods"
        /// The tree is mounted with `memory_recursiveprot`: a group's protection covers those below it (5.7).
        case recursiveProtection = "memory_recursiveprot"
        /// The kernel describes its own types, as portable BPF programs need (`/sys/kernel/btf/vmlinux`).
        case btf
        /// Swap compressed in memory is on.
        case zswap
        /// System calls can be filtered.
        case seccomp
        /// Programs can confine themselves to files.
        case landlock
        /// systemd is the init of this host.
        case systemd
        /// The topmost cgroup that can be seen is not the real root: this runs in a cgroup namespace.
        case cgroupNamespace = "cgroup_namespace"
    }

    /// The feature in the host's document.
    var json: JSONValue { .object(["present": .bool(isPresent), "shown_by": .string(shownBy)]) }
}
