internal import BerthModel

/// The cgroup tree: which version, whether groups can be made, which controllers there are.
enum CgroupFindings {
    static func all(_ host: Host, _ facts: DoctorFacts) -> [Finding] {
        [version(host)] + [writable(host, facts)].compactMap { $0 } + ControllerFindings.all(host, facts)
            + [dynamicModification(host)].compactMap { $0 }
    }

    private static func version(_ host: Host) -> Finding {
        let mount = host.kernel.cgroupMount ?? "nowhere"
        let hasSystemd = host.kernel.has(.systemd)
        let parameter = hasSystemd ? "systemd.unified_cgroup_hierarchy=1" : "cgroup_no_v1=all"
        let mend = Mend.kernelParameter(parameter, host)
        let table = "/proc/self/mountinfo"
        switch host.limits.cgroup {
        case .v2: return Finding(.ok, .cgroupVersion, "cgroup v2 is mounted at \(mount)", shownBy: table)
        case .hybrid:
            return Finding(
                .problem, .cgroupVersion, "cgroup v1 and v2 are mounted both (hybrid)", shownBy: table,
                consequence: "a controller that a v1 tree has is missing in v2, the only one that Berth works in: what "
                    + "needs it is not held", mend: mend)
        case .v1:
            return Finding(
                .problem, .cgroupVersion, "only cgroup v1 is mounted", shownBy: table,
                consequence: "Berth works in cgroup v2 alone: it counts what is reserved here and holds nothing to it",
                mend: mend)
        case nil where host.kernel.feature(.cgroup2) == nil:
            return Finding(
                .note, .cgroupVersion, "which cgroup trees are mounted cannot be told", shownBy: table,
                consequence: "whether anything is held is not known",
                mend: [
                    "on the host itself: berth doctor; of a recording, record it again: berth host --record FILE.tar.gz"
                ])
        case nil:
            return Finding(
                .problem, .cgroupVersion, "no cgroup tree can be seen", shownBy: table,
                consequence: "nothing that is reserved is held",
                mend: host.kernel.container == nil
                    ? ["sudo mkdir -p /sys/fs/cgroup && sudo mount -t cgroup2 cgroup2 /sys/fs/cgroup"] : Mend.container)
        }
    }

    private static func writable(_ host: Host, _ facts: DoctorFacts) -> Finding? {
        let isContained = host.kernel.container != nil
        if facts.isReadOnly == true {
            return Finding(
                .problem, .cgroupWritable, "\(host.kernel.cgroupMount ?? "the cgroup tree") is mounted read-only",
                shownBy: "/proc/self/mountinfo", consequence: "no group can be made, so nothing is held",
                mend: isContained ? Mend.container : Mend.remount("rw", host))
        }
        guard let place = facts.place else { return nil }
        if let refusal = place.refusal {
            return Finding(
                .problem, .cgroupWritable, "no group can be made in \(place.folder): \(refusal)",
                shownBy: "\(place.folder)/cgroup.subtree_control", consequence: "nothing that is reserved is held",
                mend: isContained
                    ? Mend.container
                    : place.kind == .userManager
                        ? Mend.delegation : ["run the agent as root: \(Mend.start(host))"])
        }
        guard facts.isReadOnly == false else { return nil }
        return Finding(.ok, .cgroupWritable, "the tree is mounted to be written", shownBy: "/proc/self/mountinfo")
    }

    /// The price is that of a reader of a semaphore whose writers go first: every fork, exec and exit is one.
    private static func dynamicModification(_ host: Host) -> Finding? {
        guard let feature = host.kernel.feature(.favorDynamicModification) else { return nil }
        if feature.isPresent {
            return Finding(
                .note, .favorDynamicModification, "the tree is mounted with favordynmods", shownBy: feature.shownBy,
                consequence: "moving a process into its group is quick, and every fork, exec and exit on this host is "
                    + "slower, for each passes a lock that then takes its slow path",
                mend: ["to undo it: " + (Mend.remount("nofavordynmods", host).first ?? "")])
        }
        return Finding(
            .note, .favorDynamicModification, "the tree is mounted without favordynmods, as is usual",
            shownBy: feature.shownBy,
            consequence: "the first move of a process into a group after a pause waits for all CPUs (an RCU grace "
                + "period, some 20 ms), which berth run pays once. With it moving takes under 1 ms, and every fork, "
                + "exec and exit on the whole host is slower: worth it for many short runs, not for fork-heavy work",
            mend: ["if that is worth it (Linux 6.0 or later): " + (Mend.remount("favordynmods", host).first ?? "")])
    }
}
