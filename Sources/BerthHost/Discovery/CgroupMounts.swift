/// One mount of a cgroup file system.
struct CgroupMount: Equatable {
    /// Which file system: the one tree of version 2, a tree of version 1 with its controllers, or the cpuset file
    /// system from before cgroups, whose files have no prefix (also `cgroup` with `noprefix`).
    enum Kind: Equatable {
        case v2
        case v1(controllers: Set<String>, noPrefix: Bool)
    }

    let kind: Kind
    /// The cgroup that is seen at ``point``, as mountinfo tells; nil where only a table without it could be read.
    let root: String?
    /// The mount point, without a leading slash.
    let point: String
}

extension CgroupMount {
    /// The cgroup file systems that the agent itself sees mounted.
    static func discover(_ reader: HostReader) -> [CgroupMount] { Mounts.own(reader).compactMap(CgroupMount.init) }

    /// - Returns: nil for any other file system
    init?(_ mount: Mount) {
        switch mount.type {
        case "cgroup2": kind = .v2
        case "cgroup":
            // `name=systemd` alone is a tree for bookkeeping that limits nothing.
            let controllers = mount.options.intersection(CgroupMount.controllers)
            guard !controllers.isEmpty else { return nil }
            kind = .v1(controllers: controllers, noPrefix: mount.options.contains("noprefix"))
        case "cpuset": kind = .v1(controllers: ["cpuset"], noPrefix: true)
        default: return nil
        }
        // A NUL byte would cut the path that is opened.
        guard mount.mountPoint.hasPrefix("/"), !mount.mountPoint.utf8.contains(0) else { return nil }
        root = mount.root
        point = String(mount.mountPoint.drop { $0 == "/" })
    }

    private static let controllers: Set<String> = [
        "blkio", "cpu", "cpuacct", "cpuset", "devices", "freezer", "hugetlb", "memory", "misc", "net_cls", "net_prio",
        "perf_event", "pids", "rdma",
    ]
}
