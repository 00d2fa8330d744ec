internal import BerthModel
internal import Glibc

/// Looks up users and groups by the names an administrator writes: getpwnam_r(3), getgrnam_r(3).
enum Account {
    /// The users and groups of this host.
    static var names: AccountNames { AccountNames(user: user, group: group) }

    /// The number of a user, by name or as a number itself.
    static func user(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    /// The number of a group, by name or as a number itself.
    static func group(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
