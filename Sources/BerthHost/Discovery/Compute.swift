package import BerthModel

/// The parts of a host that compute, and what the agent may use of them. They are read together, for each needs what
/// another found: nodes list CPUs that are offline, limits are cut to what the host has.
package struct Compute: Hashable, Sendable {
    package var cpu: Host.CPU
    package var memory: Host.Memory
    package var nodes: [Host.NUMANode]
    package var limits: Host.Limits

    /// Reads `/sys/devices/system`, `/proc` and the agent's own cgroups. What is absent is unknown; what is malformed is
    /// unknown and noted in the reader's problems.
    package static func discover(_ reader: HostReader) -> Compute {
        let info = reader.contents("proc/cpuinfo").map(CPUInfo.init)
        let memoryInfo = reader.contents("proc/meminfo").map(MemoryInfo.init)
        let folders = CPUFolders(reader)
        let presence = CPUPresence.discover(folders, info: info)
        let nodes = Host.NUMANode.discover(reader, online: presence.online, hugePageSize: memoryInfo?.hugePageSize)
        var memory = Host.Memory.discover(reader, info: memoryInfo, nodes: nodes)
        let limits = Host.Limits.discover(reader, online: presence.online, nodes: nodes, total: memory.total)
        memory.allowedNodes = limits.memoryNodes?.value
        let cpu = Host.CPU.discover(
            folders, presence: presence, info: info, nodes: nodes, allowed: limits.cpus?.value)
        return Compute(cpu: cpu, memory: memory, nodes: nodes, limits: limits)
    }
}
