public import BerthJSON

extension Host {
    /// A GPU or accelerator that can be given to work: a card, or a partition of one, or a virtual function.
    ///
    /// Put together from what PCI, DRM, amdgpu's KFD and NVIDIA's driver each tell, by PCI address.
    public struct GPU: Hashable, Sendable {
        /// Whether it draws or only computes.
        public var kind: Kind
        /// The PCI function, `0000:06:00.0`; of a partition of an older amdgpu with the partition as the function
        /// digit, as the driver counts. Nil for what is part of a chip without PCI.
        public var pci: String?
        /// The PCIe switch that it hangs on, by its upstream port; what hangs on the same one is reached without the host bridge.
        public var pcieSwitch: String?
        /// The PCI function of the card that this is a partition or virtual function of; nil for a whole card.
        public var parent: String?
        /// Which partition of its parent: `0`, `1`, … of amdgpu, `gi1/ci0` of an NVIDIA MIG instance.
        public var partition: String?
        /// The PCI vendor in four hexadecimal digits: `10de` NVIDIA, `1002` AMD, `8086` Intel.
        public var vendor: String?
        /// The PCI device in four hexadecimal digits.
        public var device: String?
        /// The model's name, where the driver tells it.
        public var model: String?
        /// The driver that holds it: `amdgpu`, `nvidia`, `i915`, `xe`, `vfio-pci`; nil for none.
        public var driver: String?
        /// Whether it is part of the processor and has no memory of its own.
        public var integrated: Bool?
        /// Whether it is an SR-IOV virtual function.
        public var virtualFunction: Bool
        /// Its own memory in bytes.
        public var vramBytes: Int?
        /// The name of its DRM card: `card0`.
        public var card: String?
        /// The number of its DRM render node: 128 is `/dev/dri/renderD128`.
        public var renderMinor: Int?
        /// The number of the NVIDIA device: 0 is `/dev/nvidia0`.
        public var nvidiaMinor: Int?
        /// The number of its node in amdgpu's KFD topology.
        public var kfdNode: Int?
        /// What `CUDA_VISIBLE_DEVICES` or `ROCR_VISIBLE_DEVICES` calls it: `GPU-…`.
        public var uuid: String?
        /// How the card is partitioned: `SPX`, `CPX` (`current_compute_partition`).
        public var computePartition: String?
        /// The device files by which it is used.
        public var nodes: [String]
        /// The NUMA node it is on (`numa_node`).
        public var numaNode: Int?
        /// The CPUs nearest to it (`local_cpulist`).
        public var localCPUs: CPUSet?
        /// How well it is.
        public var health: GPUHealth

        /// A GPU of which only this much is known.
        /// - Parameters:
        ///   - kind: whether it draws or only computes
        ///   - pci: the PCI function
        public init(kind: Kind = .gpu, pci: String? = nil) {
            self.kind = kind
            self.pci = pci
            virtualFunction = false
            nodes = []
            health = GPUHealth()
        }

        /// What a unit is.
        public enum Kind: String, Hashable, Sendable {
            /// It can draw, or is of a maker of such.
            case gpu
            /// It computes only: a Gaudi, an NPU, an FPGA card.
            case accelerator
        }
    }

    /// A display adapter that nothing can be computed on: a guest's virtual screen, a server's management screen.
    public struct Display: Hashable, Sendable {
        /// The PCI function; nil for one without PCI.
        public var pci: String?
        /// The PCI vendor in four hexadecimal digits.
        public var vendor: String?
        /// The PCI device in four hexadecimal digits.
        public var device: String?
        /// The driver that holds it: `ast`, `mgag200`, `virtio-pci`; nil for none.
        public var driver: String?
        /// What it is: `ASPEED`, `QXL`, `virtio`.
        public var name: String?

        /// - Parameters:
        ///   - pci: the PCI function
        ///   - vendor: the PCI vendor
        ///   - device: the PCI device
        ///   - driver: the driver that holds it
        ///   - name: what it is
        public init(
            pci: String? = nil, vendor: String? = nil, device: String? = nil, driver: String? = nil,
            name: String? = nil
        ) {
            self.pci = pci
            self.vendor = vendor
            self.device = device
            self.driver = driver
            self.name = name
        }
    }
}

extension Host.GPU {
    /// The GPU in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("kind", kind.rawValue)
        json.add("pci", pci)
        json.add("pcie_switch", pcieSwitch)
        json.add("parent", parent)
        json.add("partition", partition)
        json.add("vendor", vendor)
        json.add("device", device)
        json.add("model", model)
        json.add("driver", driver)
        json.add("integrated", integrated)
        if virtualFunction { json.add("virtual_function", true) }
        json.add("vram_bytes", vramBytes)
        json.add("card", card)
        json.add("render_minor", renderMinor)
        json.add("nvidia_minor", nvidiaMinor)
        json.add("kfd_node", kfdNode)
        json.add("uuid", uuid)
        json.add("compute_partition", computePartition)
        if !nodes.isEmpty { json.add("nodes", nodes.map { .string($0) }) }
        json.add("numa", numaNode)
        json.add("local_cpulist", localCPUs)
        json.addUnlessEmpty("health", health.json)
        return json.value
    }
}

extension Host.Display {
    /// The adapter in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("pci", pci)
        json.add("vendor", vendor)
        json.add("device", device)
        json.add("driver", driver)
        json.add("name", name)
        return json.value
    }
}
