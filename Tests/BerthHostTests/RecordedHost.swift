import BerthJSON
import BerthKernel
import BerthModel
import Foundation

@testable import BerthHost

/// A recorded host, unpacked into a folder of its own that goes with it.
final class RecordedHost {
    let folder: URL

    /// - Parameter archive: a gzipped tar archive with `proc` and `sys` in it
    init(archive: URL) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-host-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xzf", archive.path, "-C", folder.path]
        try tar.run()
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
    }

    /// A recording that was just made.
    convenience init(bytes: [UInt8]) throws {
        let archive = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString).tar.gz")
        try Data(bytes).write(to: archive)
        defer { try? FileManager.default.removeItem(at: archive) }
        try self.init(archive: archive)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func root() throws -> Root { try Root(folder: folder.path) }

    /// Every file's content, by path below the folder.
    func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        let names = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        while let file = names?.nextObject() as? URL {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            files[file.path] = try Data(contentsOf: file)
        }
        return files
    }
}

extension JSONValue {
    /// A member, and a member of that, …; nil where there is none.
    func at(_ keys: String...) -> JSONValue? {
        keys.reduce(self as JSONValue?) { value, key in
            guard case .object(let object)? = value else { return nil }
            return object[key]
        }
    }

    /// The elements of an array; none for anything else.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The text of a string.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The whole number.
    var integer: Int? {
        if case .number(let number) = self { number.int64.map { Int($0) } } else { nil }
    }
}
