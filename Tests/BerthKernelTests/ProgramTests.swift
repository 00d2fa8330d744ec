import BerthKernel
import Foundation
import Testing

@Suite("A program")
struct ProgramTests {
    /// A folder with an executable `good`, a plain file `plain`, a folder `folder`, and one more of each name in `two`.
    private final class Folders {
        let path: String

        init() throws {
            path = NSTemporaryDirectory() + "berth-programs-\(UUID().uuidString)"
            let files = FileManager.default
            for folder in ["one/folder", "two"] {
                try files.createDirectory(atPath: "\(path)/\(folder)", withIntermediateDirectories: true)
            }
            for (file, mode) in [("one/good", 0o755), ("one/plain", 0o644), ("two/plain", 0o755), ("two/good", 0o755)] {
                _ = files.createFile(atPath: "\(path)/\(file)", contents: Data(), attributes: [.posixPermissions: mode])
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func find(_ name: String, _ folders: [String]) throws(Program.Missing) -> String {
            let text = folders.map { $0.isEmpty ? "" : "\(path)/\($0)" }.joined(separator: ":")
            let found = try Program.find(Array(name.utf8), in: Array(text.utf8))
            return String(decoding: found.path, as: UTF8.self).split(separator: path).joined()
        }
    }

    @Test(
        "is found in the first folder that has one to execute",
        arguments: [
            ("good", ["one", "two"], "/one/good"), ("good", ["two", "one"], "/two/good"),
            ("plain", ["one", "two"], "/two/plain"),
            ("good", ["none", "one"], "/one/good"),
        ])
    func found(name: String, folders: [String], path: String) throws {
        #expect(try Folders().find(name, folders) == path)
    }

    @Test(
        "is missing, or there and not to be executed",
        arguments: [
            ("nothing", ["one", "two"], .notFound), ("plain", ["one"], .notExecutable),
            ("folder", ["one"], .notExecutable),
            ("good", [], .notFound), ("", ["one"], .notFound), ("a\u{0}b", ["one"], .notFound),
            ("/nonexistent/x", ["one"], .notFound),
            ("/etc/passwd", ["one"], .notExecutable), ("/etc/passwd/x", ["one"], .notFound),
        ] as [(String, [String], Program.Missing)])
    func missing(name: String, folders: [String], why: Program.Missing) throws {
        let place = try Folders()
        #expect(throws: why) { try place.find(name, folders) }
    }

    @Test("is taken from where a path with a slash points, and an empty folder is the current one")
    func paths() throws {
        #expect(try Program.find(Array("/bin/sh".utf8), in: []).path == Array("/bin/sh".utf8))
        let current = FileManager.default.currentDirectoryPath
        let up = String(repeating: "../", count: current.split(separator: "/").count)
        #expect(try Program.find(Array("\(up)bin/sh".utf8), in: []).path == Array("\(up)bin/sh".utf8))
        #expect(throws: Program.Missing.notFound) { try Program.find(Array("sh".utf8), in: Array("".utf8)) }
    }
}
