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
        return look { getpwnam_r(name, &entry, $0, $1, &found) } && found != nil ? entry.pw_uid : nil
    }

    /// The number of a group, by name or as a number itself.
    static func group(_ name: String) -> UInt32? {
        if let number = UInt32(name) { return number }
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        return look { getgrnam_r(name, &entry, $0, $1, &found) } && found != nil ? entry.gr_gid : nil
    }

    /// Looks with as much room as the entry needs: a group of a directory service may have ten thousands of members.
    /// - Returns: whether the look succeeded
    static func look(_ ask: (UnsafeMutablePointer<CChar>, Int) -> Int32) -> Bool {
        var room = 16_384
        while room <= 1 << 26 {
            var buffer = [CChar](repeating: 0, count: room)
            let code = ask(&buffer, room)
            guard code == ERANGE else { return code == 0 }
            room *= 4
        }
        return false
    }
}
