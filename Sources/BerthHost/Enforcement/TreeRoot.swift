package import BerthKernel
internal import Glibc

/// Where Berth's tree of cgroups hangs, and what is set above it.
package protocol TreeRoot: Sendable {
    /// The folder of the topmost group that is Berth's own.
    var path: String { get }
    /// Groups above it, nearest first, whose `cpuset.cpus.exclusive` is Berth's to write.
    var exclusiveAncestors: [String] { get }
    /// Opens the topmost group, and makes it first where it is missing.
    func open() async throws(KernelError) -> Group
    /// Has the kernel protect so much memory of all that runs below, with every group above.
    func protect(_ memory: MemoryProtection) async throws(KernelError)
}

/// A folder that somebody made for Berth: a delegated group, or a container's own.
package struct FolderRoot: TreeRoot {
    package let path: String
    package var exclusiveAncestors: [String] { [] }

    /// - Parameter path: an absolute path in a cgroup file system
    package init(path: String) { self.path = path }

    package func open() async throws(KernelError) -> Group { try Group(at: path) }

    package func protect(_ memory: MemoryProtection) async throws(KernelError) {
        let group = try Group(at: path)
        // The real root has no such files, and needs none.
        guard group.has("memory.low") else { return }
        do throws(KernelError) {
            try group.write("\(memory.low)", to: "memory.low")
            try group.write("\(memory.hard)", to: "memory.min")
        } catch {
            // A container's own group is its host's to protect: the receipts then say what is missing.
            guard [EPERM, EACCES, EROFS].contains(error.code) else { throw error }
        }
    }
}
