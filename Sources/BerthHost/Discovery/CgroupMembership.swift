/// Which cgroups the agent itself is in.
struct CgroupMembership: Equatable {
    /// The path in the tree of version 2; nil where it is not known.
    private(set) var v2: String?
    /// The path in each tree of version 1, by controller.
    private(set) var v1: [String: String] = [:]
    /// The path in whichever tree has the cpuset controller, from `/proc/self/cpuset`.
    private(set) var cpuset: String?

    static func discover(_ reader: HostReader) -> CgroupMembership {
        var membership = CgroupMembership()
        reader.contents("proc/self/cgroup")?.forEachLine { line in membership.read(line.text) }
        membership.cpuset = reader.text("proc/self/cpuset").flatMap(usable)
        return membership
    }

    /// `0::/system.slice/berthd.service`, `8:memory:/user.slice`, see cgroups(7).
    private mutating func read(_ line: String) {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, let path = CgroupMembership.usable(String(fields[2])) else { return }
        guard !fields[1].isEmpty else {
            if fields[0] == "0" { v2 = path }
            return
        }
        for controller in fields[1].split(separator: ",") { v1[String(controller)] = path }
    }

    /// The path without the mark of a removed cgroup; nil for what is no path.
    private static func usable(_ path: String) -> String? {
        // A NUL byte would cut the path that is opened.
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? String(path.dropLast(mark.count)) : path
    }
}
