import BerthHost
import BerthKernel
import Foundation

/// A host made up for one test: files, links and folders below a folder of its own.
///
/// It is removed when the tests end and not before, for a reader does not hold on to it.
final class PlantedTree {
    let folder: String

    /// - Parameters:
    ///   - files: text by path; folders above are made
    ///   - links: where each link points, as it is written, by the link's path
    init(_ files: [String: String] = [:], links: [String: String] = [:], folders: [String] = []) throws {
        folder = "\(PlantedTree.all)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for path in folders { try make("\(folder)/\(path)") }
        for (path, text) in files { try write(path, Data(text.utf8)) }
        for (path, target) in links {
            try make((("\(folder)/\(path)") as NSString).deletingLastPathComponent)
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(path)", withDestinationPath: target)
        }
    }

    /// The folder of all of them.
    private static let all: String = {
        atexit { try? FileManager.default.removeItem(atPath: PlantedTree.all) }
        return NSTemporaryDirectory() + "berth-trees-\(getpid())"
    }()

    func write(_ path: String, _ data: Data) throws {
        try make((("\(folder)/\(path)") as NSString).deletingLastPathComponent)
        try data.write(to: URL(fileURLWithPath: "\(folder)/\(path)"))
    }

    private func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func reader(_ trace: ReadTrace? = nil) throws -> HostReader {
        HostReader(root: try Root(folder: folder), trace: trace)
    }
}

/// The files of a folder, each by its name.
func files(in folder: String, _ files: [String: String]) -> [String: String] {
    Dictionary(uniqueKeysWithValues: files.map { ("\(folder)/\($0)", $1 + "\n") })
}

extension [String: String] {
    static func + (left: [String: String], right: [String: String]) -> [String: String] {
        left.merging(right) { $1 }
    }
}
