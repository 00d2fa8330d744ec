package import BerthModel

/// A group's weight on one disk among its siblings: a line of `io.weight`.
package struct IOWeight: DiskLine, Equatable, Sendable {
    package static let file = "io.weight"
    /// What the kernel takes.
    package static let range = StorageAsk.weights

    /// The disk, never a partition: the kernel refuses those.
    package let device: Host.DeviceNumber
    /// The weight; nil is that of the group on every disk without a line, 100 if nobody changed it.
    package let value: Int?

    package init(device: Host.DeviceNumber, value: Int?) {
        precondition(value.map(IOWeight.range.contains) ?? true, "a weight is 1 to 10000")
        self.device = device
        self.value = value
    }

    /// Reads one line: `8:0 500`, or `8:0 default` as it is written to take a line away.
    package init(parsing line: String) throws(ParseError) {
        let refusal = ParseError(line, expected: "a line such as 8:0 500")
        let fields = line.trimmed.split(separator: " ", omittingEmptySubsequences: false)
        guard fields.count == 2 else { throw refusal }
        let device = try Host.DeviceNumber(parsing: fields[0])
        guard fields[1] != "default" else {
            self.init(device: device, value: nil)
            return
        }
        guard let value = Int(digits: fields[1]), IOWeight.range.contains(value) else { throw refusal }
        self.init(device: device, value: value)
    }

    /// Reads the whole file: the group's own weight (`default 100`) first, then a line a disk that has another.
    /// - Throws: for a line that is none, and for a disk that comes twice
    package static func lines(parsing text: String) throws(ParseError) -> [IOWeight] {
        let lines = text.trimmed.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.first?.split(separator: " ") ?? []
        let isOwn = first.isEmpty || first.first == "default" && first.count == 2
        return try reading(lines.dropFirst(isOwn ? 1 : 0))
    }
}

extension IOWeight: CustomStringConvertible {
    /// The line to write to the kernel.
    package var description: String { "\(device) \(value.map(String.init) ?? "default")" }
}
