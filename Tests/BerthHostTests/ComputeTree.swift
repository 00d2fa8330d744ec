import BerthHost
import BerthKernel
import BerthModel
import Foundation

/// A small host tree in a temporary folder, which goes when the tests end: a reader does not hold on to its tree.
struct ComputeTree {
    let folder: URL

    private static let top: URL = {
        atexit { try? FileManager.default.removeItem(at: ComputeTree.top) }
        return FileManager.default.temporaryDirectory.appending(path: "berth-trees-\(UUID().uuidString)")
    }()

    /// - Parameters:
    ///   - files: texts by path, without a leading slash; a path that ends in a slash is an empty folder
    ///   - links: targets by path
    init(_ files: [String: String], links: [String: String] = [:]) throws {
        folder = ComputeTree.top.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (path, text) in files { try write(path, Data(text.utf8)) }
        for (path, target) in links {
            let link = folder.appending(path: path)
            try FileManager.default.createDirectory(
                at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: target)
        }
    }

    func write(_ path: String, _ bytes: Data) throws {
        let file = folder.appending(path: path)
        guard !path.hasSuffix("/") else {
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
            return
        }
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: file)
    }

    func reader() throws -> HostReader { HostReader(root: try Root(folder: folder.path)) }

    func compute() throws -> Compute { Compute.discover(try reader()) }

    /// Files of CPUs below their folders: `cpus(["topology/core_id": [0: "0"]])`.
    static func cpus(_ files: [String: [Int: String]]) -> [String: String] {
        var paths: [String: String] = [:]
        for (name, texts) in files {
            for (cpu, text) in texts { paths["sys/devices/system/cpu/cpu\(cpu)/\(name)"] = text + "\n" }
        }
        return paths
    }
}

/// Joins the files of two trees; the second wins.
func + (one: [String: String], other: [String: String]) -> [String: String] { one.merging(other) { $1 } }
