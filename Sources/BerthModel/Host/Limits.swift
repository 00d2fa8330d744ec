extension Host {
    /// What the agent's own affinity, cpuset and cgroups leave of the host. Every ancestor that can be seen is counted.
    public struct Limits: Hashable, Sendable {
        /// Which cgroup file systems are mounted; nil where none is.
        public var cgroup: CgroupMode?
        /// The agent's own cgroup as `/proc/self/cgroup` (or `/proc/self/cpuset`) names it.
        public var group: String?
        /// The folder where that cgroup can be seen, if the mounts show it.
        public var groupFolder: String?
        /// CPUs of the agent's affinity (`Cpus_allowed_list` of `/proc/self/status`), as far as they are online.
        public var affinity: CPUSet?
        /// Online CPUs that are left.
        public var cpus: Bound<CPUSet>?
        /// CPU time that is left, in thousandths of a CPU: the smallest quota, or all of ``cpus``.
        public var cpuMillicores: Bound<Int>?
        /// NUMA nodes whose memory is left.
        public var memoryNodes: Bound<CPUSet>?
        /// Memory that is left, in bytes: the smallest of the host's total, of the allowed nodes' memory, and of every
        /// `memory.max`.
        public var memory: Bound<Int>?
        /// The smallest `memory.high` in bytes, above which everything is throttled; nil where that is not below ``memory``.
        public var memoryHigh: Bound<Int>?
        /// The smallest `memory.swap.max` in bytes; nil where none is set.
        public var swap: Bound<Int>?
        /// The smallest `pids.max`; nil where none is set.
        public var processes: Bound<Int>?

        /// Every part as its property says; what is left out is unknown, or none.
        public init(
            cgroup: CgroupMode? = nil, group: String? = nil, groupFolder: String? = nil, affinity: CPUSet? = nil,
            cpus: Bound<CPUSet>? = nil, cpuMillicores: Bound<Int>? = nil, memoryNodes: Bound<CPUSet>? = nil,
            memory: Bound<Int>? = nil, memoryHigh: Bound<Int>? = nil, swap: Bound<Int>? = nil,
            processes: Bound<Int>? = nil
        ) {
            self.cgroup = cgroup
            self.group = group
            self.groupFolder = groupFolder
            self.affinity = affinity
            self.cpus = cpus
            self.cpuMillicores = cpuMillicores
            self.memoryNodes = memoryNodes
            self.memory = memory
            self.memoryHigh = memoryHigh
            self.swap = swap
            self.processes = processes
        }
    }
}

extension Host.Limits {
    /// Which versions of cgroups carry controllers.
    public enum CgroupMode: String, Hashable, Sendable {
        case v1, hybrid, v2
    }

    /// What is left, and who says so.
    public struct Bound<Value: Hashable & Sendable>: Hashable, Sendable {
        /// What is left.
        public var value: Value
        /// The file that sets it, or `affinity`, or both with `and`, or `host` where nothing narrows what the host has.
        public var by: String

        /// What is left, and who says so.
        public init(_ value: Value, by: String) {
            self.value = value
            self.by = by
        }
    }
}
