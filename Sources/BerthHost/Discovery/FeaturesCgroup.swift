internal import BerthKernel
internal import BerthModel

/// What can be seen of the cgroup v2 tree: Documentation/admin-guide/cgroup-v2.rst.
///
/// Most files exist only below the root, and those of a controller only where it is switched on. So a few groups are
/// looked at; where none has the controller nothing is known.
struct CgroupTree {
    /// Where it is mounted; nil for nowhere.
    private(set) var mountPoint: String?
    /// The mount's options that matter.
    private(set) var options: [String] = []
    private(set) var controllers: [String] = []
    private(set) var features: [Host.KernelFeature] = []

    /// How many groups are looked at. On a host with systemd the first few have every controller that is in use.
    private static let groups = 16

    init(_ reader: HostReader, _ mounts: [Mount]) {
        let trees = mounts.filter { $0.type == "cgroup2" }
        let mount = trees.last { $0.mountPoint == "/sys/fs/cgroup" } ?? trees.first
        let folder = mount.map { String($0.mountPoint.drop { $0 == "/" }) } ?? "sys/fs/cgroup"
        let file = "\(folder)/cgroup.controllers"
        guard let text = reader.text(file) else {
            // Mounted elsewhere than the table says, or hidden: unknown.
            if mount == nil, !mounts.isEmpty { add(.cgroup2, false, shownBy: "cgroup2 in /proc/self/mountinfo") }
            return
        }
        mountPoint = "/\(folder)"
        controllers = text.split(whereSeparator: \.isWhitespace).map(String.init)
        add(.cgroup2, true, shownBy: "/\(file)")
        if let mount { readOptions(mount) }
        let entries = reader.entries(folder)
        readRoot(folder, Set(entries.map(\.name)))
        readGroups(reader, folder, entries.filter { $0.kind == .folder }.prefix(CgroupTree.groups).map(\.name))
    }

    private mutating func add(_ name: Host.KernelFeature.Name, _ isPresent: Bool, shownBy path: String) {
        features.append(Host.KernelFeature(name, isPresent: isPresent, shownBy: path))
    }

    private mutating func readOptions(_ mount: Mount) {
        let known = ["nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot", "pids_localevents"]
        options = known.filter { mount.options.contains($0) }
        for name in [Host.KernelFeature.Name.favorDynamicModification, .recursiveProtection] {
            add(name, mount.options.contains(name.rawValue), shownBy: "mount option \(name.rawValue)")
        }
    }

    /// Every group but the real root has `cgroup.events`.
    private mutating func readRoot(_ folder: String, _ names: Set<String>) {
        guard names.contains("cgroup.procs") else { return }
        let isNamespace = names.contains("cgroup.events")
        add(.cgroupNamespace, isNamespace, shownBy: "/\(folder)/cgroup.events")
        let hasCost = names.contains("io.cost.qos")
        if hasCost || (!isNamespace && controllers.contains("io")) {
            add(.ioCost, hasCost, shownBy: "/\(folder)/io.cost.qos")
        }
    }

    private mutating func readGroups(_ reader: HostReader, _ folder: String, _ groups: [String]) {
        // The file that shows a feature, and one that stands beside it in every kernel.
        var wanted: [(Host.KernelFeature.Name, file: String, beside: String)] = [
            (.cgroupKill, "cgroup.kill", "cgroup.procs"), (.cgroupFreeze, "cgroup.freeze", "cgroup.procs"),
            (.cgroupPressure, "cpu.pressure", "cgroup.procs"),
            (.cpusetPartition, "cpuset.cpus.partition", "cpuset.cpus"),
            (.cpusetExclusive, "cpuset.cpus.exclusive", "cpuset.cpus"),
            (.memoryReclaim, "memory.reclaim", "memory.current"), (.memoryPeak, "memory.peak", "memory.current"),
        ]
        for group in groups where !wanted.isEmpty {
            let names = Set(reader.names("\(folder)/\(group)"))
            // A recording of a few files of a group shows nothing of the others.
            guard names.contains("cgroup.procs") else { continue }
            for (name, file, beside) in wanted where names.contains(beside) {
                add(name, names.contains(file), shownBy: "/\(folder)/\(group)/\(file)")
            }
            wanted.removeAll { names.contains($0.beside) }
        }
    }
}
