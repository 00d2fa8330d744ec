internal import CLinux
internal import Glibc

extension UnixStream {
    /// Who listens at the other end.
    package struct Peer: Hashable, Sendable {
        /// The process that called listen(2): the agent's, or systemd's where that opened the socket; 0 or less in a
        /// foreign pid namespace.
        package let pid: Int32
        /// Its effective user.
        package let user: UInt32
    }

    /// Asks who listens: SO_PEERCRED of unix(7).
    package func peer() throws(KernelError) -> Peer {
        var peer = berth_peer()
        guard berth_peer_credentials(number, &peer) == 0 else {
            throw KernelError("ask for the peer of", "a Unix socket", code: errno)
        }
        return Peer(pid: peer.pid, user: peer.user)
    }
}
