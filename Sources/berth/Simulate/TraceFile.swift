internal import BerthCore
internal import BerthKernel

/// The trace of a simulation, from a file or a pipe.
enum TraceFile {
    /// Reads all of it.
    /// - Throws: where it cannot be read, and where it is no trace: with file, line and column
    static func read(_ path: String) throws(CommandFailure) -> Trace {
        let name = path == "-" ? "standard input" : path
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
            throw CommandFailure("\(name): \(error)", hint: "--trace wants the openb trace, or what sacct -P prints")
        } catch {
            throw CommandFailure("\(error)", hint: "--trace wants a file, or - for standard input")
        }
    }
}
