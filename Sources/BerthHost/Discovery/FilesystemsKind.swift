/// What sort of file system a type is.
enum FilesystemKind {
    /// On a device of this machine.
    case local
    /// Served by another machine, or by a process: asking may hang.
    case network
    /// Of the kernel's own making, in memory, or a view of another file system.
    case other

    /// - Parameters:
    ///   - type: as in mountinfo, `fuse.sshfs` for what FUSE serves
    ///   - major: the major number of its device; 0 for one without; nil where unknown
    ///   - source: what is mounted
    init(type: String, major: Int?, source: String) {
        if FilesystemKind.served.contains(type) {
            self = .network
        } else if type.hasPrefix("fuse.") {
            self = FilesystemKind.views.contains(type.dropFirst(5)) ? .other : .network
        } else if FilesystemKind.withoutDevice.contains(type) {
            self = .local
        } else if FilesystemKind.kernel.contains(type) {
            self = .other
        } else {
            self = major.map { $0 != 0 } ?? source.hasPrefix("/dev/") ? .local : .other
        }
    }

    private static let served: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "lustre", "gpfs", "beegfs", "pvfs2",
        "orangefs", "glusterfs", "panfs", "wekafs", "9p", "virtiofs", "drvfs", "vboxsf", "vmhgfs", "prl_fs", "fuse",
        "acfs", "davfs", "quobyte",
    ]

    /// File systems in user space that show another one, or nothing of their own.
    private static let views: Set<Substring> = [
        "lxcfs", "gvfsd-fuse", "portal", "fuse-overlayfs", "bindfs", "mergerfs", "unionfs", "unionfs-fuse", "encfs",
        "gocryptfs", "squashfuse", "squashfuse_ll", "snapfuse", "archivemount", "rofiles-fuse", "vmware-vmblock",
    ]

    /// Real file systems whose device number is made up: they span devices, or are not on a block device.
    private static let withoutDevice: Set<String> = [
        "btrfs", "zfs", "bcachefs", "ubifs", "jffs2", "yaffs2", "wslfs", "lxfs", "reiser4", "apfs",
    ]

    /// What may show a device in `/proc/mounts` and is none.
    private static let kernel: Set<String> = [
        "overlay", "aufs", "ecryptfs", "devtmpfs", "tmpfs", "ramfs", "rootfs", "autofs", "hugetlbfs",
    ]
}
