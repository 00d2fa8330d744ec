package import BerthModel

/// What `/proc/PID/status` says of a process that Berth needs (proc_pid_status(5)).
package struct ProcessStatus: Hashable, Sendable {
    /// Its real, effective and saved user ids.
    package let realUser: UInt32
    package let effectiveUser: UInt32
    package let savedUser: UInt32

    package init(parsing text: String) throws(ParseError) {
        let line = text.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        let ids = line?.dropFirst(4).split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) } ?? []
        guard ids.count == 4 else { throw ParseError(line ?? "", expected: "four user ids after \"Uid:\"") }
        (realUser, effectiveUser, savedUser) = (ids[0], ids[1], ids[2])
    }
}
