import BerthKernel
import Foundation
import Testing

@Suite("A connection to a Unix socket")
struct UnixStreamTests {
    /// A socket that listens in a folder of its own.
    private final class Listener {
        let path = NSTemporaryDirectory() + "berth-\(UUID().uuidString.prefix(8)).sock"
        private let number: Int32

        init() throws {
            number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(bound == 0 && listen(number, 5) == 0)
        }

        deinit {
            close(number)
            unlink(path)
        }

        func accepted() -> Int32 { accept(number, nil, nil) }
    }

    @Test("tells who listens")
    func peer() throws {
        let listener = try Listener()
        let peer = try UnixStream(connectingTo: listener.path).peer()
        #expect(peer.pid == getpid() && peer.user == geteuid())
    }

    @Test("carries bytes both ways until it is closed")
    func bytes() throws {
        let listener = try Listener()
        let stream = try UnixStream(connectingTo: listener.path)
        let peer = listener.accepted()
        try stream.send(Array("ask".utf8))
        var buffer = [UInt8](repeating: 0, count: 10)
        #expect(read(peer, &buffer, 10) == 3)
        #expect(write(peer, "answer", 6) == 6)
        #expect(try stream.receive(atMost: 4) == Array("answ".utf8))
        #expect(try stream.receive(atMost: 4, until: SystemClock.uptime + 1000) == Array("er".utf8))
        close(peer)
        #expect(try stream.receive(atMost: 4) == [])
        // The test process would be dead if this raised SIGPIPE.
        var code: Int32?
        do { for _ in 0..<2 { try stream.send([1]) } } catch { code = error.code }
        #expect(code == EPIPE)
    }

    @Test("waits no longer than it is told")
    func deadline() throws {
        let listener = try Listener()
        let stream = try UnixStream(connectingTo: listener.path)
        let began = SystemClock.uptime
        var error: KernelError?
        do { _ = try stream.receive(atMost: 4, until: began + 50) } catch let caught { error = caught }
        #expect(error?.code == ETIMEDOUT && error?.saysTooSlow == true)
        #expect((50..<5000).contains(SystemClock.uptime - began))
    }

    @Test(
        "is refused with a reason",
        arguments: [
            ("/nonexistent/x.sock", ENOENT), ("/etc/passwd", ECONNREFUSED),
            ("/" + String(repeating: "x", count: 200), ENAMETOOLONG),
        ])
    func refusal(path: String, code: Int32) {
        var found: Int32?
        do { _ = try UnixStream(connectingTo: path) } catch { found = error.code }
        #expect(found == code)
    }
}
