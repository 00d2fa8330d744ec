package import BerthKernel
package import BerthModel
internal import Glibc

/// Gives folders that plugins have made to the users of reservations, with a size, and takes them back, empty.
///
/// The plugin makes an empty folder below its own one and opens the way there, and removes it in the end; all between takes
/// privileges, which it does not have. On a thread of its own, for a folder with much in it takes its time to empty.
package actor FolderKeeper {
    private let thread: KernelThread
    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    package init(thread: KernelThread) { self.thread = thread }

    /// Who may have folders on the way, and the folder itself.
    struct Owners: Sendable {
        /// The user of the plugin.
        let plugin: UInt32
        /// The user of the reservation.
        let reservation: UInt32
    }

    /// Gives a folder to a user, alone, and holds it to a size as far as its file system can. The same again changes
    /// nothing but the size.
    /// - Parameter former: what came of it the last time. The folder itself cannot say: who owns it can change that.
    /// - Returns: what came of it
    /// - Throws: where the folder is not as it has to be, or cannot be given
    func give(
        _ path: FolderPath, in home: String, bytes: Int64, to owners: Owners, former: SizedFolder?
    ) throws(KernelError) -> SizedFolder {
        let name = path.names.joined(separator: "/")
        let shown = "\(home)/\(name)"
        let parent = try path.openParent(in: home) { (folder, path) throws(KernelError) in
            try FolderKeeper.check(folder, path, owners)
        }
        let folder = try path.open(in: parent, below: home)
        let status = try FolderKeeper.status(folder, shown)
        guard status.st_uid == owners.plugin || status.st_uid == owners.reservation else {
            throw KernelError("give away, as it is user \(status.st_uid)'s,", shown, code: EPERM)
        }
        var sized = SizedFolder(home: home, name: name, bytes: bytes)
        do throws(KernelError) {
            let former = former?.project.flatMap { ProjectQuota(noted: $0) }
            if try ProjectQuota.areHeld(at: folder, shown) {
                let project = try FolderKeeper.limit(folder, shown, to: bytes, former, owners)
                (sized.project, sized.bytes) = (Int64(project.number), project.bytes)
                sized.doubt = FolderKeeper.doubt(owners.reservation)
            } else {
                sized.doubt = ProjectQuota.unheld(shown)
            }
        } catch {
            sized.doubt = ProjectQuota.reason(error)
            if let former, former.project != nil {
                (sized.project, sized.bytes) = (former.project, former.bytes)
            } else if ProjectQuota.isCounted(folder) {
                // It was made in the plugin's project, under which what is the user's must not be counted.
                try FolderKeeper.own(folder, shown, geteuid(), owners)
                try ProjectQuota.leave(folder, shown)
            }
        }
        try FolderKeeper.own(folder, shown, owners.reservation, owners)
        return sized
    }

    /// Empties a folder, gives its project back, and the folder to its plugin again. Where there is none, nothing is done.
    package func takeBack(_ sized: SizedFolder) throws(KernelError) {
        guard let path = FolderPath(sized.name) else { return }
        let shown = "\(sized.home)/\(sized.name)"
        do throws(KernelError) {
            let parent = try path.openParent(in: sized.home)
            let folder = try FolderRemoval.empty(path.names[path.names.count - 1], in: parent, shown)
            if let project = sized.project.flatMap({ ProjectQuota(noted: $0) }) {
                try ProjectQuota.leave(folder, shown)
                try project.limit(to: 0, at: folder, shown)
            }
            // Whoever has the folder that it lies in can remove it, which the agent cannot.
            let plugin = try FolderKeeper.status(parent, sized.home).st_uid
            guard fchown(folder.number, plugin, gid_t.max) == 0 else {
                throw KernelError("give user \(plugin)", shown, code: errno)
            }
        } catch {
            guard error.code == ENOENT else { throw error }
        }
    }
}

extension FolderKeeper {
    private static func status(_ folder: borrowing Descriptor, _ path: String) throws(KernelError) -> stat {
        var status = stat()
        guard fstat(folder.number, &status) == 0 else { throw KernelError("look at", path, code: errno) }
        return status
    }

    /// Whether a folder may be on the way: nobody but the plugin can move what lies in it, and everybody comes through.
    private static func check(
        _ folder: borrowing Descriptor, _ path: String, _ owners: Owners
    ) throws(KernelError) {
        let status = try status(folder, path)
        guard status.st_uid == owners.plugin else {
            throw KernelError("pass, as it is user \(status.st_uid)'s and not the plugin's,", path, code: EPERM)
        }
        guard owners.plugin == owners.reservation || status.st_mode & 0o001 != 0 else {
            throw KernelError(
                "let user \(owners.reservation) through, as the plugin keeps it closed,", path, code: EACCES)
        }
    }

    /// Holds a folder to a size, and reads that back.
    private static func limit(
        _ folder: borrowing Descriptor, _ path: String, to bytes: Int64, _ former: ProjectQuota?, _ owners: Owners
    ) throws(KernelError) -> (number: UInt32, bytes: Int64) {
        let project = if let former { former } else { try ProjectQuota(freeAt: folder, path) }
        if ProjectQuota(of: folder) != project {
            // The attribute is the owner's to set; so the agent needs no CAP_FOWNER.
            try own(folder, path, geteuid(), owners)
            try project.take(folder, path, isNew: former == nil)
        }
        return (project.number, try project.limit(to: bytes, at: folder, path))
    }

    /// Makes a folder a user's own, and nobody else's. What its user has made of it since stays.
    private static func own(
        _ folder: borrowing Descriptor, _ path: String, _ user: UInt32, _ owners: Owners
    ) throws(KernelError) {
        let status = try status(folder, path)
        if status.st_uid == user, user != owners.plugin || status.st_mode & 0o7777 == 0o700 { return }
        // The mode is the owner's to set as well.
        guard status.st_uid == geteuid() || fchown(folder.number, geteuid(), getegid()) == 0,
            fchmod(folder.number, 0o700) == 0,
            user == geteuid() || fchown(folder.number, user, getegid()) == 0
        else { throw KernelError("give user \(user)", path, code: errno) }
    }

    /// How a program can pass a project's quota all the same.
    private static func doubt(_ user: UInt32) -> String {
        user == 0
            ? "root passes quotas where the file system lets it (CAP_SYS_RESOURCE)"
            : "an owner can take files of its own out of a project (`chattr -p`), and what is in none is not counted"
    }
}
