internal import BerthModel

/// What is wrong with a trace: where, what stands there, and what would do.
package struct TraceError: Error, Hashable, Sendable {
    /// The line, the first being 1; 0 where it is the file as a whole.
    package var line: Int
    /// The name of the column; nil where it is the line as a whole.
    package var column: String?
    /// What is wrong, as the rest of a sentence.
    package var complaint: String

    init(line: Int, column: String? = nil, _ complaint: String) {
        self.line = line
        self.column = column
        self.complaint = complaint
    }
}

extension TraceError: CustomStringConvertible {
    /// `line 3, column cpu_milli: "x" is not …`.
    package var description: String {
        let place = [line > 0 ? "line \(line)" : nil, column.map { "column \($0)" }].compactMap { $0 }
        return place.isEmpty ? complaint : "\(place.joined(separator: ", ")): \(complaint)"
    }
}
