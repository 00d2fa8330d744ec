internal import BerthModel

/// Reads a trace piece by piece, as it comes from a file or a pipe: that of openb, or what Slurm's `sacct -P` prints.
///
/// The first line names the columns and so tells which of the two it is.
package struct TraceReader: Sendable {
    /// The most bytes of one line.
    package static let longestLine = 1 << 16
    /// The most tasks that are kept.
    package static let mostTasks = 2_000_000

    private var rest: [UInt8] = []
    private var line = 0
    private var columns: TraceColumns?
    private var isSlurm = false
    private var builder = TraceBuilder()

    package init() {}

    /// Reads on.
    package mutating func read(_ bytes: [UInt8]) throws(TraceError) {
        var bytes = bytes[...]
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            try keep(bytes[..<end])
            try takeLine()
            bytes = bytes[(end + 1)...]
        }
        try keep(bytes)
    }

    /// The trace, when all of it has been read.
    package mutating func finish() throws(TraceError) -> Trace {
        if !rest.isEmpty { try takeLine() }
        guard columns != nil else {
            throw TraceError(line: 0, "it is empty; expected is \(TraceColumns.expected)")
        }
        return builder.trace()
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) throws(TraceError) {
        guard rest.count + bytes.count <= TraceReader.longestLine else {
            throw TraceError(line: line + 1, "is longer than \(TraceReader.longestLine) bytes")
        }
        rest += bytes
    }

    private mutating func takeLine() throws(TraceError) {
        line += 1
        var bytes = rest[...]
        defer { rest.removeAll(keepingCapacity: true) }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard bytes.contains(where: { $0 != UInt8(ascii: " ") }) else { return }
        guard let columns else { return columns = try header(bytes) }
        let row = try TraceRow(bytes, columns: columns, line: line)
        guard let task = isSlurm ? try builder.slurm(row) : try builder.openb(row) else { return }
        guard builder.count < TraceReader.mostTasks else {
            throw TraceError(line: line, "is one task more than \(TraceReader.mostTasks), which are the most")
        }
        builder.add(task)
    }

    private mutating func header(_ bytes: ArraySlice<UInt8>) throws(TraceError) -> TraceColumns {
        let columns = try TraceColumns(header: bytes, line: line)
        isSlurm = columns["JobID"] != nil
        guard isSlurm || columns["cpu_milli"] != nil else {
            throw TraceError(
                line: line,
                "\(ParseError(columns.names.joined(separator: ","), expected: TraceColumns.expected))")
        }
        try columns.require(isSlurm ? TraceBuilder.slurmColumns : TraceBuilder.openbColumns, line: line)
        if isSlurm { try TraceBuilder.requireSlurmAmounts(columns, line: line) }
        return columns
    }
}
