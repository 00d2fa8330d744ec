internal import BerthModel

/// The trees of cgroups that the agent is in.
struct CgroupTrees: Equatable {
    let mode: Host.Limits.CgroupMode?
    /// The agent's own cgroup as `/proc/self` names it: in version 2, else in the tree that says most.
    let group: String?
    /// Its folder, without a leading slash; nil where no mount shows it.
    let folder: String?
    let v2: CgroupPath?
    /// By controller: `cpuset`, `cpu`, `memory`, `pids`.
    let v1: [String: CgroupPath]

    static func discover(_ reader: HostReader) -> CgroupTrees {
        var mounts = CgroupMount.discover(reader)
        let membership = CgroupMembership.discover(reader)
        if !mounts.contains(where: { $0.kind == .v2 || $0.has("cpuset") }) {
            mounts += usual(reader).filter { mounts.isEmpty || $0.has("cpuset") }
        }
        let v2 = mounts.filter { $0.kind == .v2 }
        var v1: [String: CgroupPath] = [:]
        for controller in ["cpuset", "cpu", "memory", "pids"] {
            let own = membership.v1[controller] ?? (controller == "cpuset" ? membership.cpuset : nil)
            v1[controller] = CgroupPath(own: own, mounts: mounts.filter { $0.has(controller) }, reader)
        }
        // `/proc/self/cpuset` names a cgroup of the tree that has the controller.
        let own = membership.v2 ?? (v1["cpuset"] == nil ? membership.cpuset : nil)
        let unified = CgroupPath(own: own, mounts: v2, reader)
        let trees = [
            (own, unified), (membership.v1["memory"], v1["memory"]),
            (membership.v1["cpuset"] ?? membership.cpuset, v1["cpuset"]), (membership.v1["cpu"], v1["cpu"]),
        ]
        let shown = trees.first { own, _ in own != nil }
        return CgroupTrees(
            mode: mode(mounts, membership), group: shown?.0,
            folder: shown?.1.flatMap { $0.showsOwn ? $0.folders.first : nil }, v2: unified, v1: v1)
    }

    /// Where cgroups are mounted by custom; asked only where no mount table says, as in a recording without one.
    private static func usual(_ reader: HostReader) -> [CgroupMount] {
        let top = "sys/fs/cgroup"
        if reader.exists("\(top)/cgroup.controllers") || reader.exists("\(top)/cpuset.cpus.effective") {
            return [CgroupMount(kind: .v2, root: nil, point: top)]
        }
        var mounts = [("cpuset", "cpuset.cpus"), ("cpu", "cpu.cfs_quota_us"), ("memory", "memory.limit_in_bytes")]
            .filter { controller, file in reader.exists("\(top)/\(controller)/\(file)") }
            .map { controller, _ in
                let kind = CgroupMount.Kind.v1(controllers: [controller], noPrefix: false)
                return CgroupMount(kind: kind, root: nil, point: "\(top)/\(controller)")
            }
        if reader.exists("dev/cpuset/cpus") {
            mounts.append(
                CgroupMount(kind: .v1(controllers: ["cpuset"], noPrefix: true), root: nil, point: "dev/cpuset"))
        }
        return mounts
    }

    private static func mode(_ mounts: [CgroupMount], _ membership: CgroupMembership) -> Host.Limits.CgroupMode? {
        let hasV2 = mounts.contains { $0.kind == .v2 } || (mounts.isEmpty && membership.v2 != nil)
        let hasV1 = mounts.contains { $0.kind != .v2 }
        return hasV2 && hasV1 ? .hybrid : hasV2 ? .v2 : hasV1 ? .v1 : nil
    }
}

extension CgroupMount {
    /// Whether this is the version 1 tree of a controller.
    fileprivate func has(_ controller: String) -> Bool {
        if case .v1(let controllers, _) = kind { controllers.contains(controller) } else { false }
    }
}
