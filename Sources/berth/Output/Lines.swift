/// Lines of a title and what is known under it.
struct Lines {
    private var lines: [String] = []

    /// Adds a line; nothing where no part is known. What could steer a terminal is escaped.
    mutating func add(_ title: String, _ parts: String?...) {
        let text = parts.compactMap { $0 }.joined(separator: ", ")
        guard !text.isEmpty else { return }
        let padding = String(repeating: " ", count: max(1, 13 - title.count))
        lines.append("\(Style.bold(title))\(padding)\(text.printable)\n")
    }

    /// The lines, each ended.
    var text: String { lines.joined() }
}
