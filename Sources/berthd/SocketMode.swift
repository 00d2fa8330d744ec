internal import BerthAgent
internal import Glibc
internal import Logging

/// Who may connect to the agent's socket: root and the group `berth`, or everybody, where the configuration gives a role to others
/// than these. What each may do is decided by who is at the other end, whatever the mode.
enum SocketMode {
    /// The group whose members may connect in any case; nil where there is none, or an ordinary user's agent could not give it
    /// the socket.
    static var group: UInt32? { geteuid() == 0 ? Account.group("berth") : nil }

    /// The mode for some roles.
    static func mode(for roles: Roles) -> UInt32 { roles.reach(beyond: group, [0, geteuid()]) ? 0o666 : 0o660 }

    /// Gives a socket that is there the mode for some roles.
    static func set(_ path: String, for roles: Roles, _ logger: Logger) {
        let mode = mode(for: roles)
        guard chmod(path, mode) != 0 else { return }
        let reason = String(cString: strerror(errno))
        logger.warning(
            "chmod of \(path) to \(String(mode, radix: 8)): \(reason); who has a role may not be able to connect")
    }
}
