internal import BerthKernel
internal import BerthModel

/// What the host says of its disks, as far as a plan depends on it. It may change at any time.
struct DiskFacts: Equatable {
    /// The disks that the kernel divides among groups by their weights (io.cost); nil where that cannot be seen.
    var weighed: Set<Host.DeviceNumber>?
    /// Where that is seen and set, by its whole path.
    var costFile = "/sys/fs/cgroup/" + IOCost.file
    /// The disks whose scheduler is bfq, by name: it has weights of its own.
    var bfq: Set<String> = []
    /// Mounted file systems that write back in nobody's name, by the name of the disk that they are on; nil where it is
    /// not known what is mounted.
    var unaccounted: [String: [String]]?

    /// Whether the kernel divides a disk among groups by their weights.
    func weighs(_ disk: Host.DeviceNumber) -> Bool { weighed?.contains(disk) ?? false }
}

extension DiskFacts {
    /// Reads what there is now.
    /// - Parameter disks: the names of those that are meant
    static func read(_ live: Root, disks: [String]) -> DiskFacts {
        let reader = HostReader(root: live)
        let mounts = Mounts.ofHost(reader)
        var facts = DiskFacts()
        facts.unaccounted = mounts.isEmpty ? nil : unaccounted(mounts, disks, reader)
        // The tree can be mounted more than once; only the real root has the file.
        let trees = mounts.filter { $0.type == "cgroup2" }.map(\.mountPoint)
        if let tree = trees.min(by: { $0.utf8.count < $1.utf8.count }) { facts.costFile = "\(tree)/\(IOCost.file)" }
        facts.weighed = reader.contents(String(facts.costFile.dropFirst())).flatMap { try? IOCost.devices(parsing: $0) }
        facts.bfq = Set(
            disks.filter {
                Host.DiskQueue.discover(reader, in: "sys/class/block/\($0.asSysfsName)/queue").scheduler == "bfq"
            })
        return facts
    }

    /// A file system of which nobody knows where it lies may be on every disk.
    private static func unaccounted(
        _ mounts: [Mount], _ disks: [String], _ reader: HostReader
    ) -> [String: [String]] {
        let below = DisksBelow(reader: reader, mounts: mounts)
        var unaccounted: [String: [String]] = [:]
        var seen: Set<Host.DeviceNumber> = []
        for mount in mounts where mount.isUnaccounted {
            // One that is mounted in several places is named once.
            if let number = mount.number, !seen.insert(number).inserted { continue }
            let own = below.disks(of: mount)
            for disk in disks where own?.contains(disk) ?? true {
                unaccounted[disk, default: []].append("\(mount.mountPoint) (\(mount.type))")
            }
        }
        return unaccounted
    }
}
