internal import Glibc

extension Root {
    /// The most that is read of one file. The largest file that Berth reads, `/proc/cpuinfo` of a host with thousands
    /// of CPUs, is a few megabytes.
    package static let largestFile = 16 << 20

    /// Reads a whole file.
    /// - Throws: when it cannot be opened or read, and EFBIG above ``largestFile``
    package func bytes(_ path: String) throws(KernelError) -> [UInt8] {
        try Root.bytes(of: try open(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY), shown(path))
    }

    /// Reads an open file from where it stands to its end; `path` is for errors.
    static func bytes(of file: borrowing Descriptor, _ path: String) throws(KernelError) -> [UInt8] {
        var bytes: [UInt8] = []
        var size = 4096
        while true {
            let code = Root.append(to: &bytes, from: file, atMost: size)
            guard code >= 0 else { throw KernelError("read", path, code: errno) }
            if code == 0 { return bytes }
            guard bytes.count <= Root.largestFile else { throw KernelError("read", path, code: EFBIG) }
            size = max(4096, bytes.count)
        }
    }

    /// Reads a whole file as text; bytes that are no UTF-8 are replaced.
    package func text(_ path: String) throws(KernelError) -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// One read(2), taken up again after a signal. Returns what read(2) returns.
    private static func append(to bytes: inout [UInt8], from file: borrowing Descriptor, atMost size: Int) -> Int {
        let number = file.number
        var result = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            repeat { result = read(number, buffer.baseAddress, size) } while result < 0 && errno == EINTR
            count = max(0, result)
        }
        bytes.append(contentsOf: chunk)
        return result
    }
}
