/// Puts what a plugin writes together to lines: bounded, for a plugin may write without end and without a line's end.
struct PluginOutput {
    /// The most of one line that is kept, in bytes; the rest of it is left out.
    static let longest = 1000

    private var line: [UInt8] = []
    private var isCut = false

    /// Takes what was written, and returns the lines that are complete, without their ends.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(finish())
            } else if line.count < PluginOutput.longest {
                line.append(byte)
            } else {
                isCut = true
            }
        }
        return lines
    }

    /// What is left of a line that has no end; nil for nothing.
    mutating func rest() -> String? { line.isEmpty ? nil : finish() }

    private mutating func finish() -> String {
        defer { (line, isCut) = ([], false) }
        return String(decoding: line, as: UTF8.self) + (isCut ? "…" : "")
    }
}
