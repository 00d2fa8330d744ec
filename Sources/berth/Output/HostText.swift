internal import BerthModel

/// A host as a person wants to read it: what there is, then what the agent may use of it, then what is wrong.
struct HostText: CustomStringConvertible {
    private var lines: [String] = []

    init(_ host: Host) {
        addCPU(host)
        addMemory(host)
        addNodes(host)
        addDevices(host)
        addLimits(host)
        addKernel(host)
        for (index, problem) in host.problems.enumerated() { add(index == 0 ? "Problems" : "", problem) }
    }

    /// The lines, each ended.
    var description: String { lines.joined(separator: "\n") + "\n" }

    /// Adds a line; what comes from outside is shown with its control characters escaped.
    private mutating func add(_ title: String, _ parts: String?...) {
        let text = parts.compactMap { $0 }.joined(separator: ", ")
        guard !text.isEmpty else { return }
        let padding = String(repeating: " ", count: max(1, 13 - title.count))
        lines.append("\(Style.bold(title))\(padding)\(text.printable)")
    }

    private mutating func addCPU(_ host: Host) {
        let cpu = host.cpu
        add("CPU", cpu.model ?? cpu.machine ?? cpu.architecture ?? "unknown model")
        let online = cpu.online ?? CPUSet(cpu.logical.map(\.id))
        let cores = Set(cpu.logical.compactMap(\.core)).count
        let packages = Set(cpu.logical.compactMap(\.package)).count
        let l3 = Set(cpu.logical.compactMap(\.l3)).count
        add(
            "", "\(online.count) CPUs online (\(online))", cores > 0 ? counted(cores, "core") : nil,
            packages > 0 ? counted(packages, "package") : nil, l3 > 0 ? counted(l3, "L3 cache") : nil)
        if let offline = cpu.offline, !offline.isEmpty { add("", "offline: \(offline)") }
        if let isolated = cpu.isolated, !isolated.isEmpty { add("", "isolated: \(isolated)") }
        let frequency = [
            cpu.frequency.base.map { "base \(gigahertz($0))" }, cpu.frequency.maximum.map { "up to \(gigahertz($0))" },
        ]
        if let text = joined(frequency) { add("", text) }
        if cpu.kinds.count > 1 {
            for kind in cpu.kinds {
                add("", "\(kind.name): \(kind.cpus)", kind.frequency.maximum.map { "up to \(gigahertz($0))" })
            }
        }
    }

    private mutating func addMemory(_ host: Host) {
        let memory = host.memory
        add(
            "Memory", memory.total.map { "\(size($0)) in all" }, memory.available.map { "\(size($0)) available" },
            memory.swapTotal.map { $0 > 0 ? "\(size($0)) swap" : "no swap" })
        for pages in memory.hugePages where pages.count > 0 {
            add("", "\(pages.count) huge pages of \(size(pages.sizeKiB << 10))", pages.free.map { "\($0) free" })
        }
    }

    private mutating func addNodes(_ host: Host) {
        guard host.numa.count > 1 else { return }
        for (index, node) in host.numa.enumerated() {
            let cpus = node.cpus.map { $0.isEmpty ? "no CPUs" : "CPUs \($0)" }
            add(index == 0 ? "NUMA" : "", "node \(node.id)", cpus, node.memory.map { $0 > 0 ? size($0) : "no memory" })
        }
    }

    private mutating func addDevices(_ host: Host) {
        for (index, gpu) in host.gpus.enumerated() {
            let name = gpu.model ?? [gpu.vendor, gpu.device].compactMap { $0 }.joined(separator: ":")
            add(
                index == 0 ? "GPUs" : "", gpu.pci ?? gpu.card ?? "unknown address", name.isEmpty ? nil : name,
                gpu.vramBytes.map(size), gpu.numaNode.map { "node \($0)" }, gpu.driver ?? "no driver")
        }
        for (index, disk) in host.storage.disks.enumerated() {
            let kind = disk.rotational.map { $0 ? "rotational" : "solid state" }
            add(
                index == 0 ? "Disks" : "", disk.name, disk.sizeBytes.map(size), kind, disk.transport, disk.model,
                disk.numaNode.map { "node \($0)" })
        }
        for (index, filesystem) in host.filesystems.enumerated() {
            let space = filesystem.space.map { "\(size($0.availableBytes)) of \(size($0.totalBytes)) free" }
            add(
                index == 0 ? "File systems" : "", filesystem.mountPoint, filesystem.type, space,
                filesystem.readOnly ? "read-only" : nil)
        }
        for (index, nic) in host.network.nics.enumerated() {
            let speed = nic.bitsPerSecond.map { Measure.bitsPerSecond.text(Quantity(Int64($0))) + "/s" }
            add(index == 0 ? "Network" : "", nic.name, nic.state, speed ?? "speed unknown", nic.driver)
        }
    }

    private mutating func addLimits(_ host: Host) {
        let limits = host.limits
        let cpus = limits.cpuMillicores.map { "\(Measure.cpus.text(Quantity(Int64($0.value)))) CPUs (\($0.by))" }
        add("Usable here", cpus ?? host.cpu.allowed.map { "\($0.count) CPUs" })
        if let bound = limits.cpus, bound.value != host.cpu.online { add("", "on CPUs \(bound.value) (\(bound.by))") }
        if let bound = limits.memory { add("", "\(size(bound.value)) of memory (\(bound.by))") }
        if let bound = limits.memoryHigh {
            add("", "\(size(bound.value)) of memory before all is throttled (\(bound.by))")
        }
        if let bound = limits.processes { add("", "\(bound.value) processes (\(bound.by))") }
    }

    private mutating func addKernel(_ host: Host) {
        let kernel = host.kernel
        add(
            "Kernel", kernel.release, kernel.container.map { "in a container (\($0))" },
            kernel.hypervisor.map { "on \($0)" })
        let mode = limitsMode(host.limits.cgroup)
        add("", mode, kernel.controllers.isEmpty ? nil : "controllers " + kernel.controllers.joined(separator: " "))
        let missing = kernel.features.filter { !$0.isPresent }.map(\.name.rawValue)
        if !missing.isEmpty { add("", "without \(missing.joined(separator: " "))") }
    }

    private func limitsMode(_ mode: Host.Limits.CgroupMode?) -> String {
        switch mode {
        case .v2: "cgroup v2"
        case .hybrid: "cgroup v1 and v2 (hybrid)"
        case .v1: "cgroup v1"
        case nil: "no cgroups"
        }
    }

    private func joined(_ parts: [String?]) -> String? {
        let known = parts.compactMap { $0 }
        return known.isEmpty ? nil : known.joined(separator: ", ")
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    /// Hertz as gigahertz with two decimals.
    private func gigahertz(_ hertz: Int) -> String {
        let hundredths = hertz / 10_000_000
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) GHz"
    }

    /// Bytes in the largest binary unit, with one decimal.
    private func size(_ bytes: Int) -> String { BinarySize(bytes).description }
}
