internal import BerthKernel
internal import BerthModel

/// The files of a group that tell what is used in it, kept open; those that the kernel does not have are left out.
struct UsageFiles {
    private let cpu: KeptFile?
    private let memory: KeptFile?
    private let memoryPeak: KeptFile?
    private let pids: KeptFile?

    init(_ group: Group) {
        func file(_ name: String) -> KeptFile? { try? KeptFile(name, in: group) }
        cpu = file(CPUStat.file)
        memory = file("memory.current")
        memoryPeak = file("memory.peak")
        pids = file("pids.current")
    }

    /// What is used now. What cannot be read, or of a group that is gone, is unknown.
    var usage: Usage {
        func number(_ file: KeptFile?) -> Int64? { (try? file?.read()).flatMap { Int64($0) } }
        return Usage(
            cpuMicroseconds: (try? cpu?.read()).flatMap { try? CPUStat(parsing: $0) }
                .map { Int64(clamping: $0.usageMicroseconds) },
            memoryBytes: number(memory), memoryPeakBytes: number(memoryPeak), pids: number(pids))
    }
}

extension Leaf {
    /// What its reservation has used, here and where it was before.
    var usage: Usage { (usageFiles ?? UsageFiles(group)).usage.after(usedBefore) }
}

extension Usage {
    /// What was used in two groups one after the other.
    func after(_ before: Usage) -> Usage {
        var usage = self
        if let earlier = before.cpuMicroseconds { usage.cpuMicroseconds = cpuMicroseconds.map { $0 + earlier } }
        if let earlier = before.memoryPeakBytes { usage.memoryPeakBytes = memoryPeakBytes.map { max($0, earlier) } }
        return usage
    }
}
