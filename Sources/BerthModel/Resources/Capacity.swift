public import BerthJSON

/// What can be reserved on a host: discovery's answer in the words of the core.
public struct Capacity: Hashable, Sendable {
    /// Every CPU that is online, with its core, cache, package and node: a core is whole only with all its siblings.
    public var topology: CPUTopology
    /// The CPUs that the agent may hand out.
    public var cpus: CPUSet
    /// CPU time: the smaller of the CPUs and the agent's own quota.
    public var cpu: Quantity
    /// Memory that the agent may use.
    public var memory: Quantity
    /// Memory of each NUMA node that the agent may use; empty where the kernel shows no nodes.
    public var nodeMemory: [Int: Quantity]
    /// Processes and threads; nil where nothing tells.
    public var pids: Quantity?
    /// CPU time kept back for the system.
    public var reservedCPU: Quantity
    /// Memory kept back for the system.
    public var reservedMemory: Quantity
    /// GPUs and accelerators as the kernel shows them; ``wholeUnits(_:)`` has what a plugin knows of them too.
    public var gpus: [Unit]
    /// Network interfaces; the capacity is their speed, nil where it is unknown.
    public var interfaces: [Unit]
    /// Whole disks, by name.
    public var disks: [Disk]
    /// What plugins provide, each unit held whole; of ``ResourceType/gpu`` what one knows of the host's own.
    public var provided: [ResourceType: [Unit]]
    /// What is commonly asked for, the commonest first, as the administrator says; nil where nothing is said.
    public var shapes: [Shape]?

    /// One discrete thing that can be held.
    public struct Unit: Hashable, Sendable {
        /// Its name: a PCI address, an interface.
        public var name: String
        /// How much of it there is, in the measure of its type; nil where that is unknown.
        public var capacity: Quantity?
        /// The NUMA node it is on; nil where that is unknown.
        public var node: Int?
        /// Facts that a request can ask for, by name.
        public var capabilities: [String: JSONValue] { didSet { isOnSwitch = capabilities["pcie_switch"] != nil } }
        /// Why it cannot be held, such as an interface without a link; nil while it can.
        public var failure: String?
        /// The unit of the same type that this one is a part of. While one of the two is held, the other cannot be; a part
        /// goes only to those who ask for its fact `partition`.
        public var parent: String?
        /// Its devices, which no reservation can open but the one that holds it.
        public var devices: [DeviceNode]
        /// Whether a plugin has what this is under other names. Never stored: it follows from what both say.
        public internal(set) var isCovered = false
        /// Whether it hangs on a PCIe switch, so that nobody looks for that among the facts of many units for nothing.
        public private(set) var isOnSwitch = false
        /// What is gone of a unit that is there only because somebody holds it; nil for any other.
        public var withdrawn: Withdrawal?

        /// The ``failure`` of units whose plugin is down, and may come up again.
        public static let providerDown = "provider_down"

        /// What is gone of a unit that is held.
        public enum Withdrawal: String, Hashable, Sendable, CaseIterable {
            /// Its plugin has it no more.
            case unit
            /// No plugin provides its type any more.
            case plugin
        }

        /// - Parameters:
        ///   - name: its name
        ///   - capacity: how much of it there is
        ///   - node: the NUMA node it is on
        ///   - capabilities: facts that a request can ask for
        ///   - failure: why it cannot be held
        ///   - parent: the unit that it is a part of
        ///   - devices: its devices
        public init(
            name: String, capacity: Quantity?, node: Int? = nil, capabilities: [String: JSONValue] = [:],
            failure: String? = nil, parent: String? = nil, devices: [DeviceNode] = []
        ) {
            self.name = name
            self.capacity = capacity
            self.node = node
            self.capabilities = capabilities
            isOnSwitch = capabilities["pcie_switch"] != nil
            self.failure = failure
            self.parent = parent
            self.devices = devices
            withdrawn = nil
        }

        /// The PCIe switch that it hangs on, which is the fact `pcie_switch`; nil where there is none, or none is known.
        public var pcieSwitch: String? {
            guard isOnSwitch, case .string(let address)? = capabilities["pcie_switch"] else { return nil }
            return address
        }

        /// A node as it was told from outside: the kernel and drivers say -1 where they know none.
        public static func node(_ number: Int64?) -> Int? {
            number.flatMap { 0..<Int64(CPUSet.capacity) ~= $0 ? Int($0) : nil }
        }

        /// Whether the facts of the unit are as they must be; its node is the fact `numa`.
        public func satisfies(_ constraints: [String: Constraint]) -> Bool {
            constraints.allSatisfy { name, constraint in
                constraint.holds(of: name == "numa" ? node.map { JSONValue($0) } : capabilities[name])
            }
        }
    }

    /// One disk. Its rates are what the configuration states; the kernel cannot tell them.
    public struct Disk: Hashable, Sendable {
        /// Its name without `/dev/`.
        public var name: String
        /// Its partitions, whose names a request may use too.
        public var partitions: [String]
        /// What it can do, where the configuration says so.
        public var rates: StorageRates
        /// Facts that a request can ask for, by name.
        public var capabilities: [String: JSONValue]

        /// - Parameters:
        ///   - name: its name without `/dev/`
        ///   - partitions: the names of its partitions
        ///   - rates: what it can do
        ///   - capabilities: facts that a request can ask for
        public init(
            name: String, partitions: [String] = [], rates: StorageRates = StorageRates(),
            capabilities: [String: JSONValue] = [:]
        ) {
            self.name = name
            self.partitions = partitions
            self.rates = rates
            self.capabilities = capabilities
        }

        /// The NUMA node that it is attached to, as far as that is known.
        public var node: Int? {
            if case .number(let number)? = capabilities["numa"] { Unit.node(number.scaled(decimals: 0)) } else { nil }
        }

        /// Whether its facts are as they must be.
        public func satisfies(_ constraints: [String: Constraint]) -> Bool {
            constraints.allSatisfy { name, constraint in constraint.holds(of: capabilities[name]) }
        }
    }

    /// - Parameters:
    ///   - topology: every CPU that is online
    ///   - cpus: the CPUs that the agent may hand out; nil is all of the topology
    ///   - cpu: CPU time
    ///   - memory: memory
    ///   - nodeMemory: memory of each NUMA node
    ///   - pids: processes and threads
    ///   - reservedCPU: CPU time kept back
    ///   - reservedMemory: memory kept back
    ///   - gpus: GPUs
    ///   - interfaces: network interfaces
    ///   - disks: whole disks
    ///   - provided: what plugins provide
    public init(
        topology: CPUTopology, cpus: CPUSet? = nil, cpu: Quantity, memory: Quantity, nodeMemory: [Int: Quantity] = [:],
        pids: Quantity? = nil, reservedCPU: Quantity = .zero, reservedMemory: Quantity = .zero, gpus: [Unit] = [],
        interfaces: [Unit] = [], disks: [Disk] = [], provided: [ResourceType: [Unit]] = [:]
    ) {
        self.topology = topology
        self.cpus = cpus ?? topology.cpus
        self.cpu = cpu
        self.memory = memory
        self.nodeMemory = nodeMemory
        self.pids = pids
        self.reservedCPU = reservedCPU
        self.reservedMemory = reservedMemory
        self.gpus = gpus
        self.interfaces = interfaces
        self.disks = disks
        self.provided = provided
    }
}

extension Capacity {
    /// The disk of this name, or the disk that a partition of this name is on.
    public func disk(named name: String) -> Disk? {
        disks.first { $0.name == name } ?? disks.first { $0.partitions.contains(name) }
    }
}
