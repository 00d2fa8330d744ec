internal import CSystemd
internal import Glibc
internal import Logging

/// One entry of the journal: systemd.journal-fields(7).
struct JournalFields: Hashable, Sendable {
    /// Names and values, in the order in which they are sent.
    let fields: [Field]

    /// One field.
    struct Field: Hashable, Sendable {
        let name: String
        let value: String
    }

    /// - Parameters:
    ///   - message: what a person reads; the metadata is put behind it, for journalctl shows nothing else
    ///   - metadata: becomes fields, `BERTH_` and the key
    init(_ message: String, level: Logger.Level, metadata: Logger.Metadata) {
        let metadata = metadata.sorted { $0.key < $1.key }
        let text = ([message] + metadata.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
        fields =
            [
                Field(name: "MESSAGE", value: text), Field(name: "PRIORITY", value: "\(level.priority)"),
                Field(name: "SYSLOG_IDENTIFIER", value: "berthd"),
            ] + metadata.map { Field(name: JournalFields.name(of: $0.key), value: "\($0.value)") }
    }

    /// The name of a field: upper case letters, digits and `_`, at most 64 bytes; the journal drops the others.
    static func name(of key: String) -> String {
        let bytes = key.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return String(decoding: Array("BERTH_".utf8) + bytes.prefix(58), as: UTF8.self)
    }

    /// Sends it. Returns 0, or a negative error number.
    func send() -> Int32 {
        let texts = fields.map { Array("\($0.name)=\($0.value)".utf8) }
        let bytes = texts.flatMap { $0 }
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            let parts = texts.map { text in
                defer { offset += text.count }
                let start = buffer.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + offset) }
                return iovec(iov_base: start, iov_len: text.count)
            }
            return sd_journal_sendv(parts, Int32(parts.count))
        }
    }
}

extension Logger.Level {
    /// The priority of syslog(3): 7 is the least.
    var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
