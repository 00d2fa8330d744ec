internal import BerthHost
internal import BerthKernel
internal import Glibc
internal import Synchronization

/// Watches the folder that plugins lie in; while there is none, what there is of the way to it.
final class PluginFolderWatch: Sendable {
    private let folder: String
    private let kernel: KernelWatch
    private let token = Mutex<WatchToken?>(nil)

    init(_ folder: String, _ kernel: KernelWatch) {
        self.folder = folder
        self.kernel = kernel
    }

    /// Calls `body` when something there has come, gone or changed. Takes the place of what was watched before.
    func watch(_ body: @escaping @Sendable () -> Void) throws(KernelError) {
        try token.withLock { token throws(KernelError) in
            var path = folder
            while true {
                do throws(KernelError) {
                    let new = try kernel.watchFolder(path, body)
                    if let former = token { kernel.cancel(former) }
                    token = new
                    return
                } catch {
                    // What is no folder, or not to be looked into, may become one.
                    let isOfPath = [ENOENT, ENOTDIR, EACCES].contains(error.code)
                    guard isOfPath, path != "/", let slash = path.lastIndex(of: "/") else { throw error }
                    path = slash == path.startIndex ? "/" : String(path[..<slash])
                }
            }
        }
    }
}
