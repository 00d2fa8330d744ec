internal import BerthModel

/// The columns of a trace, as its first line names them.
struct TraceColumns: Sendable {
    /// What stands between two fields.
    let separator: UInt8
    /// The names as the file writes them.
    let names: [String]
    private let places: [String: Int]

    /// Sign of a file that is no trace is that nothing in it separates anything.
    init(header: ArraySlice<UInt8>, line: Int) throws(TraceError) {
        let separators: [UInt8] = [UInt8(ascii: "|"), UInt8(ascii: "\t"), UInt8(ascii: ",")]
        guard let separator = separators.first(where: header.contains) else {
            throw TraceError(
                line: line,
                "\(ParseError(String(decoding: header.prefix(200), as: UTF8.self), expected: TraceColumns.expected))")
        }
        self.separator = separator
        let names = try TraceRow.split(header, separator, line: line).map { String($0.trimmed) }
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() where !name.isEmpty {
            guard places.updateValue(place, forKey: name.lowercased()) == nil else {
                throw TraceError(line: line, column: name, "stands there more than once")
            }
        }
        self.names = names
        self.places = places
    }

    static let expected = "a line of column names, of the openb trace (cpu_milli, …) or of sacct -P (JobID|…)"

    /// Where a column is, however its name is written; nil where there is none.
    subscript(name: String) -> Int? { places[name.lowercased()] }

    /// - Throws: where one of the columns is not there
    func require(_ wanted: [String], line: Int) throws(TraceError) {
        guard let missing = wanted.first(where: { self[$0] == nil }) else { return }
        let shown = names.prefix(32).map { String($0.prefix(40)) }.joined(separator: ", ")
        throw TraceError(line: line, column: missing, "is missing; there are \(shown)")
    }
}

/// One line of a trace.
struct TraceRow {
    let line: Int
    private let columns: TraceColumns
    private let fields: [String]

    init(_ bytes: ArraySlice<UInt8>, columns: TraceColumns, line: Int) throws(TraceError) {
        let fields = try TraceRow.split(bytes, columns.separator, line: line)
        guard fields.count == columns.names.count else {
            throw TraceError(
                line: line, "has \(fields.count) fields, and the first line has \(columns.names.count)")
        }
        self.line = line
        self.columns = columns
        self.fields = fields
    }

    /// The text of a column without white space around it; nil where the column is not there or empty.
    func text(_ column: String) -> Substring? {
        guard let place = columns[column] else { return nil }
        let text = fields[place].trimmed
        return text.isEmpty ? nil : text
    }

    /// What a column says, read by `body`; nil where the column is not there or empty.
    /// - Throws: an error that names the place, where `body` gives nil
    func value<Value>(
        _ column: String, expected: String, _ body: (Substring) -> Value?
    ) throws(TraceError) -> Value? {
        guard let text = text(column) else { return nil }
        guard let value = body(text) else { throw invalid(column, text, expected: expected) }
        return value
    }

    /// A whole number from 0 on.
    func number(_ column: String, atMost most: Int64, of what: String) throws(TraceError) -> Int64? {
        try value(column, expected: "a whole number of \(what) from 0 to \(most)") { text in
            guard let number = Int64(text), 0...most ~= number, text.utf8.first != UInt8(ascii: "+") else { return nil }
            return number
        }
    }

    /// The same where it must be there.
    func required(_ column: String, atMost most: Int64, of what: String) throws(TraceError) -> Int64 {
        guard let number = try number(column, atMost: most, of: what) else {
            throw TraceError(line: line, column: column, "is empty; expected is a whole number of \(what)")
        }
        return number
    }

    func invalid(_ column: String, _ text: some StringProtocol, expected: String) -> TraceError {
        TraceError(line: line, column: column, "\(ParseError(text, expected: expected))")
    }

    /// The fields of a line. Of those with commas between them some may stand in double quotes, as spreadsheets write
    /// them.
    static func split(_ bytes: ArraySlice<UInt8>, _ separator: UInt8, line: Int) throws(TraceError) -> [String] {
        let quote = UInt8(ascii: "\"")
        guard separator == UInt8(ascii: ","), bytes.contains(quote) else {
            return bytes.split(separator: separator, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            let next = bytes.index(after: index)
            if byte == quote {
                if isQuoted, next < bytes.endIndex, bytes[next] == quote {
                    field.append(quote)
                    index = next
                } else {
                    isQuoted.toggle()
                }
            } else if byte == separator, !isQuoted {
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
            } else {
                field.append(byte)
            }
            index = bytes.index(after: index)
        }
        guard !isQuoted else { throw TraceError(line: line, "has a double quote that nothing closes") }
        return fields + [String(decoding: field, as: UTF8.self)]
    }
}
