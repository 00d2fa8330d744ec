internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The group below which an agent makes its own, or would.
package struct CgroupPlace: Hashable, Sendable {
    /// How it was found.
    package enum Kind: Hashable, Sendable {
        /// A running agent works there.
        case agent
        /// The top of the tree, where systemd makes `berth.slice`.
        case top
        /// The subtree that systemd delegates to an ordinary user's manager.
        case userManager
        /// The group that this process itself is in.
        case own
    }

    package let kind: Kind
    /// The folder, with a leading slash.
    package let folder: String
    /// The controllers that can be switched on there (`cgroup.controllers`); nil where that cannot be read.
    package let controllers: [String]?
    /// The controllers that are on for the groups below (`cgroup.subtree_control`); nil where that cannot be read.
    package let delegated: [String]?
    /// Why groups cannot be made there, as the kernel answers; nil where they can, and where nobody asked.
    package let refusal: String?

    package init(
        kind: Kind, folder: String, controllers: [String]?, delegated: [String]? = nil, refusal: String? = nil
    ) {
        self.kind = kind
        self.folder = folder
        self.controllers = controllers
        self.delegated = delegated
        self.refusal = refusal
    }

    /// The file that names the controllers.
    var controllersFile: String { "\(folder)/cgroup.controllers" }
}

extension CgroupPlace {
    /// Looks where an agent works, or where one of this user would.
    /// - Parameters:
    ///   - user: the user that asks, where it is known
    ///   - agent: what was met at the agent's socket
    /// - Returns: nil where no cgroup v2 tree can be seen
    static func find(_ reader: HostReader, _ host: Host, user: UInt32?, agent: AgentFacts?) -> CgroupPlace? {
        if case .folder(let folder)? = agent?.process?.root { return CgroupPlace(.agent, folder, reader, asks: false) }
        guard let mount = host.kernel.cgroupMount else { return nil }
        let owner = agent?.user ?? user ?? 0
        if owner != 0 {
            let manager = "\(mount)/user.slice/user-\(owner).slice/user@\(owner).service"
            guard reader.exists(String(manager.dropFirst())) else { return nil }
            return CgroupPlace(.userManager, manager, reader, asks: owner == user)
        }
        let isOwn = !host.kernel.has(.systemd) && host.kernel.container != nil && host.limits.cgroup == .v2
        let folder = isOwn ? host.limits.groupFolder ?? mount : mount
        return CgroupPlace(isOwn ? .own : .top, folder, reader, asks: user == 0)
    }

    /// - Parameter asks: whether to ask the kernel if groups can be made there
    private init(_ kind: Kind, _ folder: String, _ reader: HostReader, asks: Bool) {
        let path = String(folder.drop { $0 == "/" })
        func words(_ file: String) -> [String]? {
            reader.text("\(path)/\(file)")?.split(whereSeparator: \.isWhitespace).map(String.init)
        }
        self.init(
            kind: kind, folder: folder, controllers: words("cgroup.controllers"),
            delegated: words("cgroup.subtree_control"),
            refusal: asks && reader.root.isLive ? CgroupPlace.refusal(of: path, reader) : nil)
    }

    /// Opening for writing changes nothing, and the kernel answers as it would to a write.
    private static func refusal(of path: String, _ reader: HostReader) -> String? {
        do throws(KernelError) {
            _ = try reader.root.open("\(path)/cgroup.subtree_control", flags: O_WRONLY)
            return nil
        } catch {
            return error.saysAbsent ? nil : errorName(error.code)
        }
    }
}

extension Host.Kernel {
    /// Whether a feature is known to be there.
    func has(_ name: Host.KernelFeature.Name) -> Bool { feature(name)?.isPresent ?? false }

    /// A feature; nil where it cannot be told.
    func feature(_ name: Host.KernelFeature.Name) -> Host.KernelFeature? { features.first { $0.name == name } }
}
