internal import BerthModel

/// The CPUs or memory nodes that the cpuset controller leaves the agent.
struct AllowedSet {
    /// The set and the file that sets it: that of the outermost ancestor with this very set.
    let limit: Host.Limits.Bound<CPUSet>?
    /// The process's own set, from its status: what the cpuset leaves of its affinity.
    private let own: Host.Limits.Bound<CPUSet>?

    /// Reads the effective set of the agent's own cgroup, or of the nearest ancestor that has one.
    ///
    /// The kernel has cut that set by all ancestors' already. Cutting it again would be wrong: a partition takes its
    /// CPUs out of its parent's effective set.
    /// - Parameters:
    ///   - suffix: `cpus` or `mems`
    ///   - own: the process's own set, from its status, and what to call it
    init(_ trees: CgroupTrees, _ reader: HostReader, suffix: String, own: Host.Limits.Bound<CPUSet>?) {
        var limit: Host.Limits.Bound<CPUSet>?
        // The tree of version 1 comes first: where there is one, the controller is in it.
        for path in [trees.v1["cpuset"], trees.v2].compactMap({ $0 }) where limit == nil {
            let isV1 = path == trees.v1["cpuset"]
            let prefix = path.noPrefix ? "" : "cpuset."
            let names =
                isV1 ? ["\(prefix)effective_\(suffix)", "\(prefix)\(suffix)"] : ["cpuset.\(suffix).effective"]
            for folder in path.folders {
                guard let (file, set) = AllowedSet.first(names, in: folder, reader) else { continue }
                guard limit == nil || limit?.value == set else { break }
                limit = Host.Limits.Bound(set, by: "/\(file)")
            }
        }
        self.limit = limit
        self.own = own
    }

    private static func first(_ names: [String], in folder: String, _ reader: HostReader) -> (String, CPUSet)? {
        for name in names {
            let file = "\(folder)/\(name)"
            if let set = reader.list(file).nonEmpty { return (file, set) }
        }
        return nil
    }

    /// What is left of what the host has.
    /// - Parameter all: what the host has; nil where that is not known
    func left(of all: CPUSet?, _ reader: HostReader) -> Host.Limits.Bound<CPUSet>? {
        var left = all
        var by: [String] = []
        for bound in [limit, own].compactMap({ $0 }) {
            let narrowed = left?.intersection(bound.value) ?? bound.value
            if narrowed != left { by.append(bound.by) }
            left = narrowed
        }
        guard let left else { return nil }
        if left.isEmpty, let all {
            // Nothing runs nowhere: a recording that was put together from several machines.
            reader.note("what the agent is allowed, \(by.joined(separator: " and ")), is not among \(all) of the host")
            return Host.Limits.Bound(all, by: "host")
        }
        return Host.Limits.Bound(left, by: by.isEmpty ? "host" : by.joined(separator: " and "))
    }
}
