package import BerthKernel
internal import Glibc

/// The folder that plugins lie in.
package struct PluginFolder: Hashable, Sendable {
    /// By what it is known that a plugin's files are other ones than before.
    package struct Stamp: Hashable, Sendable {
        /// Of a file: which it is, how long, and when its content and its owner or mode were last changed.
        struct File: Hashable, Sendable {
            let device: UInt64
            let inode: UInt64
            let size: Int64
            let modified: [Int]
        }

        /// Where the library lies.
        let path: String
        let library: File
        /// Nil where there is no manifest.
        let manifest: File?
    }

    package let path: String

    package init(_ path: String) { self.path = path }

    /// The libraries that are there now, by the plugin's name: `NAME.so`, or else `libNAME.so`, as it was built. None where
    /// there is no folder.
    /// - Throws: where it is there and cannot be read
    package func libraries() throws(KernelError) -> [String: Stamp] {
        let names: [String]
        do throws(KernelError) {
            names = try Root.names(inFolder: path)
        } catch {
            if error.code == ENOENT { return [:] }
            throw error
        }
        var found: [String: Stamp] = [:]
        let libraries = names.filter { $0.hasSuffix(".so") && !$0.hasPrefix(".") }
        for name in libraries.sorted(by: { !$0.hasPrefix("lib") && $1.hasPrefix("lib") }) {
            let base = name.dropLast(3)
            let plugin = String(base.hasPrefix("lib") && base.count > 3 ? base.dropFirst(3) : base)
            let place = "\(path)/\(name)"
            guard found[plugin] == nil, let library = PluginFolder.stamp(place) else { continue }
            found[plugin] = Stamp(path: place, library: library, manifest: PluginFolder.stamp(manifest(plugin)))
        }
        return found
    }

    /// Whether a plugin's files are still being written.
    package func isBeingWritten(_ name: String, _ stamp: Stamp) -> Bool {
        [stamp.path, manifest(name)].contains { path in
            do throws(KernelError) { return try PlainFile(path).isBeingWritten } catch { return false }
        }
    }

    /// Where a plugin's manifest lies.
    func manifest(_ name: String) -> String { "\(path)/\(name).json" }

    private static func stamp(_ path: String) -> Stamp.File? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp.File(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            modified: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
    }
}
