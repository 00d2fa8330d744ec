internal import CLinux
internal import Glibc

/// The socket that clients connect to.
package struct ListeningSocket: Sendable {
    /// The descriptor, which whoever serves it closes.
    package let number: Int32
    /// The file that was made for it; nil where the socket was handed over.
    private let file: File?

    /// A file by its place and identity, so that another's is never removed.
    private struct File: Sendable {
        var path: String
        var device: dev_t
        var inode: ino_t
    }

    /// Connections that wait to be accepted.
    private static let backlog: Int32 = 1024

    /// Takes over a Unix socket that listens already, as systemd hands it over.
    package init(handedOver number: Int32) throws(ListenError) {
        guard berth_unix_is_listening(number) == 1 else {
            throw ListenError("descriptor \(number) is no Unix stream socket that listens")
        }
        _ = berth_close_on_exec(number)
        self.number = number
        file = nil
    }

    /// Makes a Unix socket with this mode and, where one is given, this group. Its folder must exist.
    package init(path: String, mode: UInt32 = 0o660, group: UInt32? = nil) throws(ListenError) {
        guard path.hasPrefix("/") else { throw ListenError("\(path): the path of a socket must be absolute") }
        self = try ListeningSocket.make(path, mode: mode, group: group)
    }

    private init(number: Int32, file: File?) {
        self.number = number
        self.file = file
    }

    /// Closes it; for whoever does not hand it on.
    package func close() { _ = Glibc.close(number) }

    /// Removes the file, if it still is the one that was made.
    package func remove() {
        guard let file else { return }
        var status = stat()
        guard lstat(file.path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode else { return }
        unlink(file.path)
    }

    /// Nobody can connect before listen(2), so mode and group are set between it and bind(2).
    private static func make(_ path: String, mode: UInt32, group: UInt32?) throws(ListenError) -> ListeningSocket {
        let folder = try lockFolder(of: path)
        defer { _ = Glibc.close(folder) }
        try clear(path)
        let number = berth_unix_socket()
        guard number >= 0 else { throw ListenError("socket for", path, errno) }
        do throws(ListenError) {
            if berth_unix_bind(number, path) != 0 { throw ListenError("bind", path, errno) }
            // A mode from the process's mask would be another's for a moment.
            if let group, chown(path, uid_t.max, group) != 0 {
                throw ListenError("chown to group \(group)", path, errno)
            }
            if chmod(path, mode) != 0 { throw ListenError("chmod to \(String(mode, radix: 8))", path, errno) }
            var status = stat()
            if lstat(path, &status) != 0 { throw ListenError("stat", path, errno) }
            if listen(number, backlog) != 0 { throw ListenError("listen", path, errno) }
            return ListeningSocket(
                number: number, file: File(path: path, device: status.st_dev, inode: status.st_ino))
        } catch {
            _ = Glibc.close(number)
            throw error
        }
    }

    /// Two agents that start at once must not remove each other's socket.
    private static func lockFolder(of path: String) throws(ListenError) -> Int32 {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        let number = berth_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY)
        guard number >= 0 else { throw ListenError("open", folder, errno) }
        // Whoever may read the folder can hold the lock too, so it is not waited for in earnest.
        for _ in 0..<100 where flock(number, LOCK_EX | LOCK_NB) != 0 { usleep(10_000) }
        return number
    }

    /// Removes a socket that nobody listens on; anything else in its place is left alone.
    private static func clear(_ path: String) throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw ListenError("stat", path, errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenError("\(path) is in the way, and is no socket: move it away")
        }
        let probe = berth_unix_socket()
        guard probe >= 0 else { throw ListenError("socket for", path, errno) }
        defer { _ = Glibc.close(probe) }
        let result = berth_unix_connect(probe, path)
        guard result != 0, errno == ECONNREFUSED else {
            guard result == 0 || errno == EAGAIN else { throw ListenError("connect", path, errno) }
            throw ListenError("another agent already listens on \(path)")
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw ListenError("unlink", path, errno) }
    }
}
