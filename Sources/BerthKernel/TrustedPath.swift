internal import CLinux
internal import Glibc

/// The way to a file: whether nobody but root and one user could have laid what lies there.
package enum TrustedPath {
    /// Why others could have laid it, and what mends that; nil where they could not. Every folder from the root on is opened by its
    /// name in the one before it and follows no link: it has to belong to root or the owner and be writable by nobody else, as
    /// the file has to. In a sticky folder of root others can add names, and not take these away.
    package static func doubt(_ path: String, owner: UInt32) throws(KernelError) -> String? {
        guard let way = realpath(path, nil) else { throw KernelError("find", path, code: errno) }
        defer { free(way) }
        var shown = ""
        var folder = try open(AT_FDCWD, "/", "/")
        for name in String(cString: way).split(separator: "/") {
            shown += "/\(name)"
            let next = try open(folder.number, String(name), shown)
            folder = next
            var status = stat()
            guard fstat(folder.number, &status) == 0 else { throw KernelError("look at", shown, code: errno) }
            guard status.st_uid == 0 || status.st_uid == owner else {
                return "\(shown) belongs to user \(status.st_uid); it has to belong to root: chown root \(shown)"
            }
            let isSticky =
                status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0 && status.st_uid == 0
            guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 || isSticky else {
                let mode = String(status.st_mode & 0o7777, radix: 8)
                return "\(shown) can be written by others (mode 0\(mode)): chmod go-w \(shown)"
            }
        }
        return nil
    }

    private static func open(_ folder: Int32, _ name: String, _ shown: String) throws(KernelError) -> Descriptor {
        let number = berth_openat(folder, name, BERTH_O_PATH | O_NOFOLLOW)
        guard number >= 0 else { throw KernelError("open", shown, code: errno) }
        return Descriptor(owning: number)
    }
}
