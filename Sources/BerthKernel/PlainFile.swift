internal import CLinux
internal import Glibc

extension Root {
    /// The names in a folder that a person named, anywhere, sorted.
    package static func names(inFolder path: String) throws(KernelError) -> [String] {
        let number = berth_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        return try entries(of: Descriptor(owning: number), path).map(\.name)
    }

    /// Whether a path names a program that may be run.
    package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }
}

/// A file that a person named, anywhere.
package struct PlainFile: ~Copyable {
    private let file: Descriptor
    private let path: String
    /// Its length in bytes.
    package let size: Int

    /// - Throws: where it cannot be opened, and EINVAL for what is no plain file
    package init(_ path: String) throws(KernelError) {
        let number = berth_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard number >= 0 else { throw KernelError("open", path, code: errno) }
        let file = Descriptor(owning: number)
        var status = stat()
        guard fstat(number, &status) == 0 else { throw KernelError("look at", path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KernelError("read", path, code: EINVAL) }
        self.file = file
        self.path = path
        size = Int(status.st_size)
    }

    /// Whether somebody has it open to write; false where that cannot be known.
    package var isBeingWritten: Bool { berth_is_being_written(file.number) > 0 }

    /// Its first bytes, so many at most.
    package func head(atMost most: Int) throws(KernelError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            count = 0
            while count < most {
                let result = pread(file.number, buffer.baseAddress?.advanced(by: count), most - count, off_t(count))
                if result < 0, errno == EINTR { continue }
                if result < 0 { code = errno }
                guard result > 0 else { return }
                count += result
            }
        }
        guard code == 0 else { throw KernelError("read", path, code: code) }
        return bytes
    }
}
