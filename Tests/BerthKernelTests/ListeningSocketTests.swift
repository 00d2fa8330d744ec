import BerthKernel
import Foundation
import Testing

@Suite("The listening socket") struct ListeningSocketTests {
    private func path() -> String { NSTemporaryDirectory() + "berth-socket-\(UUID().uuidString.prefix(8))" }

    @Test("takes the place of a socket that nobody listens on, and has the mode it is told")
    func stale() throws {
        let path = path()
        let first = try ListeningSocket(path: path, mode: 0o600)
        first.close()
        let second = try ListeningSocket(path: path, mode: 0o640)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o640)
        second.remove()
        second.close()
        #expect(lstat(path, &status) != 0)
    }

    @Test("leaves a socket alone that someone listens on")
    func live() throws {
        let path = path()
        let first = try ListeningSocket(path: path)
        defer {
            first.remove()
            first.close()
        }
        #expect(throws: ListenError("another agent already listens on \(path)")) { try ListeningSocket(path: path) }
        var status = stat()
        #expect(lstat(path, &status) == 0)
    }

    @Test("leaves alone what is no socket")
    func file() throws {
        let path = path()
        try #require(FileManager.default.createFile(atPath: path, contents: Data("mine".utf8)))
        defer { unlink(path) }
        #expect(throws: ListenError("\(path) is in the way, and is no socket: move it away")) {
            try ListeningSocket(path: path)
        }
        #expect(FileManager.default.contents(atPath: path) == Data("mine".utf8))
    }

    @Test("does not remove another's file at the end")
    func replaced() throws {
        let path = path()
        let first = try ListeningSocket(path: path)
        unlink(path)
        let second = try ListeningSocket(path: path)
        first.remove()
        var status = stat()
        #expect(lstat(path, &status) == 0)
        first.close()
        second.remove()
        second.close()
    }

    @Test("says what was tried on what, and what the kernel answered")
    func errors() {
        #expect(throws: ListenError("open /nowhere/at/all: ENOENT")) { try ListeningSocket(path: "/nowhere/at/all/s") }
        #expect(throws: ListenError("s: the path of a socket must be absolute")) { try ListeningSocket(path: "s") }
        let long = "/tmp/" + String(repeating: "s", count: 120)
        #expect(throws: ListenError("bind \(long): ENAMETOOLONG")) { try ListeningSocket(path: long) }
    }

    @Test("a descriptor that is no such socket is refused", arguments: [0, -1, 9999] as [Int32])
    func descriptor(number: Int32) {
        #expect(throws: ListenError("descriptor \(number) is no Unix stream socket that listens")) {
            try ListeningSocket(handedOver: number)
        }
    }
}
