internal import CSystemd
internal import Glibc
internal import Logging

/// Sends log lines to the journal with their metadata as fields of their own, so that `journalctl BERTH_SOCKET=…` finds
/// them: sd_journal_send(3).
struct Journal: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    /// What writes the agent's log: the journal where standard error leads there, else lines on standard error.
    static func handler() -> any LogHandler { isConnected ? Journal() : JournalLine() }

    /// Whether standard error is the journal's own stream, as `JOURNAL_STREAM` of systemd.exec(5) tells by device and inode:
    /// the variable alone is inherited by programs whose output leads elsewhere.
    private static let isConnected: Bool = {
        var status = stat()
        guard let stream = getenv("JOURNAL_STREAM"), fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
    }()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = JournalFields(
            event.message.description, level: event.level,
            metadata: metadata.merging(event.metadata ?? [:]) { _, new in new })
        // The journal is down or full: the line must not be lost with it.
        if fields.send() != 0 { JournalLine(metadata: metadata, logLevel: logLevel).log(event: event) }
    }
}
