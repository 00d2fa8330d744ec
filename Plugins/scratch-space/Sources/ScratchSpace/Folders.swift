import BerthPluginKit
import Glibc

/// The folders of reservations, below the plugin's state folder, by reservation.
struct Folders {
    private let home: String

    /// - Parameter home: the state folder, which becomes one that others may go through and not look into
    init(_ home: String) throws {
        self.home = home
        guard chmod(home, 0o711) == 0 else { throw Folders.failure("let others through", home) }
    }

    /// Makes the folder of a reservation where it is missing.
    /// - Returns: its path
    func make(_ reservation: String) throws -> String {
        let path = try path(reservation)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Folders.failure("make", path) }
        return path
    }

    /// Removes the folder of a reservation. Where it was given to somebody, the agent has emptied it before.
    func remove(_ reservation: String) throws {
        let path = try path(reservation)
        guard rmdir(path) == 0 || errno == ENOENT else { throw Folders.failure("remove", path) }
    }

    /// Removes what a plugin or an agent that died has left. What is not empty is the administrator's to look at.
    func removeAll(but held: Set<String>) {
        guard let folder = opendir(home) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), !held.contains(name) else { continue }
            do { try remove(name) } catch { print("what nobody holds is left: \(error)") }
        }
    }

    private func path(_ reservation: String) throws -> String {
        guard !reservation.isEmpty, !reservation.hasPrefix("."), !reservation.utf8.contains(UInt8(ascii: "/")) else {
            throw Failure("\(reservation) cannot be the name of a folder")
        }
        return "\(home)/\(reservation)"
    }

    private static func failure(_ tried: String, _ path: String) -> Failure {
        Failure("cannot \(tried) \(path): \(String(cString: strerror(errno)))")
    }
}
