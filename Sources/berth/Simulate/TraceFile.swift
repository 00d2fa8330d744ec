internal import BerthCore
internal import BerthKernel

/// The trace of a simulation, from a file or a pipe.
enum TraceFile {
    /// What it is called.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// Reads all of it.
    /// - Throws: where it cannot be read, and where it is no trace: with file, line and column
    static func read(_ path: String) throws(CommandFailure) -> Trace {
        do {
            let file = try InputFile(path)
            var reader = TraceReader()
            while true {
                let bytes = try file.next()
                if bytes.isEmpty { break }
                try reader.read(bytes)
            }
            return try reader.finish()
        } catch let error as TraceError {
            throw CommandFailure(
                "\(name(path)): \(error)", hint: "--trace wants the openb trace, or what sacct -P prints")
        } catch {
            throw CommandFailure("\(error)", hint: "--trace wants a file, or - for standard input")
        }
    }
}
