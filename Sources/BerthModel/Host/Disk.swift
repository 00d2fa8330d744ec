public import BerthJSON

extension Host {
    /// A whole disk, as the kernel shows it below `/sys/class/block`; several paths to one disk are one disk.
    ///
    /// Serial numbers and world-wide names are read to tell disks apart, and not kept.
    public struct Disk: Hashable, Sendable {
        /// The name without `/dev/`: `sda`, `nvme0n1`, `cciss/c0d0`. Of several paths the first.
        public var name: String
        /// The device number (`dev`).
        public var number: DeviceNumber?
        /// Size in bytes (`size`, which counts 512 bytes whatever the sector size).
        public var sizeBytes: Int?
        /// Whether it has spinning platters, as far as the driver knows (`queue/rotational`; virtio says true).
        public var rotational: Bool?
        /// Whether it cannot be written (`ro`).
        public var readOnly: Bool?
        /// The model's name (`device/model`).
        public var model: String?
        /// The maker's name (`device/vendor`).
        public var vendor: String?
        /// How it is attached: `sata`, `sas`, `nvme`, `nvme-tcp`, `fc`, `iscsi`, `usb`, `virtio`, `xen`, `mmc`, …
        public var transport: String?
        /// The state of a SCSI or NVMe device: `running`, `offline`, `live` (`device/state`).
        public var state: String?
        /// The PCI function it hangs on, such as `0000:00:1f.2`.
        public var pci: String?
        /// The PCIe switch that it hangs on, by its upstream port; what hangs on the same one is reached without the host bridge.
        public var pcieSwitch: String?
        /// The NUMA node of the nearest device above it that has one (`numa_node`).
        public var numaNode: Int?
        /// What the request queue takes.
        public var queue: DiskQueue
        /// The names of all paths to it, itself included; empty where there is just one.
        public var paths: [String]
        /// The device-mapper or NVMe device that joins the paths, such as `dm-0`.
        public var multipath: String?

        /// - Parameters:
        ///   - name: the name without `/dev/`
        ///   - sizeBytes: size in bytes
        ///   - queue: what the request queue takes
        public init(
            name: String, number: DeviceNumber? = nil, sizeBytes: Int? = nil, rotational: Bool? = nil,
            readOnly: Bool? = nil, model: String? = nil, vendor: String? = nil, transport: String? = nil,
            state: String? = nil, pci: String? = nil, numaNode: Int? = nil, queue: DiskQueue = DiskQueue(),
            paths: [String] = [], multipath: String? = nil
        ) {
            self.name = name
            self.number = number
            self.sizeBytes = sizeBytes
            self.rotational = rotational
            self.readOnly = readOnly
            self.model = model
            self.vendor = vendor
            self.transport = transport
            self.state = state
            self.pci = pci
            self.numaNode = numaNode
            self.queue = queue
            self.paths = paths
            self.multipath = multipath
        }
    }
}

extension Host.Disk {
    /// The disk in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("name", name)
        json.add("device", number?.description)
        json.add("size_bytes", sizeBytes)
        json.add("rotational", rotational)
        json.add("read_only", readOnly)
        json.add("model", model)
        json.add("vendor", vendor)
        json.add("transport", transport)
        json.add("state", state)
        json.add("pci", pci)
        json.add("pcie_switch", pcieSwitch)
        json.add("numa", numaNode)
        if !paths.isEmpty { json.add("paths", paths.map { .string($0) }) }
        json.add("multipath", multipath)
        json.addUnlessEmpty("queue", queue.json)
        return json.value
    }
}
