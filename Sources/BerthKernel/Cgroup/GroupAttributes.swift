internal import CLinux
internal import Glibc

/// Extended attributes (xattr(7)): what Berth writes on a group for itself. `trusted.` ones need CAP_SYS_ADMIN and are
/// seen by nobody else; `user.` ones are for agents of ordinary users. They go with the group.
extension Group {
    /// The longest value that Linux keeps: XATTR_SIZE_MAX of linux/limits.h.
    private static let longestAttribute = 65_536

    /// The value of an attribute; nil where the group has none of this name.
    /// - Throws: EOPNOTSUPP where the file system keeps none of this kind
    package func attribute(_ name: String) throws(KernelError) -> [UInt8]? {
        let directory = try reopened()
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Group.longestAttribute) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            result = name.withCString { berth_attribute_get(directory.number, $0, start, Group.longestAttribute) }
            count = max(0, result)
        }
        if result >= 0 { return bytes }
        guard errno == ENODATA else { throw KernelError("read attribute \(name) of", path, code: errno) }
        return nil
    }

    /// Sets an attribute, in place of one that may be there.
    /// - Throws: EPERM for a `trusted.` one without CAP_SYS_ADMIN, E2BIG or ENOSPC for a value that is too long
    package func setAttribute(_ name: String, _ value: [UInt8]) throws(KernelError) {
        let directory = try reopened()
        let result = value.withUnsafeBytes { bytes in
            name.withCString { berth_attribute_set(directory.number, $0, bytes.baseAddress, bytes.count) }
        }
        guard result == 0 else { throw KernelError("write attribute \(name) of", path, code: errno) }
    }
}
