internal import BerthKernel
package import BerthModel

/// One line of mountinfo, or of `/proc/mounts`: proc_pid_mountinfo(5), fstab(5).
package struct Mount: Equatable, Sendable {
    /// The number of the file system's device; nil in `/proc/mounts`.
    package var number: Host.DeviceNumber?
    /// The folder of the file system that is mounted: `/`, or another for a bind mount; nil in `/proc/mounts`.
    package var root: String?
    /// Where it is mounted.
    package var mountPoint: String
    /// The options of this mount and of the file system together.
    package var options: Set<String>
    /// The kind of file system.
    package var type: String
    /// What is mounted, as it was named then.
    package var source: String
}

/// The table of mounts.
package enum Mounts {
    /// What the host has mounted: the table of process 1, for a service's own is made to hide things; else one's own.
    package static func ofHost(_ reader: HostReader) -> [Mount] {
        // An ordinary user may not read that of process 1, and there is nothing wrong in that.
        if reader.canOpen("proc/1/mountinfo"), let text = reader.contents("proc/1/mountinfo") {
            let mounts = parse(mountinfo: text, reader, "proc/1/mountinfo")
            if !mounts.isEmpty { return mounts }
        }
        return own(reader)
    }

    /// What this process sees mounted.
    package static func own(_ reader: HostReader) -> [Mount] {
        if let text = reader.contents("proc/self/mountinfo") {
            let mounts = parse(mountinfo: text, reader, "proc/self/mountinfo")
            if !mounts.isEmpty { return mounts }
        }
        // `/proc/mounts` is a link to the former; a recording may have either.
        for path in ["proc/self/mounts", "proc/mounts"] {
            guard let text = reader.contents(path) else { continue }
            return text.split(separator: "\n").compactMap { parse(mounts: $0) }
        }
        return []
    }

    private static func parse(mountinfo text: String, _ reader: HostReader, _ path: String) -> [Mount] {
        text.split(separator: "\n").compactMap { line in
            guard line.contains(where: { $0 != "\0" && $0 != " " }) else { return nil }
            if let mount = parse(mountinfo: line) { return mount }
            reader.noteWrong(path, line, expected: "a line of mountinfo")
            return nil
        }
    }

    /// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
    static func parse(mountinfo line: Substring) -> Mount? {
        let fields = line.split(separator: " ")
        guard fields.count >= 9, let dash = fields[6...].firstIndex(of: "-"), fields.count - dash >= 3,
            let number = try? Host.DeviceNumber(parsing: fields[2])
        else { return nil }
        let place = unescape(fields[4])
        guard isPlace(place) else { return nil }
        // The source can be the empty text, so that only the type and the options are left behind the dash.
        let source = fields.count - dash >= 4 ? unescape(fields[dash + 2]) : ""
        let ends = [fields[5], fields.count - dash >= 4 ? fields[dash + 3] : fields[dash + 2]]
        return Mount(
            number: number, root: unescape(fields[3]), mountPoint: place, options: options(ends),
            type: String(fields[dash + 1]), source: source)
    }

    /// `/dev/sda1 / ext4 rw,relatime 0 0`
    static func parse(mounts line: Substring) -> Mount? {
        let fields = line.split(separator: " ")
        guard fields.count >= 4, isPlace(unescape(fields[1])) else { return nil }
        return Mount(
            mountPoint: unescape(fields[1]), options: options([fields[3]]), type: String(fields[2]),
            source: unescape(fields[0]))
    }

    /// Whether a name is an absolute path; a NUL byte would cut it where it is opened.
    private static func isPlace(_ name: String) -> Bool { name.hasPrefix("/") && !name.utf8.contains(0) }

    /// The options of a mount and those of its file system: either can say `ro`.
    private static func options(_ lists: [Substring]) -> Set<String> {
        Set(lists.flatMap { $0.split(separator: ",") }.map(String.init))
    }

    /// The kernel writes white space, `\` and `#` in names as three octal digits: `/mnt/my\040disk`.
    static func unescape(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3).map { $0 &- UInt8(ascii: "0") }
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ $0 <= 7 }), digits[0] <= 3 {
                bytes.append(digits[0] << 6 | digits[1] << 3 | digits[2])
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The other way round, as the kernel does it.
    static func escape(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            guard [0x20, 0x09, 0x0A, 0x5C, 0x23].contains(byte) else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(ascii: "\\"))
            for shift in [6, 3, 0] { bytes.append(UInt8(ascii: "0") + (byte >> UInt8(shift)) & 7) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HostReader {
    /// Whether a file can be opened for reading; why not is not noted.
    fileprivate func canOpen(_ path: String) -> Bool {
        do throws(KernelError) {
            _ = try root.open(path, flags: 0)
            return true
        } catch {
            return false
        }
    }
}
