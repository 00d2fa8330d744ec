internal import CLinux
internal import Glibc

/// Removing a folder with all that is in it.
///
/// Goes by descriptors and follows no link and into no mount, for somebody else may be changing it meanwhile. A folder of
/// somebody else's is made one's own and closed before it is looked into: then nobody can put anything there any more, and
/// CAP_CHOWN and CAP_DAC_READ_SEARCH are enough.
package enum FolderRemoval {
    /// How deep folders are followed. What lies deeper is brought up first: descriptors and stack are finite.
    private static let deepest = 64

    /// Removes a folder and everything below it.
    /// - Throws: what could not be removed first
    package static func remove(_ path: String) throws(KernelError) {
        let parent = berth_openat(AT_FDCWD, parentPath(path), O_RDONLY | O_DIRECTORY)
        guard parent >= 0 else { throw KernelError("open", parentPath(path), code: errno) }
        let folder = Descriptor(owning: parent)
        let name = String(path.split(separator: "/").last ?? "")
        _ = try empty(name, in: folder, path)
        try removeEmpty(name, in: folder, path)
    }

    /// Removes everything in a folder that lies in an open one.
    /// - Parameter path: of the folder, for errors
    /// - Returns: the folder, which is one's own now, and closed to others
    package static func empty(
        _ name: String, in parent: borrowing Descriptor, _ path: String
    ) throws(KernelError) -> Descriptor {
        let top = try open(parent.number, name, path)
        var lifted = 0
        while try empty(top, path, depth: 1, top: top.number, &lifted) {}
        return top
    }

    private static func parentPath(_ path: String) -> String {
        let names = path.split(separator: "/").dropLast().joined(separator: "/")
        return path.hasPrefix("/") ? "/\(names)" : names.isEmpty ? "." : names
    }

    /// Removes what is in a folder, or brings it up to the top.
    /// - Returns: whether something was brought up, which is still to be removed
    private static func empty(
        _ folder: borrowing Descriptor, _ path: String, depth: Int, top: Int32, _ lifted: inout Int
    ) throws(KernelError) -> Bool {
        // Opened anew, to be read from its beginning each time.
        let listed = berth_openat(folder.number, ".", O_RDONLY | O_DIRECTORY)
        guard listed >= 0 else { throw KernelError("open", path, code: errno) }
        var isLeft = false
        for entry in try Root.entries(of: Descriptor(owning: listed), path) {
            let below = "\(path)/\(entry.name)"
            if unlinkat(folder.number, entry.name, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { throw KernelError("remove", below, code: errno) }
            let inner = try open(folder.number, entry.name, below)
            if depth < deepest {
                isLeft = try empty(inner, below, depth: depth + 1, top: top, &lifted) || isLeft
                try removeEmpty(entry.name, in: folder, below)
            } else {
                try lift(entry.name, from: folder, to: top, below, &lifted)
                isLeft = true
            }
        }
        return isLeft
    }

    /// Moves a folder up to the top, under a name that is free there.
    private static func lift(
        _ name: String, from folder: borrowing Descriptor, to top: Int32, _ path: String, _ lifted: inout Int
    ) throws(KernelError) {
        repeat {
            lifted += 1
            if berth_move(folder.number, name, top, "lifted-\(lifted)") == 0 { return }
        } while errno == EEXIST
        throw KernelError("move", path, code: errno)
    }

    private static func removeEmpty(
        _ name: String, in folder: borrowing Descriptor, _ path: String
    ) throws(KernelError) {
        guard unlinkat(folder.number, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw KernelError("remove", path, code: errno)
        }
    }

    /// Opens a folder and makes it one's own.
    private static func open(_ parent: Int32, _ name: String, _ path: String) throws(KernelError) -> Descriptor {
        let number = berth_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        let folder = Descriptor(owning: number)
        guard berth_is_mount_point(folder.number) == 0 else { throw KernelError("remove", path, code: EBUSY) }
        var status = stat()
        guard fstat(folder.number, &status) == 0 else { throw KernelError("look at", path, code: errno) }
        guard status.st_uid == geteuid() || fchown(folder.number, geteuid(), gid_t.max) == 0 else {
            throw KernelError("take over", path, code: errno)
        }
        guard status.st_mode & 0o777 == 0o700 || fchmod(folder.number, 0o700) == 0 else {
            throw KernelError("close to others", path, code: errno)
        }
        return folder
    }
}
