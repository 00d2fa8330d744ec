/// Writes a tar archive (POSIX.1-2001 ustar with pax headers for long names), in memory.
///
/// Owners, times and modes are all alike, so that equal trees make equal archives.
struct TarArchive {
    private(set) var bytes: [UInt8] = []

    /// Adds a folder.
    mutating func addFolder(_ path: String) { addEntry(path + "/", type: "5", mode: 0o755) }

    /// Adds a file.
    mutating func addFile(_ path: String, _ content: [UInt8]) {
        addEntry(path, type: "0", mode: 0o644, size: content.count)
        bytes += content
        pad()
    }

    /// Adds a symbolic link.
    mutating func addLink(_ path: String, to target: String) { addEntry(path, type: "2", mode: 0o777, target: target) }

    /// Ends the archive: two blocks of zeros.
    mutating func finish() { bytes += [UInt8](repeating: 0, count: 1024) }

    private mutating func addEntry(_ path: String, type: Character, mode: Int, size: Int = 0, target: String = "") {
        var records: [UInt8] = []
        if path.utf8.count > 100 { records += TarArchive.record("path", path) }
        if target.utf8.count > 100 { records += TarArchive.record("linkpath", target) }
        if !records.isEmpty {
            addHeader("PaxHeader", type: "x", mode: 0o644, size: records.count, target: "")
            bytes += records
            pad()
        }
        addHeader(path, type: type, mode: mode, size: size, target: target)
    }

    private mutating func addHeader(_ path: String, type: Character, mode: Int, size: Int, target: String) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int, upTo length: Int) {
            for (index, byte) in text.utf8.prefix(length).enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(path, at: 0, upTo: 100)
        put(octal(mode, 7), at: 100, upTo: 7)
        put(octal(0, 7), at: 108, upTo: 7)
        put(octal(0, 7), at: 116, upTo: 7)
        put(octal(size, 11), at: 124, upTo: 11)
        put(octal(0, 11), at: 136, upTo: 11)
        put("        ", at: 148, upTo: 8)
        put(String(type), at: 156, upTo: 1)
        put(target, at: 157, upTo: 100)
        put("ustar\u{0}00", at: 257, upTo: 8)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148, upTo: 8)
        bytes += header
    }

    private mutating func pad() { bytes += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512) }

    /// One pax record: its own length in decimal, a space, `key=value`, a newline.
    private static func record(_ key: String, _ value: String) -> [UInt8] {
        let rest = " \(key)=\(value)\n".utf8
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length { length = String(length).utf8.count + rest.count }
        return Array("\(length)".utf8) + rest
    }
}
