internal import BerthAgent
internal import CLinux
internal import Glibc
internal import Logging

/// Who may connect to the agent's socket: root and a group, or everybody, where the configuration gives a role to others than these.
/// What each may do is decided by who is at the other end, whatever the mode.
struct SocketMode {
    /// Where the socket is.
    private let path: String
    /// The mode that it has as long as nobody else has a role.
    private let least: mode_t

    /// The least mode of a socket that the agent makes.
    private static let own: mode_t = 0o660

    /// The mode of a socket that the agent makes, for some roles.
    static func own(for roles: Roles) -> mode_t { mode(own, group ?? getegid(), roles) }

    private static func mode(_ least: mode_t, _ group: gid_t, _ roles: Roles) -> mode_t {
        roles.reach(beyond: group, Roles.owners) ? least | 0o666 : least
    }

    /// The group whose members may connect to a socket that the agent makes; nil where there is none, or an ordinary user's agent
    /// could not give it the socket.
    static var group: UInt32? { geteuid() == 0 ? Account.group("berth") : nil }

    /// For a socket that the agent makes.
    init(path: String) {
        self.path = path
        least = SocketMode.own
    }

    /// For one that was handed over; nil where it is no file. It keeps at least the mode that it has: where another agent has widened
    /// it, that stays until systemd makes it anew.
    init?(descriptor: Int32) {
        var bytes = [CChar](repeating: 0, count: 256)
        guard berth_unix_path(descriptor, &bytes, bytes.count) > 0 else { return nil }
        path = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        least = status.st_mode & 0o777
    }

    /// Gives it the mode for some roles.
    func set(for roles: Roles, _ logger: Logger) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        let mode = SocketMode.mode(least, status.st_gid, roles)
        guard status.st_mode & 0o777 != mode, chmod(path, mode) != 0 else { return }
        let reason = String(cString: strerror(errno))
        logger.warning(
            "chmod of \(path) to \(String(mode, radix: 8)): \(reason); who has a role may not be able to connect")
    }
}
