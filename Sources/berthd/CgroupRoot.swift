internal import BerthHost
internal import Glibc

/// Where the agent makes the cgroups of reservations: what `--cgroup-root` says.
enum CgroupRoot: Hashable, Sendable {
    /// Nowhere: nothing is enforced, and receipts say why.
    case none(reason: String)
    /// In a cgroup that whoever started the agent has made for it.
    case folder(String)
    /// In a scope that systemd makes.
    case scope(BusKind)

    /// - Parameters:
    ///   - option: `--cgroup-root`, if it was given
    ///   - hostRoot: `--host-root`, if it was given
    ///   - isUnified: whether systemd's cgroups are those of version 2, as far as one can tell
    init(option: String?, hostRoot: String?, isUnified: Bool = HolderLeaf.isUnified) {
        switch (option, hostRoot) {
        case (_, .some): self = .none(reason: "the agent runs on a recorded host, with --host-root")
        case ("none", nil): self = .none(reason: "the agent runs with --cgroup-root none")
        case (.some(let folder), nil): self = .folder(folder)
        case (nil, nil) where !isUnified:
            self = .none(
                reason: "cgroup v2 is not mounted at /sys/fs/cgroup: boot with systemd.unified_cgroup_hierarchy=1")
        case (nil, nil): self = .scope(geteuid() == 0 ? .system : .user)
        }
    }
}
