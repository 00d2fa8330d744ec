internal import BerthModel

/// What holds memory, and how well.
enum MemoryFindings {
    static func all(_ host: Host, _ facts: DoctorFacts) -> [Finding] {
        [
            recursiveProtection(host), swapLimit(host, facts),
            KernelFindings.ifMissing(
                host, .memoryReclaim, .memoryReclaim, .note, "memory can be taken back on request",
                "shrinking memory relies on memory.high alone and takes longer", Mend.newerKernel("5.19")),
            KernelFindings.ifMissing(
                host, .memoryPeak, .memoryPeak, .note, "the most memory that a group used is kept",
                "what a reservation used at its peak is not told", Mend.newerKernel("5.19")),
            generations(facts), oomExemption(facts),
        ].compactMap { $0 }
    }

    private static func recursiveProtection(_ host: Host) -> Finding? {
        guard let feature = host.kernel.feature(.recursiveProtection) else { return nil }
        return feature.isPresent
            ? Finding(
                .ok, .recursiveProtection, "protection of memory reaches the groups below", shownBy: feature.shownBy)
            : Finding(
                .note, .recursiveProtection, "the tree is mounted without memory_recursiveprot",
                shownBy: feature.shownBy,
                consequence: "memory.low protects only the group that it is written to: what groups that an engine "
                    + "makes inside its reservation use is not protected",
                mend: Mend.remount("memory_recursiveprot", host))
    }

    private static func swapLimit(_ host: Host, _ facts: DoctorFacts) -> Finding? {
        guard let swap = facts.swapLimit else { return nil }
        if swap.isPresent { return Finding(.ok, .swapLimit, "swap is counted by group", shownBy: swap.path) }
        if let total = host.memory.swapTotal, total > 0 {
            return Finding(
                .problem, .swapLimit, "swap is on and not counted by group", shownBy: swap.path,
                consequence: "a program at its memory limit goes on in swap, as far as that reaches, instead of being "
                    + "stopped",
                mend: Mend.kernelParameter("swapaccount=1", host) + ["or switch swap off: sudo swapoff -a"])
        }
        return Finding(
            .ok, .swapLimit, "swap is not counted by group, and there is none", shownBy: "SwapTotal of /proc/meminfo")
    }

    /// mm/vmscan.c, shrink_one(): a group below its `memory.low` is passed over once a round, and taken from after that.
    private static func generations(_ facts: DoctorFacts) -> Finding? {
        guard let ages = facts.agesByGenerations else { return nil }
        let file = "/sys/kernel/mm/lru_gen/enabled"
        guard ages else {
            return Finding(.ok, .lruGen, "memory.low keeps page cache too", shownBy: file)
        }
        return Finding(
            .note, .lruGen, "memory is aged by generations (MGLRU)", shownBy: file,
            consequence:
                "where what runs outside presses hard, memory.low keeps a reservation's own memory, and not all "
                + "of its page cache",
            mend: [
                "berth run --memory-guarantee hard …   # memory.min keeps both",
                "or, for the whole host: echo n | sudo tee \(file)",
            ])
    }

    private static func oomExemption(_ facts: DoctorFacts) -> Finding? {
        guard let adjustment = facts.oomScoreAdjustment else { return nil }
        let file = "/proc/self/oom_score_adj"
        guard adjustment == -1000 else {
            return Finding(
                .ok, .oomExemption, "programs started from here can be stopped at their limit", shownBy: file)
        }
        return Finding(
            .note, .oomExemption, "what is started from here is exempt from the out-of-memory killer (-1000)",
            shownBy: file,
            consequence:
                "a program that has it is never killed at its memory limit and spins there; berth run and berth "
                + "attach raise theirs to 0, a process attached by its number keeps it, and its memory is advisory",
            mend: ["echo 0 > /proc/$$/oom_score_adj"])
    }
}
