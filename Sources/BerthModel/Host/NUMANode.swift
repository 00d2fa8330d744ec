public import BerthJSON

extension Host {
    /// One NUMA node: `/sys/devices/system/node/nodeN`. Numbers may have gaps.
    public struct NUMANode: Hashable, Sendable {
        /// The kernel's number.
        public var id: Int
        /// Its online CPUs (`cpulist`, `cpumap`), empty for memory alone.
        public var cpus: CPUSet?
        /// Its memory in bytes (`MemTotal` of its `meminfo`), 0 for CPUs alone. The nodes' sum is not the host's total:
        /// the kernel counts some reserved pages in the nodes only.
        public var memory: Int?
        /// Its free memory in bytes (`MemFree`).
        public var memoryFree: Int?
        /// Huge pages of each size set aside on it.
        public var hugePages: [HugePages]
        /// The distance to every node, itself included, in the order of the nodes' numbers; 10 is near (`distance`).
        public var distance: [Int]?
        /// The device whose memory this node is; nil for the host's own memory.
        public var device: Device?

        /// Every part as its property says; what is left out is unknown, or none.
        public init(
            id: Int, cpus: CPUSet? = nil, memory: Int? = nil, memoryFree: Int? = nil, hugePages: [HugePages] = [],
            distance: [Int]? = nil, device: Device? = nil
        ) {
            self.id = id
            self.cpus = cpus
            self.memory = memory
            self.memoryFree = memoryFree
            self.hugePages = hugePages
            self.distance = distance
            self.device = device
        }
    }
}

extension Host.NUMANode {
    /// A device that gives its memory to the kernel as a node of its own.
    public enum Device: Hashable, Sendable {
        /// The memory of a GPU, with the GPU's PCI address (`/proc/driver/nvidia/gpus/*/numa_status`).
        case gpu(pci: String)
        /// Persistent, CXL or other memory behind the driver `kmem`, with the names of its dax devices.
        case dax(names: [String])
    }

    /// `{"id": 0, "cpulist": "0-7", "memory_bytes": …, "distance": [10, 21]}`.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("id", id)
        json.add("cpulist", cpus)
        json.add("memory_bytes", memory)
        json.add("memory_free_bytes", memoryFree)
        json.add(hugePages)
        json.add("distance", distance?.map { JSONValue($0) })
        switch device {
        case .gpu(let pci):
            json.add("memory_of", "gpu")
            json.add("gpu_pci", pci)
        case .dax(let names):
            json.add("memory_of", "dax")
            json.add("dax_devices", names.map { .string($0) })
        case nil: break
        }
        return json.value
    }
}
