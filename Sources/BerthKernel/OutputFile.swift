internal import CLinux
internal import Glibc

/// Files that a person names, outside the host's tree.
package enum OutputFile {
    /// Writes a whole file, in place of one that may be there; readable by its owner alone until the owner says otherwise.
    package static func write(_ bytes: [UInt8], to path: String) throws(KernelError) {
        let number = path.withCString { berth_create(AT_FDCWD, $0, 0o600) }
        guard number >= 0 else { throw KernelError("create", path, code: errno) }
        let file = Descriptor(owning: number)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw KernelError("write", path, code: errno) }
            rest = rest.dropFirst(count)
        }
    }
}
