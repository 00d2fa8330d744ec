import BerthKernel
import Foundation
import Testing

@Suite("Folders of others") final class FolderTests {
    private let home: String

    init() throws {
        home = NSTemporaryDirectory() + "berth-folders-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    private func make(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: "\(home)/\(path)", withIntermediateDirectories: true)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: "\(home)/\(path)") }

    @Test(
        "lie below by a path without ways out",
        arguments: [
            "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a/..", "a\0b", String(repeating: "a", count: 256),
        ])
    func refused(text: String) { #expect(FolderPath(text) == nil) }

    @Test("are reached through no link, neither on the way nor at its end")
    func links() throws {
        try make("a/b")
        try FileManager.default.createSymbolicLink(atPath: "\(home)/l", withDestinationPath: "a")
        try FileManager.default.createSymbolicLink(atPath: "\(home)/a/m", withDestinationPath: "b")
        func opened(_ text: String) throws -> String? {
            let path = try #require(FolderPath(text))
            let parent = try path.openParent(in: home)
            let folder = try path.open(in: parent, below: home)
            return try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(folder.number)")
        }
        #expect(try opened("a/b")?.hasSuffix("/a/b") == true)
        for text in ["l/b", "l", "a/m", "a/n"] { #expect(throws: KernelError.self) { try opened(text) } }
    }

    @Test("are looked at on the way, home too and the last not")
    func checked() throws {
        try make("a/b/c")
        var seen: [String] = []
        let path = try #require(FolderPath("a/b/c"))
        _ = try path.openParent(in: home) { (_, path) throws(KernelError) in seen.append(path) }
        #expect(seen == [home, "\(home)/a", "\(home)/a/b"])
    }

    @Test("are removed with all that is in them, however deep and closed, and nothing beside them is")
    func removed() throws {
        try make("beside")
        try make("top/" + Array(repeating: "d", count: 300).joined(separator: "/"))
        try make("top/lifted-1")
        try make("top/closed/in")
        try FileManager.default.createSymbolicLink(atPath: "\(home)/top/link", withDestinationPath: "../beside")
        try Data([1]).write(to: URL(fileURLWithPath: "\(home)/top/closed/in/file"))
        for path in ["top/closed/in", "top/closed"] { chmod("\(home)/\(path)", 0) }
        try FolderRemoval.remove("\(home)/top")
        #expect(!exists("top"))
        #expect(exists("beside"))
        #expect(throws: KernelError.self) { try FolderRemoval.remove("\(self.home)/top") }
    }
}
