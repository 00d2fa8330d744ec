public import BerthJSON

/// What a host really has, as discovery read it. Absent (nil) means unknown; 0 means zero.
public struct Host: Hashable, Sendable {
    /// The version of the document: the number changes when a key is taken away or means something else.
    public static let schema = "berth.host/1"

    /// Processors, their caches and kinds.
    public var cpu: CPU
    /// Memory, swap and huge pages.
    public var memory: Memory
    /// NUMA nodes, by number; empty where the kernel shows none.
    public var numa: [NUMANode]
    /// GPUs and accelerators that can be given to work.
    public var gpus: [GPU]
    /// Adapters that only show a picture: a server's management display, a hypervisor's.
    public var displays: [Display]
    /// Whole disks, and what is made of them.
    public var storage: Storage
    /// Mounted file systems, each backing device once.
    public var filesystems: [Filesystem]
    /// Network interfaces, hardware and virtual.
    public var network: Network
    /// What the agent's own cgroup, cpuset and affinity leave of all that.
    public var limits: Limits
    /// Pressure stall information of the whole host.
    public var pressure: Pressure
    /// The kernel and what of it enforcement needs.
    public var kernel: Kernel
    /// What could not be read or understood, each a sentence that names the file.
    public var problems: [String]

    /// A host from its parts.
    public init(
        cpu: CPU, memory: Memory, numa: [NUMANode], gpus: [GPU], displays: [Display], storage: Storage,
        filesystems: [Filesystem], network: Network, limits: Limits, pressure: Pressure, kernel: Kernel,
        problems: [String]
    ) {
        self.cpu = cpu
        self.memory = memory
        self.numa = numa
        self.gpus = gpus
        self.displays = displays
        self.storage = storage
        self.filesystems = filesystems
        self.network = network
        self.limits = limits
        self.pressure = pressure
        self.kernel = kernel
        self.problems = problems
    }

    /// The document of `berth host --json` and `GET /v1/host`, described key by key in `/openapi.json` (`components.schemas.Host`).
    public var json: JSONValue {
        var json = HostJSON()
        json.add("schema", Host.schema)
        json.add("cpu", cpu.json)
        json.add("memory", memory.json)
        json.add("numa", numa.map(\.json))
        json.add("gpus", gpus.map(\.json))
        json.add("displays", displays.map(\.json))
        json.add("disks", storage.disks.map(\.json))
        json.add("volumes", storage.volumes.map(\.json))
        json.add("filesystems", filesystems.map(\.json))
        json.add("nics", network.nics.map(\.json))
        json.add("virtual_nics", network.virtualNICs.map(\.json))
        json.add("limits", limits.json)
        json.add("pressure", pressure.json)
        json.add("kernel", kernel.json)
        json.add("problems", problems.map { JSONValue.string($0) })
        return json.value
    }
}
