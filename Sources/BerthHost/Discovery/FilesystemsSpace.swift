internal import BerthKernel
package import BerthModel
internal import Glibc

/// Tells how much room a mounted file system has. Files cannot tell it, so that a recording keeps the answers.
package struct FilesystemSpaces {
    /// Asks about one mount; nil when nothing is known.
    private let ask: (Mount) -> Host.FilesystemSpace?

    package init(_ ask: @escaping (Mount) -> Host.FilesystemSpace?) { self.ask = ask }

    package func callAsFunction(_ mount: Mount) -> Host.FilesystemSpace? { ask(mount) }

    /// The machine itself, by statvfs(3); a recorded host, by the file that ``text(of:)`` makes.
    package static func of(_ reader: HostReader) -> FilesystemSpaces {
        if reader.root.isLive {
            return FilesystemSpaces { live($0) }
        }
        let answers = reader.contents(file).map { parse($0, reader) } ?? [:]
        return FilesystemSpaces { answers[$0.mountPoint] }
    }

    /// Asks the kernel. What is found at the mount point must be what is mounted there by the table, for the table is
    /// of process 1, and this process may see something else at the same place.
    private static func live(_ mount: Mount) -> Host.FilesystemSpace? {
        if let number = mount.number, number.major != 0 {
            var status = stat()
            guard lstat(mount.mountPoint, &status) == 0, number == Host.DeviceNumber(status.st_dev) else { return nil }
        }
        var answer = statvfs()
        guard statvfs(mount.mountPoint, &answer) == 0 else { return nil }
        return Host.FilesystemSpace(answer)
    }
}

extension Host.DeviceNumber {
    /// Splits the kernel's `dev_t`, as in makedev(3).
    fileprivate init(_ device: dev_t) {
        let number = UInt64(device)
        self.init(
            major: Int((number >> 8) & 0xFFF | (number >> 32) & 0xFFFF_F000),
            minor: Int(number & 0xFF | (number >> 12) & 0xFFFF_FF00))
    }
}

extension Host.FilesystemSpace {
    /// nil where a number does not fit.
    fileprivate init?(_ answer: statvfs) {
        func bytes(_ blocks: UInt) -> Int? {
            let (bytes, overflow) = blocks.multipliedReportingOverflow(by: UInt(answer.f_frsize))
            return overflow ? nil : Int(exactly: bytes)
        }
        guard let total = bytes(answer.f_blocks), let free = bytes(answer.f_bfree),
            let available = bytes(answer.f_bavail), let inodes = Int(exactly: answer.f_files),
            let freeInodes = Int(exactly: answer.f_ffree)
        else { return nil }
        self.init(
            totalBytes: total, freeBytes: free, availableBytes: available, inodes: inodes, freeInodes: freeInodes)
    }
}

extension FilesystemSpaces {
    /// The name of the file of answers, at the root of a recording.
    package static let file = "statvfs"

    /// The file of answers: a line for each mount point, with white space in names escaped as in mountinfo, then its
    /// total, free and available bytes, its inodes and its free inodes.
    ///
    ///     / 105089261568 88123441152 82756288512 6553600 6201544
    package static func text(of filesystems: [Host.Filesystem]) -> String {
        filesystems.reduce(into: "") { text, filesystem in
            guard let space = filesystem.space else { return }
            let numbers = [
                space.totalBytes, space.freeBytes, space.availableBytes, space.inodes, space.freeInodes,
            ]
            let fields = [Mounts.escape(filesystem.mountPoint)] + numbers.map(String.init)
            text += fields.joined(separator: " ") + "\n"
        }
    }

    static func parse(_ text: String, _ reader: HostReader) -> [String: Host.FilesystemSpace] {
        var answers: [String: Host.FilesystemSpace] = [:]
        for line in text.trimmed.split(separator: "\n") {
            let fields = line.split(separator: " ")
            let numbers = fields.dropFirst().compactMap { Int($0) }.filter { $0 >= 0 }
            guard fields.count == 6, numbers.count == 5 else {
                reader.noteWrong(file, line, expected: "a mount point and five numbers")
                continue
            }
            answers[Mounts.unescape(fields[0])] = Host.FilesystemSpace(
                totalBytes: numbers[0], freeBytes: numbers[1], availableBytes: numbers[2], inodes: numbers[3],
                freeInodes: numbers[4])
        }
        return answers
    }
}
