import BerthKernel
import Foundation
import Testing

@Suite("The peer of a socket") struct PeerTests {
    private func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("is known by process, user and groups")
    func credentials() throws {
        let (one, other) = try pair()
        defer { for end in [one, other] { close(end) } }
        let peer = try #require(PeerCredentials(socket: one))
        #expect(peer.pid == getpid())
        #expect(peer.user == geteuid())
        #expect(peer.groups.first == getegid())
        var own = [gid_t](repeating: 0, count: 65_536)
        let count = getgroups(Int32(own.count), &own)
        #expect(Set(peer.groups.dropFirst()) == Set(own.prefix(Int(count))))
    }

    @Test("that is no socket has no credentials")
    func nothing() { #expect(PeerCredentials(socket: 0) == nil) }

    @Test("has a descriptor of its process")
    func descriptor() throws {
        let (one, other) = try pair()
        defer { for end in [one, other] { close(end) } }
        switch try PeerProcess(socket: one) {
        case .process(let descriptor):
            let info = try String(contentsOfFile: "/proc/self/fdinfo/\(descriptor.number)", encoding: .utf8)
            #expect(info.contains("Pid:\t\(getpid())"))
            #expect(fcntl(descriptor.number, F_GETFD) & FD_CLOEXEC != 0)
        case .gone: Issue.record("this process is there")
        // Before Linux 6.5 there is none.
        case .unsupported: break
        }
    }

    @Test("that is no socket has no process, and the kernel says why")
    func noSocket() throws {
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        #expect(throws: KernelError("get SO_PEERPIDFD of", "a Unix socket", code: ENOTSOCK)) {
            _ = try PeerProcess(socket: file)
        }
    }
}
