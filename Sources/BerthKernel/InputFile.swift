internal import CLinux
internal import Glibc

/// A file or a pipe that a person named, read from its beginning to its end.
package struct InputFile: ~Copyable {
    private let file: Descriptor
    private let path: String

    /// - Parameter path: where it lies; `-` is standard input
    /// - Throws: where it cannot be opened
    package init(_ path: String) throws(KernelError) {
        let number = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : berth_openat(AT_FDCWD, path, O_RDONLY)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        file = Descriptor(owning: number)
        self.path = path
    }

    /// What comes next, at most so many bytes; none at the end.
    package func next(atMost most: Int = 1 << 20) throws(KernelError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            var result = 0
            repeat { result = read(file.number, buffer.baseAddress, most) } while result < 0 && errno == EINTR
            code = result < 0 ? errno : 0
            count = max(0, result)
        }
        guard code == 0 else { throw KernelError("read", path, code: code) }
        return bytes
    }

    /// All of a file or pipe; of one that is longer than so many bytes some more than these.
    package static func bytes(_ path: String, atMost most: Int) throws(KernelError) -> [UInt8] {
        let file = try InputFile(path)
        var bytes: [UInt8] = []
        while bytes.count <= most {
            let more = try file.next()
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }
}
