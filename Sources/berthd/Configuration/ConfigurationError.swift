/// What is wrong with a configuration file, and where.
struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The file's path.
    let file: String
    /// The line, counted from 1; nil where it concerns the file as a whole.
    let line: Int?
    /// What is wrong, as a sentence.
    let reason: String

    /// `/etc/berth/berth.yaml:12: unknown field "memroy"; did you mean "memory"?`
    var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(reason)" }
}
