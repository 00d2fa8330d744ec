internal import BerthModel
internal import Glibc

/// A file of a group that is kept open, for being read often: one pread(2) a reading.
package final class KeptFile: Sendable {
    private let descriptor: Descriptor
    private let path: String

    /// Opens a file of a group.
    /// - Throws: what open(2) answered
    package init(_ file: String, in group: Group) throws(KernelError) {
        descriptor = try group.open(file, flags: O_RDONLY | O_NONBLOCK, for: "open")
        path = group.shown(file)
    }

    /// What the file says now, without the white space around its text.
    /// - Throws: ENODEV where the group was removed; EFBIG above 64 KiB, which no such file has
    package func read() throws(KernelError) -> String {
        var size = 512
        while size <= 65_536 {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
                repeat {
                    count = pread(descriptor.number, buffer.baseAddress, size, 0)
                } while count < 0 && errno == EINTR
                filled = max(0, count)
            }
            guard count >= 0 else { throw KernelError("read", path, code: errno) }
            if count < size { return String(String(decoding: bytes, as: UTF8.self).trimmed) }
            size *= 8
        }
        throw KernelError("read", path, code: EFBIG)
    }
}
