internal import BerthKernel
internal import Foundation

/// The folder that the socket lies in.
enum SocketFolder {
    /// Makes the folder (0755) where it is missing: who may connect is said by the socket's own mode.
    static func make(for socket: String) throws {
        let folder = URL(fileURLWithPath: socket).deletingLastPathComponent().path
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    }
}
