internal import BerthModel

/// What holds disks, and what does not.
enum StorageFindings {
    static func all(_ host: Host, _ facts: DoctorFacts) -> [Finding] {
        [ioWeight(host, facts), writeback(host)].compactMap { $0 }
    }

    /// How many disks are named in a command; the others go the same way.
    private static let shownDisks = 4

    private static func ioWeight(_ host: Host, _ facts: DoctorFacts) -> Finding? {
        // Without the controller there is nothing to weigh, and another finding says so.
        guard let mount = host.kernel.cgroupMount, host.kernel.controllers.contains("io") else { return nil }
        let file = "\(mount)/io.cost.qos"
        let effect = "shares of a disk (io.weight) are advisory; ceilings (io.max) are held all the same"
        guard let costed = facts.costedDisks else {
            if host.kernel.feature(.cgroupNamespace)?.isPresent ?? false {
                return Finding(
                    .note, .ioWeight, "io.cost.qos is at the real root and cannot be seen from here", shownBy: file,
                    consequence: "whether shares of a disk (io.weight) work is not known")
            }
            guard host.kernel.feature(.ioCost)?.isPresent == false else { return nil }
            return Finding(
                .note, .ioWeight, "the kernel was built without io.cost (CONFIG_BLK_CGROUP_IOCOST)", shownBy: file,
                consequence: effect, mend: ["boot a kernel that was built with it; Debian's and Fedora's are"])
        }
        let disks = host.storage.disks.filter { disk in disk.number.map { !costed.contains($0) } ?? false }
        guard !disks.isEmpty else {
            guard !costed.isEmpty else { return nil }
            return Finding(.ok, .ioWeight, "shares of every disk (io.weight) work", shownBy: file)
        }
        let names = disks.map(\.name).joined(separator: " ")
        return Finding(
            .note, .ioWeight, "io.cost.qos is off for \(names), as is usual", shownBy: file,
            consequence: effect + ". Switching it on is a choice for the whole host: the kernel then meters and delays "
                + "the input and output of every program by its group's weight, Berth's or not",
            mend: disks.prefix(shownDisks).compactMap { disk in
                disk.number.map { "echo '\($0) enable=1 ctrl=auto' | sudo tee \(file)" }
            })
    }

    private static func writeback(_ host: Host) -> Finding? {
        // An overlay writes to the file system below it, which does or does not.
        let written = host.filesystems.filter { !$0.readOnly && $0.type != "overlay" }
        guard !written.isEmpty else { return nil }
        let others = written.filter { !CgroupWriteback.isDone(by: $0.type) }
        let table = "/proc/1/mountinfo"
        guard !others.isEmpty else {
            return Finding(.ok, .cgroupWriteback, "every file system writes back by group", shownBy: table)
        }
        let names = others.map { "\($0.mountPoint) (\($0.type))" }.joined(separator: ", ")
        return Finding(
            .note, .cgroupWriteback, "these file systems do not write back by group: \(names)", shownBy: table,
            consequence: "limits on writing hold direct writes there, and buffered ones only as advice: the kernel "
                + "writes those later in nobody's name; what another machine serves goes to no disk of this host",
            mend: ["keep what is to be limited on ext4, xfs, btrfs or f2fs, or write with O_DIRECT"])
    }
}
