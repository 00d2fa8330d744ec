internal import Glibc
internal import Logging

/// Writes log lines to standard error, each with the priority that journald reads at its beginning (sd-daemon(3)).
struct JournalLine: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line of an error that happened before there was a log.
    static func complain(_ text: String) {
        write(text, priority: Logger.Level.error.priority)
    }

    /// Writes what is one line however it was made. A line that cannot be written (a full disk, a reader that has gone) is lost:
    /// the agent has more to do than to log.
    private static func write(_ text: String, priority: Int) {
        let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
        var left = Array("<\(priority)>\(line)\n".utf8)[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            left = left.dropFirst(count)
        }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let text = ([event.message.description] + fields.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        JournalLine.write(text, priority: event.level.priority)
    }
}
