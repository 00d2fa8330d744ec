import Foundation

/// Ways to spoil a file.
enum Damaging {
    /// Puts bytes that are no page of a database in the place of others.
    static func overwrite(_ path: String, from offset: Int, count: Int) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data((0..<count).map { UInt8(truncatingIfNeeded: 7 + 13 * $0) }))
    }

    static func truncate(_ path: String, to length: Int) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.truncate(atOffset: UInt64(length))
    }
}
