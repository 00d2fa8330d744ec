package import BerthKernel
internal import Glibc

/// The leaf `holder` of the workloads' scope: whoever is in it keeps the scope alive while nothing else runs there.
///
/// Processes may be in leaves only, or no controller can be switched on above them (cgroup v2, "No Internal Process
/// Constraint"), so nobody stays in the scope's own cgroup.
package struct HolderLeaf: Sendable {
    /// The scope's cgroup, absolute.
    package let group: String
    /// What the leaf is called.
    package static let name = "holder"

    /// - Parameter controlGroup: as systemd names it, `/berth.slice/berth-workloads.scope`
    package init(controlGroup: String) { group = "/sys/fs/cgroup" + controlGroup }

    /// Whether cgroup v2 is mounted where systemd has it, as a file of its root tells. On a host with version 1, or with both,
    /// systemd makes scopes too, and nothing holds them.
    package static var isUnified: Bool { access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 }

    private var path: String { "\(group)/\(HolderLeaf.name)" }

    /// Whether the scope's cgroup is there.
    package var isThere: Bool { access(group, F_OK) == 0 }

    /// Makes the leaf where it is missing.
    package func make() throws(KernelError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw KernelError("make", path, code: errno) }
    }

    /// The processes in the leaf.
    package func holders() throws(KernelError) -> [Int32] { try HolderLeaf.processes(of: path) }

    /// The processes in the scope's own cgroup: those that the scope was made around.
    package func strays() throws(KernelError) -> [Int32] { try HolderLeaf.processes(of: group) }

    /// Moves those who are in the scope's own cgroup into the leaf. One that ends meanwhile is none.
    package func takeIn() throws(KernelError) {
        for process in try strays() {
            let file = try HolderLeaf.open("\(path)/cgroup.procs", O_WRONLY)
            let text = "\(process)"
            guard write(file.number, text, text.utf8.count) >= 0 || errno == ESRCH else {
                throw KernelError("write \"\(text)\" to", "\(path)/cgroup.procs", code: errno)
            }
        }
    }

    private static func processes(of group: String) throws(KernelError) -> [Int32] {
        let root = try Root.live()
        // 0 is a process of another pid namespace.
        return try root.text("\(group.drop { $0 == "/" })/cgroup.procs").split(separator: "\n")
            .compactMap { Int32($0) }.filter { $0 > 0 }
    }

    private static func open(_ path: String, _ flags: Int32) throws(KernelError) -> Descriptor {
        let number = path.withCString { Glibc.open($0, flags | O_CLOEXEC) }
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        return Descriptor(owning: number)
    }
}
