internal import CLinux
internal import Glibc

/// Removing a folder with all that is in it.
package enum FolderRemoval {
    /// How deep folders are followed; what lies deeper stays.
    private static let deepest = 64

    /// Removes a folder and everything below it. Goes by descriptors and follows no link, for somebody else may be
    /// changing it meanwhile.
    /// - Throws: what could not be removed first
    package static func remove(_ path: String) throws(KernelError) {
        try empty(AT_FDCWD, path, path, depth: 0)
        guard rmdir(path) == 0 else { throw KernelError("remove", path, code: errno) }
    }

    private static func empty(
        _ parent: Int32, _ name: String, _ path: String, depth: Int
    ) throws(KernelError) {
        guard depth < deepest else { throw KernelError("remove", path, code: ELOOP) }
        let number = berth_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        let folder = Descriptor(owning: number)
        let listed = berth_duplicate(folder.number)
        guard listed >= 0 else { throw KernelError("open", path, code: errno) }
        for entry in try Root.entries(of: Descriptor(owning: listed), path) {
            let below = "\(path)/\(entry.name)"
            if unlinkat(folder.number, entry.name, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM else { throw KernelError("remove", below, code: errno) }
            try empty(folder.number, entry.name, below, depth: depth + 1)
            guard unlinkat(folder.number, entry.name, AT_REMOVEDIR) == 0 else {
                throw KernelError("remove", below, code: errno)
            }
        }
    }
}
