internal import BerthModel

/// What the kernel can do, and what its age costs.
enum KernelFindings {
    static func all(_ host: Host, _ facts: DoctorFacts) -> [Finding] {
        [
            pidfd(host, facts), peerPidfd(host, facts),
            ifMissing(
                host, .cgroupKill, .cgroupKill, .note, "cgroup.kill ends a whole group at once",
                "a reservation is ended by freezing its group and killing its processes one by one",
                Mend.newerKernel("5.14")),
            ifMissing(
                host, .cgroupFreeze, .cgroupFreeze, .problem, "cgroup.freeze stops a whole group",
                "a program that forks fast can outrun the end of its reservation", Mend.newerKernel("5.2")),
            exclusiveCPUs(host), pressure(host),
        ].compactMap { $0 }
    }

    /// A finding on a feature: in order where it is there, of a level where it is not, none where that is not known.
    static func ifMissing(
        _ host: Host, _ name: Host.KernelFeature.Name, _ code: Finding.Code, _ level: Finding.Level, _ can: String,
        _ consequence: String, _ mend: [String]
    ) -> Finding? {
        guard let feature = host.kernel.feature(name) else { return nil }
        return feature.isPresent
            ? Finding(.ok, code, can, shownBy: feature.shownBy)
            : Finding(
                level, code, "there is no \(name.rawValue): \(kernel(host))", shownBy: feature.shownBy,
                consequence: consequence, mend: mend)
    }

    private static func kernel(_ host: Host) -> String {
        host.kernel.release.map { "this is Linux \($0)" } ?? "the kernel does not have it"
    }

    private static func pidfd(_ host: Host, _ facts: DoctorFacts) -> Finding? {
        guard let opens = facts.opensProcesses else { return nil }
        return opens
            ? Finding(.ok, .pidfd, "the kernel knows processes by descriptors", shownBy: "pidfd_open(2)")
            : Finding(
                .problem, .pidfd, "the kernel knows no pidfd_open: \(kernel(host))", shownBy: "pidfd_open(2)",
                consequence: "the agent cannot be sure which process it moves, so it attaches none",
                mend: Mend.newerKernel("5.3"))
    }

    private static func peerPidfd(_ host: Host, _ facts: DoctorFacts) -> Finding? {
        guard let opens = facts.opensPeers else { return nil }
        return opens
            ? Finding(.ok, .peerPidfd, "the kernel names callers by descriptor", shownBy: "SO_PEERPIDFD of unix(7)")
            : Finding(
                .note, .peerPidfd, "the kernel names callers by number only: \(kernel(host))",
                shownBy: "SO_PEERPIDFD of unix(7)",
                consequence:
                    "the agent opens the process of that number itself, and refuses one that was started after "
                    + "the call",
                mend: Mend.newerKernel("6.5"))
    }

    private static func exclusiveCPUs(_ host: Host) -> Finding? {
        let features = [host.kernel.feature(.cpusetPartition), host.kernel.feature(.cpusetExclusive)]
        guard let missing = features.first(where: { $0?.isPresent == false }) ?? nil else {
            guard let last = features[1] else { return exclusiveCPUsByVersion(host) }
            return Finding(
                .ok, .exclusiveCPUs, "groups can have CPUs of their own, as partitions", shownBy: last.shownBy)
        }
        return noPartitions(host, shownBy: missing.shownBy)
    }

    private static func noPartitions(_ host: Host, shownBy: String) -> Finding {
        Finding(
            .note, .exclusiveCPUs, "exclusive CPUs cannot be partitions below a slice of systemd's: \(kernel(host))",
            shownBy: shownBy,
            consequence: "exclusive CPUs are advisory: no other reservation runs on them, but programs outside of "
                + "Berth may", mend: Mend.newerKernel("6.7"))
    }

    /// On a host where no group has the controller on, as systemd leaves it, no file shows the feature.
    private static func exclusiveCPUsByVersion(_ host: Host) -> Finding? {
        let file = "/proc/sys/kernel/osrelease"
        guard host.kernel.controllers.contains("cpuset"), let release = host.kernel.release,
            let version = KernelVersion(release: release)
        else { return nil }
        guard version >= KernelVersion(6, 7) else { return noPartitions(host, shownBy: file) }
        return Finding(
            .ok, .exclusiveCPUs, "groups can have CPUs of their own, as partitions: this is Linux \(release)",
            shownBy: file)
    }

    private static func pressure(_ host: Host) -> Finding? {
        ifMissing(
            host, .pressure, .pressure, .note, "the kernel tells pressure (PSI)",
            "contention shows only by throttling and reclaim, and shrinking memory cannot watch what it does to the "
                + "program: it waits for its deadline instead",
            Mend.kernelParameter("psi=1", host))
    }
}
