package import BerthKernel
package import BerthModel

/// What the doctor needs to know of a host that its document leaves out. Absent (nil) means unknown.
package struct DoctorFacts: Hashable, Sendable {
    /// The effective user of this process (`/proc/self/status`).
    package var user: UInt32?
    /// How much the out-of-memory killer spares this process, and by inheritance what it starts: -1000 is wholly.
    package var oomScoreAdjustment: Int?
    /// Whether the cgroup v2 tree is mounted read-only.
    package var isReadOnly: Bool?
    /// Where an agent works, or would.
    package var place: CgroupPlace?
    /// The file that limits a group's swap, whether it is there, and where it was looked for.
    package var swapLimit: Host.KernelFeature.Sight?
    /// Whether the kernel ages memory by generations (MGLRU: Documentation/admin-guide/mm/multigen_lru.rst).
    package var agesByGenerations: Bool?
    /// The numbers of the disks for which `io.cost.qos` is on; nil where the file cannot be seen.
    package var costedDisks: Set<Host.DeviceNumber>?
    /// Whether pidfd_open(2) works.
    package var opensProcesses: Bool?
    /// Whether SO_PEERPIDFD works.
    package var opensPeers: Bool?
    /// What could not be read or understood, discovery's and these facts', each a sentence that names the file.
    package var problems: [String] = []

    package init() {}
}

extension Host.KernelFeature {
    /// Whether a file is there, and which.
    package struct Sight: Hashable, Sendable {
        package let isPresent: Bool
        package let path: String

        package init(isPresent: Bool, path: String) {
            self.isPresent = isPresent
            self.path = path
        }
    }
}

extension DoctorFacts {
    /// Reads the facts.
    /// - Parameters:
    ///   - root: the machine itself, or a recorded host
    ///   - host: as discovery read it
    ///   - agent: what was met at the agent's socket; nil where nobody knocked
    package static func discover(_ root: Root, _ host: Host, agent: AgentFacts? = nil) -> DoctorFacts {
        let reader = HostReader(root: root)
        var facts = DoctorFacts()
        facts.readSelf(reader)
        if let mount = host.kernel.cgroupMount {
            let own = Mounts.own(reader).last { $0.type == "cgroup2" && $0.mountPoint == mount }
            facts.isReadOnly = own.map { $0.options.contains("ro") }
            facts.swapLimit = swapLimit(reader, mount: String(mount.dropFirst()))
            facts.costedDisks = costedDisks(reader, "\(mount.dropFirst())/io.cost.qos")
        }
        facts.agesByGenerations = agesByGenerations(reader)
        facts.place = CgroupPlace.find(reader, host, user: facts.user, agent: agent)
        if root.isLive {
            facts.opensProcesses = PidfdSupport.opensProcesses
            facts.opensPeers = PidfdSupport.opensPeers
        } else if let version = host.kernel.release.flatMap(KernelVersion.init(release:)) {
            facts.opensProcesses = version >= KernelVersion(5, 3)
            facts.opensPeers = version >= KernelVersion(6, 5)
        }
        facts.problems = host.problems + reader.problems
        return facts
    }

    private mutating func readSelf(_ reader: HostReader) {
        if let text = reader.contents("proc/self/status"), text.contains("Uid:" as Substring) {
            do throws(ParseError) {
                user = try ProcessStatus(parsing: text).effectiveUser
            } catch {
                reader.noteWrong("proc/self/status", error)
            }
        }
        oomScoreAdjustment = reader.integer("proc/self/oom_score_adj")
    }

    /// How many groups are looked at for one with the memory controller.
    private static let groups = 16

    /// `memory.swap.max` stands beside `memory.current` wherever the kernel counts swap.
    private static func swapLimit(_ reader: HostReader, mount: String) -> Host.KernelFeature.Sight? {
        for group in reader.entries(mount).filter({ $0.kind == .folder }).prefix(groups) {
            let names = Set(reader.names("\(mount)/\(group.name)"))
            guard names.contains("memory.current"), names.contains("cgroup.procs") else { continue }
            return Host.KernelFeature.Sight(
                isPresent: names.contains("memory.swap.max"), path: "/\(mount)/\(group.name)/memory.swap.max")
        }
        return nil
    }

    /// A set of features in hexadecimal, of which the first bit is the main one.
    private static func agesByGenerations(_ reader: HostReader) -> Bool? {
        guard let text = reader.text("sys/kernel/mm/lru_gen/enabled"), text.hasPrefix("0x") else { return nil }
        return UInt32(text.dropFirst(2), radix: 16).map { $0 & 1 == 1 }
    }

    private static func costedDisks(_ reader: HostReader, _ path: String) -> Set<Host.DeviceNumber>? {
        guard let text = reader.contents(path) else { return nil }
        do throws(ParseError) {
            return try IOCost.devices(parsing: text)
        } catch {
            reader.noteWrong(path, error)
            return nil
        }
    }
}
