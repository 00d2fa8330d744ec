internal import Foundation
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
        let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
        FileHandle.standardError.write(Data("<3>\(line)\n".utf8))
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }
        let text = ([event.message.description] + fields.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : String($0) }.joined()
        let bytes = Data("<\(event.level.priority)>\(line)\n".utf8)
        FileHandle.standardError.write(bytes)
    }
}
