internal import CLinux
internal import Glibc

/// Putting a copy of a file in the place of another, so that whoever looks finds the one or the other whole.
package enum FileCopy {
    /// Copies a file beside its place, makes what is in it durable, and gives it the name: after a crash of the system the
    /// name is the former file's or the new one's.
    package static func replace(_ target: String, with source: String, mode: UInt32) throws(KernelError) {
        let from = berth_openat(AT_FDCWD, source, O_RDONLY)
        guard from >= 0 else { throw KernelError("open", source, code: errno) }
        let reading = Descriptor(owning: from)
        let temporary = "\(target).\(getpid()).part"
        let to = berth_create(AT_FDCWD, temporary, mode)
        guard to >= 0 else { throw KernelError("make", temporary, code: errno) }
        let writing = Descriptor(owning: to)
        do throws(KernelError) {
            try copy(reading.number, source, writing.number, temporary)
            // The umask may have taken away what others need to read it.
            guard fchmod(writing.number, mode) == 0 else {
                throw KernelError("set the mode of", temporary, code: errno)
            }
            guard fsync(writing.number) == 0 else { throw KernelError("make durable", temporary, code: errno) }
            guard rename(temporary, target) == 0 else { throw KernelError("put in place", target, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Makes a folder where it is missing, and the one above it.
    package static func makeFolder(_ path: String) throws(KernelError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw KernelError("make", path, code: errno)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw KernelError("make", path, code: errno) }
    }

    private static func copy(
        _ from: Int32, _ source: String, _ to: Int32, _ target: String
    ) throws(KernelError) {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(from, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw KernelError("read", source, code: errno) }
            guard count > 0 else { return }
            var rest = chunk[..<count]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(to, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw KernelError("write", target, code: errno) }
                rest = rest.dropFirst(written)
            }
        }
    }
}
