internal import BerthModel

extension Host.CPU {
    /// Puts the processors together.
    /// - Parameters:
    ///   - folders: the folders of the CPUs
    ///   - presence: which CPUs there are
    ///   - info: `/proc/cpuinfo`, nil where it is absent
    ///   - nodes: the NUMA nodes
    ///   - allowed: the CPUs that the agent's own limits leave
    static func discover(
        _ folders: CPUFolders, presence: CPUPresence, info: CPUInfo?, nodes: [Host.NUMANode], allowed: CPUSet?
    ) -> Host.CPU {
        let reader = folders.reader
        let isolation = CPUIsolation.discover(reader)
        var cpu = Host.CPU(
            architecture: reader.word("proc/sys/kernel/arch") ?? info?.architecture, model: info?.model,
            machine: info?.machine ?? machine(reader), online: presence.online, present: presence.present,
            allowed: allowed, isolated: isolation.cpus, isolationFlags: isolation.flags)
        guard let online = presence.online else { return cpu }
        cpu.logical = CPURows.discover(folders, online: online, info: info, nodes: nodes)
        let kinds = CPUKinds.discover(folders, online: online, rows: cpu.logical, info: info)
        cpu.kinds = kinds.kinds
        cpu.frequency = kinds.frequency
        if let fastest = kinds.kinds.first?.model { cpu.model = fastest }
        return cpu
    }

    /// The board's name in the device tree, which ends in a NUL byte.
    private static func machine(_ reader: HostReader) -> String? { reader.word("proc/device-tree/model") }
}
