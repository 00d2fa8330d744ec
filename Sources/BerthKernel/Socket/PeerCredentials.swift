internal import CLinux
internal import Glibc

/// Who is at the other end of a Unix socket, as the kernel noted at connect(2).
package struct PeerCredentials: Hashable, Sendable {
    /// The process; 0 or less where it is in a foreign pid namespace.
    package let pid: Int32
    /// The effective user.
    package let user: UInt32
    /// The effective group, then the supplementary ones.
    package let groups: [UInt32]

    /// Reads SO_PEERCRED and SO_PEERGROUPS of unix(7); nil where the socket has no peer any more.
    package init?(socket: Int32) {
        var peer = berth_peer()
        guard berth_peer_credentials(socket, &peer) == 0 else { return nil }
        pid = peer.pid
        user = peer.user
        // Most users have few groups; the kernel says how many there are where the room is too small.
        var room = 64
        while true {
            var count = room
            var result: Int32 = -1
            var code: Int32 = 0
            let more = [UInt32](unsafeUninitializedCapacity: room) { buffer, filled in
                result = berth_peer_groups(socket, buffer.baseAddress, &count)
                code = errno
                filled = result == 0 ? min(count, room) : 0
            }
            if result == 0 {
                groups = [peer.group] + more
                return
            }
            guard code == ERANGE, count > room, count <= 65_536 else { return nil }
            room = count
        }
    }
}
