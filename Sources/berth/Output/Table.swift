/// Aligned columns under a header.
struct Table {
    private let header: [String]
    private let right: Set<Int>
    private var rows: [[String]] = []

    /// - Parameters:
    ///   - header: the names of the columns
    ///   - right: the columns of numbers, which end under one another
    init(_ header: [String], right: Set<Int> = []) {
        self.header = header
        self.right = right
    }

    /// Adds a row of as many cells as the header has; what could steer a terminal is escaped.
    mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }

    /// The lines, each ended; the header stands out on a terminal.
    var text: String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return right.contains(column) ? space + cells[column] : cells[column] + space
            }
            let text = padded.joined(separator: "  ")
            return String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
        }
        return ([Style.bold(line(header))] + rows.map(line)).map { "\($0)\n" }.joined()
    }
}
