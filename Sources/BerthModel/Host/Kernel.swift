public import BerthJSON

extension Host {
    /// The kernel, what of it enforcement needs, and where it runs.
    public struct Kernel: Hashable, Sendable {
        /// `6.12.9-amd64` (`/proc/sys/kernel/osrelease`).
        public var release: String?
        /// `#1 SMP PREEMPT_DYNAMIC …` (`/proc/sys/kernel/version`), without the name of the machine it was built on.
        public var version: String?
        /// `x86_64`, as uname(2) calls it (`/proc/sys/kernel/arch`, from kernel 6.1).
        public var architecture: String?
        /// Size of a memory page in bytes, by sysconf(3); unknown for a recorded host.
        public var pageBytes: Int?
        /// The controllers of the topmost cgroup that can be seen (`cgroup.controllers`).
        public var controllers: [String]
        /// Where the cgroup v2 tree is mounted: `/sys/fs/cgroup`.
        public var cgroupMount: String?
        /// Options of that mount which matter: `nsdelegate`, `favordynmods`, `memory_recursiveprot`.
        public var cgroupOptions: [String]
        /// Transparent huge pages: `always`, `madvise` or `never` (`/sys/kernel/mm/transparent_hugepage/enabled`).
        public var transparentHugePages: String?
        /// The security modules in force (`/sys/kernel/security/lsm`).
        public var securityModules: [String]
        /// What the kernel can do of what enforcement needs.
        public var features: [KernelFeature]
        /// The container this runs in: `docker`, `podman`, `lxc`, `wsl`, …; nil for none that shows.
        public var container: String?
        /// The hypervisor this is a guest of: `kvm`, `xen`, `vmware`, `microsoft`, …; nil for none that shows.
        public var hypervisor: String?
        /// Who made the machine, or the virtual one (`/sys/class/dmi/id/sys_vendor`).
        public var machineVendor: String?
        /// What the machine is called (`/sys/class/dmi/id/product_name`).
        public var machineModel: String?

        /// - Parameters:
        ///   - release: the kernel's release
        ///   - features: what it can do of what enforcement needs
        public init(
            release: String? = nil, version: String? = nil, architecture: String? = nil, pageBytes: Int? = nil,
            controllers: [String] = [], cgroupMount: String? = nil, cgroupOptions: [String] = [],
            transparentHugePages: String? = nil, securityModules: [String] = [], features: [KernelFeature] = [],
            container: String? = nil, hypervisor: String? = nil, machineVendor: String? = nil,
            machineModel: String? = nil
        ) {
            self.release = release
            self.version = version
            self.architecture = architecture
            self.pageBytes = pageBytes
            self.controllers = controllers
            self.cgroupMount = cgroupMount
            self.cgroupOptions = cgroupOptions
            self.transparentHugePages = transparentHugePages
            self.securityModules = securityModules
            self.features = features
            self.container = container
            self.hypervisor = hypervisor
            self.machineVendor = machineVendor
            self.machineModel = machineModel
        }
    }
}

extension Host.Kernel {
    /// The kernel in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("release", release)
        json.add("version", version)
        json.add("architecture", architecture)
        json.add("page_bytes", pageBytes)
        json.add("container", container)
        json.add("hypervisor", hypervisor)
        json.add("machine_vendor", machineVendor)
        json.add("machine_model", machineModel)
        json.add("cgroup_mount", cgroupMount)
        if cgroupMount != nil { json.add("cgroup_options", cgroupOptions.map { .string($0) }) }
        if cgroupMount != nil { json.add("cgroup_controllers", controllers.map { .string($0) }) }
        json.add("transparent_hugepages", transparentHugePages)
        if !securityModules.isEmpty { json.add("security_modules", securityModules.map { .string($0) }) }
        var known = JSONObject()
        for feature in features { known[feature.name.rawValue] = feature.json }
        json.add("features", .object(known))
        return json.value
    }
}
