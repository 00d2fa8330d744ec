internal import CLinux
internal import Glibc

/// The way to a folder below another, taken component by component and never through a link: somebody else may be
/// changing it meanwhile. openat2(2) would do as much, and answers ENOSYS under systemd's RestrictSUIDSGID.
package struct FolderPath: Hashable, Sendable {
    /// The names on the way, at least one.
    package let names: [String]

    /// - Parameter text: a relative path without `.`, `..` and empty names; nil for another
    package init?(_ text: String) {
        let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= 1024, names.count <= 16,
            names.allSatisfy({ !["", ".", ".."].contains($0) && $0.utf8.count <= 255 && !$0.utf8.contains(0) })
        else { return nil }
        self.names = names
    }

    /// Opens the folder that holds the last name.
    /// - Parameters:
    ///   - home: the folder to start from
    ///   - check: looks at each folder on the way, `home` too, and throws where it may not be passed
    package func openParent(
        in home: String, _ check: (borrowing Descriptor, String) throws(KernelError) -> Void = { _, _ in }
    ) throws(KernelError) -> Descriptor {
        var path = home
        var folder = try FolderPath.open(AT_FDCWD, home, path)
        try check(folder, path)
        for name in names.dropLast() {
            path += "/\(name)"
            folder = try FolderPath.open(folder.number, name, path)
            try check(folder, path)
        }
        return folder
    }

    /// Opens the folder with the last name in the folder that holds it.
    package func open(in parent: borrowing Descriptor, below home: String) throws(KernelError) -> Descriptor {
        try FolderPath.open(parent.number, names[names.count - 1], "\(home)/\(names.joined(separator: "/"))")
    }

    private static func open(_ parent: Int32, _ name: String, _ path: String) throws(KernelError) -> Descriptor {
        let number = berth_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        return Descriptor(owning: number)
    }
}
