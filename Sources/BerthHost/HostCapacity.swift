internal import BerthJSON
package import BerthModel

/// What the administrator says about capacity, besides what discovery finds.
package struct CapacitySettings: Hashable, Sendable {
    /// CPU time kept back for the system.
    package var reservedCPU: Quantity
    /// Memory kept back for the system; nil is a twentieth of what there is, at most 1 GiB.
    package var reservedMemory: Quantity?
    /// What disks can do, by name: the kernel cannot tell.
    package var diskRates: [String: StorageRates]
    /// What is commonly asked for; nil where nothing is said.
    package var shapes: [Shape]?

    package init(
        reservedCPU: Quantity = .zero, reservedMemory: Quantity? = nil, diskRates: [String: StorageRates] = [:]
    ) {
        self.reservedCPU = reservedCPU
        self.reservedMemory = reservedMemory
        self.diskRates = diskRates
    }

    /// How much of so much memory is kept back where nothing is said: a twentieth, at most 1 GiB.
    package static func standardReserve(of memory: Quantity) -> Quantity { Quantity(min(memory.units / 20, 1 << 30)) }
}

extension Capacity {
    /// What can be reserved on a discovered host: what the agent's own limits leave of it.
    /// - Parameter own: CPUs that Berth's own partitions took from everything else, the agent too, and that are still
    ///   its to hand out
    package init(_ host: Host, _ settings: CapacitySettings, own: CPUSet = []) throws(CPUTopology.Refusal) {
        let topology = try CPUTopology(host: host)
        let cpus = (host.limits.cpus?.value ?? host.cpu.allowed ?? topology.cpus).union(own)
            .intersection(topology.cpus)
        // A quota stays; what is only the number of CPUs left grows with them.
        let quota = host.limits.cpuMillicores.flatMap { !own.isEmpty && $0.by == host.limits.cpus?.by ? nil : $0.value }
        let nodes = host.limits.memoryNodes?.value ?? host.memory.allowedNodes
        let memory = Capacity.memory(host, on: nodes)
        self.init(
            topology: topology, cpus: cpus,
            cpu: Quantity(Int64(quota ?? cpus.count * 1000)), memory: memory,
            nodeMemory: Dictionary(
                host.numa.compactMap { node in
                    guard let bytes = node.memory, bytes > 0, node.device == nil, nodes?.contains(node.id) ?? true
                    else { return nil }
                    return (node.id, Quantity(Int64(bytes)))
                }, uniquingKeysWith: { first, _ in first }),
            pids: host.limits.processes.map { Quantity(Int64($0.value)) },
            reservedCPU: settings.reservedCPU,
            reservedMemory: settings.reservedMemory ?? CapacitySettings.standardReserve(of: memory),
            gpus: Capacity.units(host.gpus), interfaces: Capacity.interfaces(host.network.nics),
            disks: host.storage.disks.map { disk in
                Capacity.Disk(
                    name: disk.name, partitions: host.storage.partitions(of: disk.name),
                    rates: settings.diskRates[disk.name] ?? StorageRates(), capabilities: disk.capabilities)
            })
        shapes = settings.shapes
    }

    /// What programs may have of memory: within every limit, and none of what the kernel was lent by a GPU, which is what the
    /// GPU's own programs work on. Above a `memory.high` everything is throttled, so no more than that is promised.
    private static func memory(_ host: Host, on nodes: CPUSet?) -> Quantity {
        let left = host.numa.filter { node in nodes?.contains(node.id) ?? true }
        let own = left.filter { node in if case .gpu = node.device { false } else { true } }
        // Only where a GPU lends some: what nodes have adds up to less than the whole.
        let most = own.count < left.count ? own.map(\.memory).sum : nil
        let bounds = [host.limits.memory?.value ?? host.memory.total, host.limits.memoryHigh?.value, most]
        return Quantity(Int64(clamping: bounds.compactMap { $0 }.min() ?? 0))
    }

    /// The interfaces, each link once: of one that a virtual machine has twice, as a paravirtual interface and as the virtual
    /// function below it (Hyper-V), the upper one is what programs use.
    private static func interfaces(_ nics: [Host.NIC]) -> [Capacity.Unit] {
        let names = Set(nics.map(\.name))
        return nics.filter { nic in !(nic.master.map(names.contains) ?? false) }.map(Capacity.Unit.init)
    }

    /// GPUs by PCI address; where several are partitions of one address, also by render node.
    private static func units(_ gpus: [Host.GPU]) -> [Capacity.Unit] {
        var counts: [String: Int] = [:]
        for gpu in gpus { counts[gpu.pci ?? "", default: 0] += 1 }
        return gpus.enumerated().map { index, gpu in
            let address = gpu.pci ?? "gpu\(index)"
            let isAlone = counts[gpu.pci ?? ""] == 1
            let name = isAlone ? address : "\(address)/\(gpu.renderMinor.map { "renderD\($0)" } ?? "\(index)")"
            return Capacity.Unit(
                name: name, capacity: Quantity(1000), node: gpu.numaNode, capabilities: gpu.capabilities)
        }
    }
}

extension Capacity.Unit {
    fileprivate init(_ nic: Host.NIC) {
        var capabilities: [String: JSONValue] = [:]
        capabilities["driver"] = nic.driver.map { .string($0) }
        capabilities["link"] = nic.link.map { .string($0) }
        capabilities["speed"] = nic.bitsPerSecond.map { JSONValue($0) }
        capabilities["pcie_switch"] = nic.pcieSwitch.map { .string($0) }
        let isDown = nic.carrier == false || nic.state == "down"
        self.init(
            name: nic.name, capacity: nic.bitsPerSecond.map { Quantity(Int64($0)) }, node: nic.numaNode,
            capabilities: capabilities, failure: isDown ? "no link" : nil)
    }
}

extension Host.GPU {
    fileprivate var capabilities: [String: JSONValue] {
        var capabilities: [String: JSONValue] = [:]
        capabilities["vendor"] = vendor.map { .string($0) }
        capabilities["device"] = device.map { .string($0) }
        capabilities["model"] = model.map { .string($0) }
        capabilities["driver"] = driver.map { .string($0) }
        capabilities["uuid"] = uuid.map { .string($0) }
        capabilities["vram"] = vramBytes.map { JSONValue($0) }
        capabilities["pci"] = pci.map { .string($0) }
        capabilities["pcie_switch"] = pcieSwitch.map { .string($0) }
        return capabilities
    }
}

extension Host.Disk {
    fileprivate var capabilities: [String: JSONValue] {
        var capabilities: [String: JSONValue] = [:]
        capabilities["rotational"] = rotational.map { .bool($0) }
        capabilities["read_only"] = readOnly.map { .bool($0) }
        capabilities["model"] = model.map { .string($0) }
        capabilities["size"] = sizeBytes.map { JSONValue($0) }
        capabilities["numa"] = numaNode.map { JSONValue($0) }
        capabilities["pcie_switch"] = pcieSwitch.map { .string($0) }
        return capabilities
    }
}

extension Host.Storage {
    /// The partitions of a disk, by name.
    fileprivate func partitions(of disk: String) -> [String] {
        volumes.filter { $0.kind == .partition && $0.on.contains(disk) }.map(\.name)
    }
}
