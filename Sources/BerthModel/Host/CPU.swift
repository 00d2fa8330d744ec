extension Host {
    /// The processors: `/sys/devices/system/cpu`, and `/proc/cpuinfo` and `/proc/stat` where that is absent.
    public struct CPU: Hashable, Sendable {
        /// The machine as `uname -m` says it (`x86_64`, `aarch64`, `s390x`), or as far as `/proc/cpuinfo` shows it.
        public var architecture: String?
        /// The processor's name, of the fastest kind where there are several.
        public var model: String?
        /// The machine it sits in, where the kernel names one beside the processor: `CHRP IBM,9179-MHB`.
        public var machine: String?
        /// Logical CPUs that can run something now (`online`).
        public var online: CPUSet?
        /// Logical CPUs that are plugged in, online or not (`present`).
        public var present: CPUSet?
        /// Online CPUs that the agent's own cpuset and affinity leave to it.
        public var allowed: CPUSet?
        /// CPUs kept out of the scheduler's balancing (`isolated`, `isolcpus=` of `/proc/cmdline`), online or not.
        public var isolated: CPUSet?
        /// How they were isolated: the flags of `isolcpus=` (`domain`, `nohz`, `managed_irq`).
        public var isolationFlags: [String]
        /// Each online CPU and what it shares with others, by number; empty where online CPUs are unknown.
        public var logical: [Logical]
        /// The kinds of CPU, the fastest first; empty where all are alike or nothing tells them apart.
        public var kinds: [Kind]
        /// The clock of the whole machine: the lowest and highest of all CPUs, the base of the fastest kind.
        public var frequency: Frequency

        /// Every part as its property says; what is left out is unknown, or none.
        public init(
            architecture: String? = nil, model: String? = nil, machine: String? = nil, online: CPUSet? = nil,
            present: CPUSet? = nil, allowed: CPUSet? = nil, isolated: CPUSet? = nil, isolationFlags: [String] = [],
            logical: [Logical] = [], kinds: [Kind] = [], frequency: Frequency = Frequency()
        ) {
            self.architecture = architecture
            self.model = model
            self.machine = machine
            self.online = online
            self.present = present
            self.allowed = allowed
            self.isolated = isolated
            self.isolationFlags = isolationFlags
            self.logical = logical
            self.kinds = kinds
            self.frequency = frequency
        }
    }
}

extension Host.CPU {
    /// Present CPUs that cannot run anything now.
    public var offline: CPUSet? {
        guard let present, let online else { return nil }
        return present.subtracting(online)
    }
}
