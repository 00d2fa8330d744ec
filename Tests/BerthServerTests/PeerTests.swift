import BerthAgent
import Foundation
import Testing

@testable import BerthServer

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

    @Test("has a descriptor that can be given away and is closed with its owner")
    func descriptor() throws {
        let (one, other) = try pair()
        defer { for end in [one, other] { close(end) } }
        let number: Int32
        do {
            guard case .process(let descriptor) = PeerDescriptor.of(socket: one) else {
                // Before Linux 6.5 there is none, and the server says so.
                guard case .unsupported = PeerDescriptor.of(socket: one) else {
                    Issue.record("neither a descriptor nor an old kernel")
                    return
                }
                return
            }
            number = try descriptor.duplicate()
        }
        defer { close(number) }
        let info = try String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)
        #expect(info.contains("Pid:\t\(getpid())"))
        #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
    }
}
