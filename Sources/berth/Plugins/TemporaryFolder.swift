internal import BerthKernel
internal import Glibc

/// A folder that is there for as long as this value, and goes with all that is in it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        guard let template = strdup("\(parent)/berth-XXXXXX") else { throw CommandFailure("there is no memory") }
        defer { free(template) }
        guard mkdtemp(template) != nil else {
            throw CommandFailure("cannot make a folder in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(cString: template)
    }

    deinit {
        do throws(KernelError) { try FolderRemoval.remove(path) } catch {
            Terminal.note("\(path) is left behind: \(error)")
        }
    }
}
