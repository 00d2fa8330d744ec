internal import BerthModel

/// Where the agent's own cgroup and its ancestors can be seen.
struct CgroupPath: Equatable {
    /// Their folders without a leading slash, the agent's own first, the root that can be seen last; never empty.
    let folders: [String]
    /// Whether the first is known to be the agent's own: else only ancestors can be seen.
    let showsOwn: Bool
    /// Whether the files have no prefix: `cpus`, not `cpuset.cpus`.
    let noPrefix: Bool

    /// More levels than any real tree has; every level is asked for every limit.
    private static let mostLevels = 64

    /// - Parameters:
    ///   - own: the agent's own cgroup as `/proc/self/cgroup` names it; nil where that is not known
    ///   - mounts: the mounts of one tree
    /// - Returns: nil without a mount; of several mounts the one that shows the most ancestors
    init?(own: String?, mounts: [CgroupMount], _ reader: HostReader) {
        let places = mounts.map { Place(own: own, mount: $0, reader) }
        guard let place = places.max(by: { $0.rank < $1.rank }) else { return nil }
        var parts = place.below
        if parts.count > CgroupPath.mostLevels {
            reader.note("/proc/self/cgroup: only the first \(CgroupPath.mostLevels) levels of a cgroup are looked at")
            parts = parts.prefix(CgroupPath.mostLevels)
        }
        folders = (0...parts.count).reversed().map { depth in
            ([Substring(place.mount.point)] + parts.prefix(depth)).joined(separator: "/")
        }
        showsOwn = place.isCertain
        if case .v1(_, let noPrefix) = place.mount.kind { self.noPrefix = noPrefix } else { noPrefix = false }
    }

    /// A mount, and where below it the agent's own cgroup is.
    private struct Place {
        let mount: CgroupMount
        let below: ArraySlice<Substring>
        let isCertain: Bool

        /// In a container the mount may show only a part of the tree (a bind mount, or another cgroup namespace): its
        /// root as mountinfo names it is then cut off the agent's own path. `/..` is the part that a namespace hides.
        init(own: String?, mount: CgroupMount, _ reader: HostReader) {
            self.mount = mount
            guard let own else {
                (below, isCertain) = ([], false)
                return
            }
            let parts = own.split(separator: "/")
            let root = mount.root?.split(separator: "/") ?? []
            if mount.root != nil, parts.starts(with: root), !parts.dropFirst(root.count).contains("..") {
                (below, isCertain) = (parts.dropFirst(root.count), true)
            } else if !parts.contains(".."), !parts.isEmpty,
                reader.exists("\(mount.point)/\(parts.joined(separator: "/"))")
            {
                (below, isCertain) = (parts[...], true)
            } else {
                (below, isCertain) = ([], parts.isEmpty && mount.root == nil)
            }
        }

        /// Certainty first, then the number of ancestors.
        var rank: (Int, Int) { (isCertain ? 1 : 0, below.count) }
    }
}
