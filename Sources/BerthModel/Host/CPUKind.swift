extension Host.CPU {
    /// CPUs that are alike, on a machine where not all are.
    public struct Kind: Hashable, Sendable {
        /// `performance` for the fastest, `efficient` for the slowest, between them `medium` or what the kernel calls
        /// them (`low_power` for `cpu_lowpower`); `kind_1`, `kind_2`, … where nothing says which is faster.
        public var name: String
        /// The online CPUs of this kind.
        public var cpus: CPUSet
        /// The name of the core, where each CPU tells its own (ARM).
        public var model: String?
        /// The highest `cpu_capacity` among them: 1024 is the fastest CPU of the machine.
        public var capacity: Int?
        /// The clock of this kind.
        public var frequency: Frequency

        /// Every part as its property says; what is left out is unknown, or none.
        public init(
            name: String, cpus: CPUSet, model: String? = nil, capacity: Int? = nil, frequency: Frequency = Frequency()
        ) {
            self.name = name
            self.cpus = cpus
            self.model = model
            self.capacity = capacity
            self.frequency = frequency
        }
    }

    /// Limits of a clock, in hertz.
    public struct Frequency: Hashable, Sendable {
        /// The lowest that a CPU runs at (`cpufreq/cpuinfo_min_freq`).
        public var minimum: Int?
        /// What it is sold at (`cpufreq/base_frequency`, `acpi_cppc/nominal_freq`, `/proc/cpuinfo` of POWER and s390).
        public var base: Int?
        /// The highest, boost included (`cpufreq/cpuinfo_max_freq`).
        public var maximum: Int?

        /// Every part as its property says; what is left out is unknown, or none.
        public init(minimum: Int? = nil, base: Int? = nil, maximum: Int? = nil) {
            self.minimum = minimum
            self.base = base
            self.maximum = maximum
        }
    }
}
