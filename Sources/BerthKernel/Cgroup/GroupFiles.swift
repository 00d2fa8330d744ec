package import BerthModel
internal import CLinux
internal import Glibc

extension Group {
    /// Whether the group has a file of this name: whether the kernel knows it, and its controller is on here.
    package func has(_ file: String) -> Bool {
        do throws(KernelError) {
            _ = try open(file, flags: BERTH_O_PATH, for: "open")
            return true
        } catch {
            return false
        }
    }

    /// Reads a whole file, without the white space and NUL bytes around its text.
    /// - Throws: what the kernel answered; ENODEV where the group was removed meanwhile
    package func read(_ file: String) throws(KernelError) -> String {
        let bytes = try Root.bytes(of: try open(file, flags: O_RDONLY | O_NONBLOCK, for: "open"), shown(file))
        return String(String(decoding: bytes, as: UTF8.self).trimmed)
    }

    /// Reads a file and understands it: `try group.read(CPUMax.file, as: CPUMax.init(parsing:))`.
    /// - Throws: what the kernel answered; EPROTO for a text that is not understood, with the text
    package func read<Value>(
        _ file: String, as parse: (String) throws(ParseError) -> Value
    ) throws(KernelError) -> Value {
        let text = try read(file)
        do throws(ParseError) {
            return try parse(text)
        } catch {
            throw KernelError(error, in: shown(file))
        }
    }

    /// Writes a value with exactly one write(2), for the kernel takes each write as one whole value. Nothing is tried
    /// again. An empty value is written as a newline, which empties `cpuset.cpus`; no bytes would reach no controller.
    ///
    /// That it returns does not prove that the kernel holds the value: read it back.
    /// - Throws: what the kernel answered; ENOENT where the group has no such file, EIO where only a part was taken
    package func write(_ value: String, to file: String) throws(KernelError) {
        let operation = "write \(value.quoted) to"
        // A cgroup file has no length and is not cut by O_TRUNC; a plain one would keep the end of a longer value.
        let descriptor = try open(file, flags: O_WRONLY | O_TRUNC, for: operation)
        let bytes = Array((value.isEmpty ? "\n" : value).utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor.number, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw KernelError(operation, shown(file), code: errno) }
        guard count == bytes.count else { throw KernelError(operation, shown(file), code: EIO) }
    }
}

extension KernelError {
    /// A file of the kernel that says what Berth does not understand: EPROTO, with the text and what was expected.
    package init(_ error: ParseError, in path: String) {
        self.init("understand \(error.text.quoted) as \(error.expected) in", path, code: EPROTO)
    }
}
