public import BerthJSON

extension Host {
    /// A network interface, as the kernel shows it below `/sys/class/net`. Its hardware address is not kept.
    public struct NIC: Hashable, Sendable {
        /// Its name: `eth0`.
        public var name: String
        /// What its link layer is: `ethernet`, `infiniband`, `loopback`, `ppp`, or `type 772` (`type`, ARPHRD_*).
        public var link: String?
        /// What made it, where it is virtual: `bridge`, `bond`, `vlan`, `veth`, `tun`, `representor`, `loopback`.
        public var kind: String?
        /// The driver of the device behind it (`device/driver`).
        public var driver: String?
        /// The bus of the device behind it: `pci`, `virtio`, `usb`, `vmbus`, `xen` (`device/subsystem`).
        public var bus: String?
        /// The PCI function behind it, such as `0000:02:00.0`.
        public var pci: String?
        /// The PCIe switch that it hangs on, by its upstream port; what hangs on the same one is reached without the host bridge.
        public var pcieSwitch: String?
        /// The NUMA node of the nearest device above it that has one (`numa_node`).
        public var numaNode: Int?
        /// The speed of the link in bits/s (`speed`, in Mbit/s; for InfiniBand else the port's `rate`).
        public var bitsPerSecond: Int?
        /// `full` or `half` (`duplex`).
        public var duplex: String?
        /// `up`, `down`, `dormant`, … (`operstate`).
        public var state: String?
        /// Whether it has a link (`carrier`, which an interface that is switched off does not tell).
        public var carrier: Bool?
        /// The largest packet in bytes (`mtu`).
        public var mtuBytes: Int?
        /// Receive queues (`queues/rx-*`).
        public var receiveQueues: Int?
        /// Transmit queues (`queues/tx-*`).
        public var transmitQueues: Int?
        /// The bridge, bond or team that it is a part of (`master`).
        public var master: String?
        /// The interfaces that it lies on (`lower_*`).
        public var on: [String]
        /// The PCI function of the card that it is a virtual function of (`device/physfn`); nil for all others.
        public var physicalFunction: String?
        /// How many virtual functions are switched on (`device/sriov_numvfs`); nil where it has none to switch on.
        public var virtualFunctions: Int?

        /// - Parameters:
        ///   - name: its name
        ///   - link: what its link layer is
        ///   - kind: what made it, where it is virtual
        public init(
            name: String, link: String? = nil, kind: String? = nil, driver: String? = nil, bus: String? = nil,
            pci: String? = nil, numaNode: Int? = nil, bitsPerSecond: Int? = nil, duplex: String? = nil,
            state: String? = nil, carrier: Bool? = nil, mtuBytes: Int? = nil, receiveQueues: Int? = nil,
            transmitQueues: Int? = nil, master: String? = nil, on: [String] = [], physicalFunction: String? = nil,
            virtualFunctions: Int? = nil
        ) {
            self.name = name
            self.link = link
            self.kind = kind
            self.driver = driver
            self.bus = bus
            self.pci = pci
            self.numaNode = numaNode
            self.bitsPerSecond = bitsPerSecond
            self.duplex = duplex
            self.state = state
            self.carrier = carrier
            self.mtuBytes = mtuBytes
            self.receiveQueues = receiveQueues
            self.transmitQueues = transmitQueues
            self.master = master
            self.on = on
            self.physicalFunction = physicalFunction
            self.virtualFunctions = virtualFunctions
        }
    }
}

extension Host.NIC {
    /// The interface in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("name", name)
        json.add("link", link)
        json.add("kind", kind)
        json.add("driver", driver)
        json.add("bus", bus)
        json.add("pci", pci)
        json.add("pcie_switch", pcieSwitch)
        json.add("numa", numaNode)
        json.add("bits_per_second", bitsPerSecond)
        json.add("duplex", duplex)
        json.add("state", state)
        json.add("carrier", carrier)
        json.add("mtu_bytes", mtuBytes)
        json.add("receive_queues", receiveQueues)
        json.add("transmit_queues", transmitQueues)
        json.add("master", master)
        if !on.isEmpty { json.add("on", on.map { .string($0) }) }
        if physicalFunction != nil { json.add("virtual_function", true) }
        json.add("physical_function", physicalFunction)
        json.add("virtual_functions", virtualFunctions)
        return json.value
    }
}
