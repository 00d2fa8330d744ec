import BerthKernel
import Foundation

/// A folder with files of a group's names, which goes with this object. It makes no files of its own, and keeps what is
/// written as it is.
final class FakeGroup {
    let folder: URL

    init(_ files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-group-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try put(files)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The paths of files below the folder, with their texts.
    func put(_ files: [String: String]) throws {
        for (path, text) in files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    func group() throws -> Group { try Group(at: folder.path) }
}
