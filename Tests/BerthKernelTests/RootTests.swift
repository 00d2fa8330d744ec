import BerthKernel
import Foundation
import Testing

@Suite("The root of a tree")
struct RootTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-root-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("sys/a"), withIntermediateDirectories: true)
        try Data("one\n".utf8).write(to: folder.appendingPathComponent("sys/a/file"))
        for (name, target) in [
            ("sys/link", "a/file"), ("sys/absolute", "/sys/a/file"), ("sys/outside", "../../../../../etc/passwd"),
            ("sys/etc", "/etc/passwd"), ("sys/dangling", "nowhere"), ("sys/loop", "loop"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent(name).path, withDestinationPath: target)
        }
    }

    @Test("follows links within, absolute ones too", arguments: ["sys/a/file", "sys/link", "sys/absolute"])
    func reading(path: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = try Root(folder: folder.path)
        #expect(try root.text(path) == "one\n")
        #expect(root.resolved(path) == "sys/a/file")
        #expect(try root.kind(path) == .file)
    }

    @Test("never leaves its folder", arguments: ["sys/outside", "sys/etc", "../../../../etc/passwd"])
    func confined(path: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = try Root(folder: folder.path)
        #expect(throws: KernelError.self) { try root.text(path) }
        #expect(!root.has(path) && root.resolved(path) == nil)
    }

    @Test("says what was tried, on what, and what was answered", arguments: ["sys/dangling", "sys/missing"])
    func absent(path: String) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = try Root(folder: folder.path)
        let error = try #require(throws: KernelError.self) { try root.text(path) }
        #expect(error.saysAbsent)
        #expect(error.description == "open \(folder.path)/\(path): ENOENT (No such file or directory)")
    }

    @Test("goes round no loop of links")
    func loop() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let root = try Root(folder: folder.path)
        #expect(root.resolved("sys/loop") == nil)
        #expect(throws: KernelError.self) { try root.text("sys/loop") }
    }

    @Test("lists a folder by name, with what each name is")
    func listing() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let entries = try Root(folder: folder.path).entries("sys")
        #expect(entries.map(\.name) == ["a", "absolute", "dangling", "etc", "link", "loop", "outside"])
        #expect(entries.first?.kind == .folder && entries.last?.kind == .link)
        #expect(try Root(folder: folder.path).target(ofLink: "sys/link") == "a/file")
    }

    @Test(
        "reads a file whole, and refuses one beyond all reason", arguments: [0, 4095, 4096, 4097, 1_000_000, 17 << 20])
    func long(size: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(repeating: 7, count: size).write(to: folder.appendingPathComponent("sys/long"))
        let root = try Root(folder: folder.path)
        if size > Root.largestFile {
            let error = try #require(throws: KernelError.self) { try root.bytes("sys/long") }
            #expect(error.code == EFBIG)
        } else {
            #expect(try root.bytes("sys/long") == [UInt8](repeating: 7, count: size))
        }
    }
}
