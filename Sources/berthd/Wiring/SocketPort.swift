internal import BerthAgent
internal import BerthKernel
internal import BerthServer

/// The agent's Unix socket behind the server's port.
struct SocketPort: Sockets {
    let socket: ListeningSocket
    let processes: ProcessPort

    func listen() -> Int32 { socket.number }

    func stopListening() { socket.remove() }

    func peer(of connection: Int32) -> Peer? {
        guard let peer = PeerCredentials(socket: connection) else { return nil }
        let accepted = SystemClock.uptime
        return Peer(user: peer.user, groups: peer.groups, pid: peer.pid) { [processes] () throws(AttachError) in
            try processes.process(peer.pid, startedBefore: accepted)
        }
    }

    func withProcess(_ peer: Peer, of connection: Int32) -> Peer {
        let found: Result<any ProcessHandle, AttachError>
        do throws(KernelError) {
            switch try PeerProcess(socket: connection) {
            case .process(let descriptor):
                found = processes.found(peer.pid, by: descriptor)
            case .unsupported: return peer
            case .gone: found = .failure(.gone(pid: peer.pid))
            }
        } catch {
            found = .failure(.kernel(error.description))
        }
        var peer = peer
        peer.process = { () throws(AttachError) in try found.get() }
        return peer
    }
}
