internal import CLinux
internal import Glibc

/// A project of a file system: what all files below a folder are counted under, and held to a size by (xfs_quota(8),
/// `project` of ext4(5)).
package struct ProjectQuota: Hashable, Sendable {
    /// The numbers that Berth gives: high and odd, so that they meet nobody else's.
    package static let own: ClosedRange<UInt32> = 1_112_690_001...1_112_699_999

    /// What the number of a user's project is counted from.
    private static let users: UInt32 = 1_112_700_000

    /// The largest block of a file system, in bytes.
    private static let largestBlock: Int64 = 65_536

    package let number: UInt32

    /// A project of Berth's, as it was noted; nil for another.
    package init?(noted number: Int64) {
        guard let number = UInt32(exactly: number), ProjectQuota.own.contains(number) else { return nil }
        self.number = number
    }

    /// The one project of a system's user, whose number tells of whom: nobody has to note it, and where the user gives its
    /// folder another one nobody else's is taken for it. Nil beyond the 65,536 users that a host has itself.
    package init?(ofUser user: UInt32) {
        guard user <= UInt32(UInt16.max) else { return nil }
        number = ProjectQuota.users + user
    }

    /// The project of an open folder; nil where it has none, or one that is not Berth's. The owner can have changed it.
    package init?(of folder: borrowing Descriptor) {
        var number: UInt32 = 0
        guard berth_folder_project(folder.number, &number) == 0, ProjectQuota.own.contains(number) else { return nil }
        self.number = number
    }

    /// A project under which nothing is counted. A folder with a project is counted itself, so the file system knows which
    /// are in use, and nobody else has to.
    /// - Parameter path: of the folder, for errors
    package init(freeAt folder: borrowing Descriptor, _ path: String) throws(KernelError) {
        for number in ProjectQuota.own {
            var files: UInt64 = 0
            var limit: UInt64 = 0
            guard berth_project_usage(folder.number, number, &files, &limit) == 0 else {
                throw KernelError("read the quota of project \(number) at", path, code: errno)
            }
            guard files == 0 else { continue }
            self.number = number
            return
        }
        throw KernelError("find a free project for", path, code: ENOSPC)
    }

    /// Whether an open folder is in a project, as what is made below is then.
    package static func isCounted(_ folder: borrowing Descriptor) -> Bool {
        var number: UInt32 = 0
        return berth_folder_project(folder.number, &number) == 0 && number != 0
    }

    /// Whether the file system of an open folder holds projects to their quotas; false where it counts only.
    package static func areHeld(at folder: borrowing Descriptor, _ path: String) throws(KernelError) -> Bool {
        let answer = berth_project_quotas_hold(folder.number)
        guard answer >= 0 else { throw KernelError("ask for project quotas at", path, code: errno) }
        return answer == 1
    }

    /// Gives a folder this project, which all that is made below inherits. For the folder's owner.
    /// - Parameter isNew: whether it must be empty: what lies in it keeps the project that it has
    package func take(_ folder: borrowing Descriptor, _ path: String, isNew: Bool) throws(KernelError) {
        if isNew { try ProjectQuota.needEmpty(folder, path) }
        guard berth_folder_set_project(folder.number, number) == 0 else {
            throw KernelError("give project \(number) to", path, code: errno)
        }
    }

    private static func needEmpty(_ folder: borrowing Descriptor, _ path: String) throws(KernelError) {
        let listed = berth_openat(folder.number, ".", O_RDONLY | O_DIRECTORY)
        guard listed >= 0 else { throw KernelError("open", path, code: errno) }
        guard try Root.entries(of: Descriptor(owning: listed), path).isEmpty else {
            throw KernelError("count what is in", path, code: ENOTEMPTY)
        }
    }

    /// Gives an open folder of another user's this project, where it does not have it; it must be empty then.
    package func take(_ folder: borrowing Descriptor, _ path: String, as user: UInt32) throws(KernelError) {
        var former: UInt32 = 0
        if berth_folder_project(folder.number, &former) == 0, former == number { return }
        try ProjectQuota.needEmpty(folder, path)
        guard berth_folder_set_project_as(folder.number, number, user) == 0 else {
            throw KernelError("give project \(number) to", path, code: errno)
        }
    }

    /// Gives an open folder no project any more. For the folder's owner.
    package static func leave(_ folder: borrowing Descriptor, _ path: String) throws(KernelError) {
        guard berth_folder_set_project(folder.number, 0) == 0 else {
            throw KernelError("take the project from", path, code: errno)
        }
    }

    /// Sets the most bytes, and reads back what the file system made of it: it counts in blocks.
    /// - Parameter files: the most files and folders; 0 is any number
    @discardableResult
    package func limit(
        to bytes: Int64, files: UInt64 = 0, at folder: borrowing Descriptor, _ path: String
    ) throws(KernelError) -> Int64 {
        guard berth_project_limit(folder.number, number, UInt64(max(bytes, 0)), files) == 0 else {
            throw KernelError("limit project \(number) to \(bytes) bytes at", path, code: errno)
        }
        var files: UInt64 = 0
        var limit: UInt64 = 0
        guard berth_project_usage(folder.number, number, &files, &limit) == 0 else {
            throw KernelError("read back the quota of project \(number) at", path, code: errno)
        }
        guard abs(Int64(clamping: limit) - bytes) <= ProjectQuota.largestBlock else {
            throw KernelError("limit project \(number) to \(bytes) bytes, and it is \(limit) now,", path, code: EIO)
        }
        return Int64(clamping: limit)
    }

    /// Why a file system that counts projects holds none to its quota, and what an administrator can do.
    /// - Parameter path: a folder of it
    package static func unheld(_ path: String) -> String {
        "the file system of \(path) counts projects, and holds none to its quota: it has to be mounted with `-o prjquota`"
    }

    /// What an error of these calls means, and what an administrator can do.
    package static func reason(_ error: KernelError) -> String {
        switch error.code {
        case ENOSYS, EOPNOTSUPP, ENOTTY, ESRCH, EINVAL:
            "\(error): there are no project quotas; ext4 has them by `tune2fs -O project,quota` while it is not mounted, xfs "
                + "as it is, and either when it is mounted with `-o prjquota`"
        case EPERM, EACCES: "\(error): project quotas are root's to set"
        case ENOTEMPTY:
            "\(error): files keep the project that they were made in; empty it to have all that comes counted"
        default: error.description
        }
    }
}
