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

        let library: File
        /// Nil where there is no manifest.
        let manifest: File?
    }

    package let path: String

    package init(_ path: String) { self.path = path }

    /// The libraries that are there now, by the plugin's name, `NAME.so`. None where there is no folder.
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
        for name in names where name.hasSuffix(".so") && !name.hasPrefix(".") {
            let plugin = String(name.dropLast(3))
            guard let library = PluginFolder.stamp("\(path)/\(name)") else { continue }
            found[plugin] = Stamp(library: library, manifest: PluginFolder.stamp("\(path)/\(plugin).json"))
        }
        return found
    }

    /// Whether a plugin's files are still being written.
    package func isBeingWritten(_ name: String) -> Bool {
        [library(name), "\(path)/\(name).json"].contains { path in
            do throws(KernelError) { return try PlainFile(path).isBeingWritten } catch { return false }
        }
    }

    /// Where a plugin's library lies.
    package func library(_ name: String) -> String { "\(path)/\(name).so" }

    private static func stamp(_ path: String) -> Stamp.File? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp.File(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
            modified: [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec])
    }
}
