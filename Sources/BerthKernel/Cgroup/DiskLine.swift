internal import BerthModel

/// A line of a file that has one for each disk: of `io.max`, of `io.weight`.
protocol DiskLine {
    /// The disk that it is about.
    var device: Host.DeviceNumber { get }

    init(parsing line: String) throws(ParseError)
}

extension DiskLine {
    /// Reads lines, in the kernel's order.
    /// - Throws: for a line that is none, and for a disk that comes twice
    static func reading(_ lines: some Sequence<Substring>) throws(ParseError) -> [Self] {
        var read: [Self] = []
        var seen: Set<Host.DeviceNumber> = []
        for line in lines {
            let disk = try Self(parsing: String(line))
            guard seen.insert(disk.device).inserted else {
                throw ParseError(line, expected: "the only line of its disk")
            }
            read.append(disk)
        }
        return read
    }
}
