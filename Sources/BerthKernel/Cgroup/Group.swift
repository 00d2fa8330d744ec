internal import CLinux
internal import Glibc

/// One group of the unified hierarchy (cgroup v2, cgroups(7)): an open directory of a cgroup file system.
///
/// Everything is asked of the open directory, so that a group which was removed and made again under the same name is
/// never mistaken for this one: its files then answer ENOENT or ENODEV.
///
/// A plain folder with files of those names does for tests: reading and writing need no more. In a cgroup file system
/// mkdir(2) makes the files of the new group and rmdir(2) takes them away; a plain folder does neither.
package final class Group: Sendable {
    /// Where it was found, absolute; for people and for errors.
    package let path: String
    private let directory: Descriptor

    /// Opens a group.
    /// - Parameter path: an absolute path
    /// - Throws: what open(2) answered; EINVAL for a path that is not absolute
    package init(at path: String) throws(KernelError) {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw KernelError("open", path, code: EINVAL) }
        let number = path.withCString { berth_openat(AT_FDCWD, $0, BERTH_O_PATH | O_DIRECTORY) }
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        directory = Descriptor(owning: number)
        var path = path
        while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    private init(owning directory: consuming Descriptor, path: String) {
        self.directory = directory
        self.path = path
    }

    /// The path of a file or group in this one.
    func shown(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

    /// Opens a name in the directory, which must be one name and no link.
    /// - Parameters:
    ///   - operation: what an error says was tried
    ///   - flags: of open(2); O_CLOEXEC and O_NOFOLLOW are added
    func open(_ name: String, flags: Int32, for operation: String) throws(KernelError) -> Descriptor {
        try check(name, for: operation)
        let number = name.withCString { berth_openat(directory.number, $0, flags | O_NOFOLLOW) }
        guard number >= 0 else { throw KernelError(operation, shown(name), code: errno) }
        return Descriptor(owning: number)
    }

    /// The directory itself, opened to be listed or to have its attributes read: an O_PATH descriptor does not do.
    func reopened() throws(KernelError) -> Descriptor {
        let number = berth_openat(directory.number, ".", O_RDONLY | O_DIRECTORY)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        return Descriptor(owning: number)
    }

    /// A name that holds a slash, or `..`, would lead out of the group.
    private func check(_ name: String, for operation: String) throws(KernelError) {
        guard !name.isEmpty, name != ".", name != "..", name.utf8.allSatisfy({ $0 != 0 && $0 != UInt8(ascii: "/") })
        else { throw KernelError(operation, shown(name), code: EINVAL) }
    }
}

extension Group {
    /// Opens a group directly below.
    /// - Throws: ENOENT where there is none
    package func child(_ name: String) throws(KernelError) -> Group {
        Group(owning: try open(name, flags: BERTH_O_PATH | O_DIRECTORY, for: "open"), path: shown(name))
    }

    /// Makes a group directly below and opens it; one that is there already is opened as it is.
    /// - Throws: what mkdir(2) answered: EAGAIN at `cgroup.max.descendants` or `cgroup.max.depth`
    package func makeChild(_ name: String) throws(KernelError) -> Group {
        try check(name, for: "make")
        guard name.withCString({ mkdirat(directory.number, $0, 0o755) }) == 0 || errno == EEXIST else {
            throw KernelError("make", shown(name), code: errno)
        }
        return try child(name)
    }

    /// Removes a group directly below and every group below that, deepest first. One that is not there is no error.
    /// - Throws: EBUSY where a process is in one of them; what was removed before stays removed
    package func removeChild(_ name: String) throws(KernelError) {
        try check(name, for: "remove")
        if try removed(name) { return }
        do throws(KernelError) {
            let child = try child(name)
            for grandchild in try child.children() { try child.removeChild(grandchild) }
        } catch {
            guard error.saysGone else { throw error }
        }
        guard try removed(name) else { throw KernelError("remove", shown(name), code: EBUSY) }
    }

    /// One rmdir(2). Returns false where the group is in use: by processes or by groups below (EBUSY), or, of a plain
    /// folder, by whatever is in it.
    private func removed(_ name: String) throws(KernelError) -> Bool {
        guard name.withCString({ unlinkat(directory.number, $0, AT_REMOVEDIR) }) != 0 else { return true }
        switch errno {
        case ENOENT: return true
        case EBUSY, ENOTEMPTY: return false
        default: throw KernelError("remove", shown(name), code: errno)
        }
    }

    /// The names of the groups directly below, sorted.
    package func children() throws(KernelError) -> [String] {
        try Root.entries(of: try reopened(), path).filter { $0.kind == .folder }.map(\.name)
    }
}

extension KernelError {
    /// The group or its file went away meanwhile: files of a removed group that were open answer ENODEV.
    package var saysGone: Bool { code == ENOENT || code == ENODEV }
}
