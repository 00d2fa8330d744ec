internal import CLinux
internal import Glibc

/// The root of the tree that kernel files are read from: the machine itself, or a recorded host.
///
/// Below a recorded root links are followed as in a chroot (`RESOLVE_IN_ROOT` of openat2(2)), so that a recording
/// from a stranger cannot point out of its folder. All paths are written without a leading slash: `proc/meminfo`.
package final class Root: Sendable {
    /// The folder, as the user named it; empty for the machine itself.
    package let folder: String
    private let directory: Descriptor

    /// The machine this process runs on.
    package static func live() throws(KernelError) -> Root { try Root(folder: "") }

    /// - Parameter folder: a folder with `proc` and `sys` in it; empty for the machine itself
    /// - Throws: when the folder cannot be opened
    package init(folder: String) throws(KernelError) {
        self.folder = folder
        let path = folder.isEmpty ? "/" : folder
        let number = path.withCString { Glibc.open($0, BERTH_O_PATH | O_DIRECTORY | O_CLOEXEC) }
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        directory = Descriptor(owning: number)
    }

    /// Whether this is the machine itself, so that calls other than reading files may be asked too.
    package var isLive: Bool { folder.isEmpty }

    /// Whether there is a `proc` or a `sys` in it.
    package var looksLikeHost: Bool { has("proc") || has("sys") }

    /// Opens a file or folder below the root.
    /// - Parameters:
    ///   - path: without a leading slash
    ///   - flags: of open(2); O_CLOEXEC is added
    package func open(_ path: String, flags: Int32) throws(KernelError) -> Descriptor {
        // A live path needs no confinement, and openat2 is missing where a seccomp filter is older than it.
        var number: Int32 = -1
        // While anything on the host is mounted or renamed, the kernel cannot vouch for confinement and asks for another
        // try (EAGAIN of openat2(2)).
        for _ in 0..<128 {
            number = path.withCString { path in
                isLive
                    ? berth_openat(directory.number, path, flags)
                    : berth_openat2(directory.number, path, UInt64(UInt32(bitPattern: flags)), BERTH_RESOLVE_IN_ROOT)
            }
            guard number < 0, errno == EAGAIN, !isLive else { break }
        }
        guard number >= 0 else { throw KernelError("open", shown(path), code: errno) }
        return Descriptor(owning: number)
    }

    /// A path as a person would type it.
    package func shown(_ path: String) -> String { "\(folder)/\(path)" }
}
