internal import BerthKernel
internal import BerthModel
internal import Glibc

/// The group of version 2 that a process is in: the line `0::PATH` of its `cgroup` in /proc (cgroups(7)).
struct ProcessGroup: Equatable {
    /// From the root of the reader's cgroup namespace; `/..` leads out of that.
    let path: String
    /// Whether the group was removed: nothing that is in it will run again.
    let isRemoved: Bool

    private static let mark = " (deleted)"

    /// Nil where there is no such line.
    init?(parsing text: String) {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let path = line.dropFirst(3)
        isRemoved = path.hasSuffix(ProcessGroup.mark)
        self.path = String(isRemoved ? path.dropLast(ProcessGroup.mark.count) : path)
    }

    /// Whether it is the group whose path ends like this, or one below it. What stands before is not compared: a mount may
    /// show the tree from another group on than a namespace does, and the name of a leaf is of no other group.
    func isInside(_ end: String) -> Bool { path.hasSuffix(end) || path.contains(end + "/") }

    /// Whether a process is alive and outside of a group.
    /// - Parameters:
    ///   - end: the last parts of the group's path
    ///   - live: the machine
    static func isOutside(
        _ process: LiveProcess, of end: String, on live: Root
    ) throws(KernelError) -> Bool {
        let file = "proc/\(process.identity.pid)/cgroup"
        let text: String
        do throws(KernelError) {
            text = try live.text(file)
        } catch {
            guard process.isAlive else { return false }
            throw error
        }
        guard let group = ProcessGroup(parsing: text) else {
            throw KernelError("understand", live.shown(file), code: EPROTO)
        }
        // A process on its way out is in no cgroup.procs any more, and the leaf is empty before its descriptor says that it
        // has ended; but this file names its group to the last. One that has ended left the number to another.
        return !group.isInside(end) && process.isAlive
    }
}
