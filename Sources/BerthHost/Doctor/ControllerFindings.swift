internal import BerthModel

/// The controllers: each holds one resource type, where it reaches the place that the agent works in.
enum ControllerFindings {
    private static let controllers: [(name: String, code: Finding.Code, consequence: String)] = [
        ("cpu", .controllerCPU, "shared CPU time is neither held to its ceiling nor kept for its holder"),
        (
            "cpuset", .controllerCPUSet,
            "exclusive CPUs are advisory: berth run sets the affinity it was granted itself, which a program can change"
        ),
        (
            "memory", .controllerMemory,
            "memory is neither limited nor protected: one program can take that of all, and buffered writes are not held"
        ),
        ("io", .controllerIO, "rates of disks are not held, nor shares of them"),
        ("pids", .controllerPids, "numbers of processes are not held: a fork bomb takes the whole host"),
    ]

    /// One finding a controller; none where the file that tells cannot be read.
    static func all(_ host: Host, _ facts: DoctorFacts) -> [Finding] {
        if host.limits.cgroup == .v1, host.kernel.cgroupMount == nil {
            return controllers.map { missingInVersion1($0.name, $0.code, $0.consequence, host) }
        }
        guard let place = facts.place, let there = place.controllers else { return [] }
        return controllers.map { name, code, consequence in
            guard there.contains(name) else { return missing(name, code, consequence, place, host) }
            // A running agent has switched on what it could; elsewhere that is still to come.
            if place.kind == .agent, let delegated = place.delegated, !delegated.contains(name) {
                return Finding(
                    .problem, code, "the controller \(name) is not switched on below \(place.folder)",
                    shownBy: "\(place.folder)/cgroup.subtree_control", consequence: consequence,
                    mend: [Mend.restart(host), "if it stays off: \(Mend.log(host)) says why"])
            }
            return Finding(.ok, code, "the controller \(name) reaches \(place.folder)", shownBy: place.controllersFile)
        }
    }

    private static func missingInVersion1(
        _ name: String, _ code: Finding.Code, _ consequence: String, _ host: Host
    ) -> Finding {
        Finding(
            .problem, code, "the controller \(name) is in no cgroup v2 tree", shownBy: "/proc/self/mountinfo",
            consequence: consequence, mend: versionMend(host))
    }

    private static func missing(
        _ name: String, _ code: Finding.Code, _ consequence: String, _ place: CgroupPlace, _ host: Host
    ) -> Finding {
        let isAtTop = host.kernel.controllers.contains(name)
        // systemd gives a user's manager cpu, memory and pids unless told otherwise: that is no defect.
        let isUsual = place.kind == .userManager && isAtTop && ["cpuset", "io"].contains(name)
        let found =
            isAtTop
            ? "the controller \(name) is not delegated to \(place.folder)"
            : "the kernel has no controller \(name) in its cgroup v2 tree"
        let top = host.kernel.cgroupMount.map { "\($0)/cgroup.controllers" }
        return Finding(
            isUsual ? .note : .problem, code, found, shownBy: isAtTop ? place.controllersFile : top,
            consequence: consequence, mend: mend(name, place, host, isAtTop: isAtTop))
    }

    private static func mend(_ name: String, _ place: CgroupPlace, _ host: Host, isAtTop: Bool) -> [String] {
        if isAtTop {
            switch place.kind {
            case .userManager: return Mend.delegation
            case .own: return Mend.container
            case .agent, .top:
                let parent = place.folder.split(separator: "/").dropLast().joined(separator: "/")
                return ["echo +\(name) | sudo tee /\(parent)/cgroup.subtree_control, and so for every group above it"]
            }
        }
        if host.limits.cgroup == .hybrid { return versionMend(host) }
        if host.kernel.has(.cgroupNamespace) { return Mend.container }
        // Raspberry Pi's firmware switches memory off, and so may whoever configured the boot loader.
        if name == "memory" { return Mend.kernelParameter("cgroup_enable=memory", host) }
        return ["take cgroup_disable=\(name) off the kernel's command line, or boot a kernel that was built with it"]
    }

    private static func versionMend(_ host: Host) -> [String] {
        let parameter = host.kernel.has(.systemd) ? "systemd.unified_cgroup_hierarchy=1" : "cgroup_no_v1=all"
        return Mend.kernelParameter(parameter, host)
    }
}
