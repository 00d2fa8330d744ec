internal import BerthKernel
internal import Glibc

/// A plugin's own folder, and by who it belongs to the user that the plugin runs as: it stays over restarts, and with it
/// the user.
struct PluginHome {
    let path: String
    /// Nil for whoever runs this.
    let user: UInt32?

    /// The most bytes that the folder may have, and files: it is for notes.
    private static let bytes: Int64 = 64 << 20
    private static let files: UInt64 = 16_384

    /// Makes the folder where it is missing.
    /// - Parameters:
    ///   - folder: where all plugins have theirs
    ///   - users: those to choose from; nil for whoever runs this
    init(_ name: String, in folder: String, users: ClosedRange<UInt32>?) throws(KernelError) {
        try PluginHome.make(folder, mode: 0o711)
        // systemd makes it for the agent alone, and its plugins must get through.
        guard chmod(folder, 0o711) == 0 else { throw KernelError("open up", folder, code: errno) }
        path = "\(folder)/\(name)"
        guard let users else {
            try PluginHome.make(path, mode: 0o700)
            user = nil
            return
        }
        if let owner = PluginHome.owner(path), users.contains(owner) {
            user = owner
            return
        }
        var taken: Set<UInt32> = []
        for name in try Root.names(inFolder: folder) {
            if let owner = PluginHome.owner("\(folder)/\(name)") { taken.insert(owner) }
        }
        guard let free = users.first(where: { !taken.contains($0) }) else {
            throw KernelError("find a user for", path, code: EUSERS)
        }
        try PluginHome.make(path, mode: 0o700)
        guard chown(path, free, free) == 0 else { throw KernelError("give user \(free)", path, code: errno) }
        user = free
    }

    /// Holds the folder to a size as far as its file system can: what a plugin fills up, the ledger lies on as well.
    /// - Returns: why nothing does; nil where it is held
    func bound() -> String? {
        guard let user else { return "it has no user of its own, by which its files could be counted" }
        guard let project = ProjectQuota(ofUser: user) else {
            return "its user \(user) has no project, by which its files could be counted"
        }
        do throws(KernelError) {
            let number = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard number >= 0 else { throw KernelError("open", path, code: errno) }
            let folder = Descriptor(owning: number)
            guard try ProjectQuota.areHeld(at: folder, path) else { return ProjectQuota.unheld(path) }
            try project.limit(to: PluginHome.bytes, files: PluginHome.files, at: folder, path)
            try project.take(folder, path, as: user)
            return nil
        } catch {
            return ProjectQuota.reason(error)
        }
    }

    private static func make(_ path: String, mode: mode_t) throws(KernelError) {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw KernelError("make", path, code: errno) }
    }

    private static func owner(_ path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR ? status.st_uid : nil
    }
}
