internal import BerthModel

extension Host.Limits {
    /// Walks the agent's own cgroup and every ancestor that can be seen, and reads its affinity.
    /// - Parameters:
    ///   - online: the online CPUs
    ///   - nodes: the NUMA nodes
    ///   - total: the host's memory in bytes
    static func discover(
        _ reader: HostReader, online: CPUSet?, nodes: [Host.NUMANode], total: Int?
    ) -> Host.Limits {
        let trees = CgroupTrees.discover(reader)
        let status = AllowedStatus.discover(reader)
        var limits = Host.Limits(
            cgroup: trees.mode, group: trees.group, groupFolder: trees.folder.map { "/\($0)" },
            affinity: status.cpus.map { online?.intersection($0) ?? $0 })
        let affinity = status.cpus.map { Bound($0, by: "affinity") }
        limits.cpus = AllowedSet(trees, reader, suffix: "cpus", own: affinity).left(of: online, reader)
        limits.cpuMillicores = CPUQuota.bound(trees, reader, cpus: limits.cpus)
        // A node without memory is never one to take memory from; without nodes the kernel counts one, number 0.
        let withMemory = CPUSet(nodes.lazy.filter { $0.memory != 0 }.map(\.id)).nonEmpty
        let allowed = status.nodes.map { Bound($0, by: "/\(AllowedStatus.path)") }
        limits.memoryNodes = AllowedSet(trees, reader, suffix: "mems", own: allowed).left(of: withMemory, reader)
        limits.readMemory(trees, reader, nodes: nodes, total: total)
        limits.processes = CgroupLimit.smallest(trees.all("pids"), ["pids.max"], reader)
        return limits
    }
}

extension CgroupTrees {
    /// The folders to ask for a controller's limits, own first, of the tree of version 1 that has it and of version 2:
    /// a controller is in one of them only.
    func all(_ controller: String) -> [String] { (v1[controller]?.folders ?? []) + (v2?.folders ?? []) }
}
