internal import Glibc

/// Writing to the person at the terminal, or to the program behind a pipe.
enum Terminal {
    /// Writes a text, to standard output where nothing else is said. A reader that has gone away ends the command
    /// quietly, as it does any filter.
    static func print(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
        guard write(text, to: descriptor) else { exit(EXIT_FAILURE) }
    }

    /// Writes a line to standard error.
    static func note(_ line: String) { _ = write("berth: \(line)\n", to: STDERR_FILENO) }

    /// Whether standard output is a terminal that shows colours: not when it is a pipe, and not where the person says
    /// so by NO_COLOR (no-color.org) or TERM=dumb.
    static var hasColours: Bool {
        guard isatty(STDOUT_FILENO) == 1, getenv("NO_COLOR") == nil, let term = getenv("TERM") else { return false }
        return strcmp(term, "dumb") != 0
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}
