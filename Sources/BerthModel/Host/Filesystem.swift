public import BerthJSON

extension Host {
    /// A mounted file system, named once however often it is mounted: a line of `/proc/1/mountinfo`.
    ///
    /// Those of the kernel itself (`proc`, `cgroup2`), those in memory (`tmpfs`: their size is that of the memory),
    /// and those that lie on another one (`overlay`, bind mounts) are left out.
    public struct Filesystem: Hashable, Sendable {
        /// Where it is mounted; of several places the one that shows its root, then the shortest.
        public var mountPoint: String
        /// What is mounted, as it was named then: `/dev/mapper/vg-home`, `server:/export`.
        public var source: String
        /// The kind of file system: `ext4`, `xfs`, `nfs4`.
        public var type: String
        /// The number of its device; the major number is 0 for those without one (btrfs, zfs, nfs).
        public var number: DeviceNumber?
        /// The kernel's name of its device: `dm-1`, `sda2`.
        public var device: String?
        /// Whether it is mounted read-only, there or altogether.
        public var readOnly: Bool
        /// Whether it is mounted with project quotas (`prjquota`), by which a folder can be given a size.
        public var projectQuota: Bool
        /// Whether another machine or a process serves it. Such a one is never asked for its size, for it may hang.
        public var network: Bool
        /// How much room it has.
        public var space: FilesystemSpace?

        /// - Parameters:
        ///   - mountPoint: where it is mounted
        ///   - source: what is mounted
        ///   - type: the kind of file system
        ///   - space: how much room it has
        public init(
            mountPoint: String, source: String, type: String, number: DeviceNumber? = nil, device: String? = nil,
            readOnly: Bool = false, projectQuota: Bool = false, network: Bool = false, space: FilesystemSpace? = nil
        ) {
            self.mountPoint = mountPoint
            self.source = source
            self.type = type
            self.number = number
            self.device = device
            self.readOnly = readOnly
            self.projectQuota = projectQuota
            self.network = network
            self.space = space
        }
    }

    /// How much room a file system has, by statvfs(3).
    public struct FilesystemSpace: Hashable, Sendable {
        /// All its blocks, in bytes.
        public var totalBytes: Int
        /// What is not used, in bytes, those kept for root included.
        public var freeBytes: Int
        /// What an ordinary user can still write, in bytes.
        public var availableBytes: Int
        /// All its inodes; 0 where they are made as needed.
        public var inodes: Int
        /// The inodes not used.
        public var freeInodes: Int

        /// - Parameters:
        ///   - totalBytes: all its blocks
        ///   - freeBytes: what is not used
        ///   - availableBytes: what an ordinary user can still write
        ///   - inodes: all its inodes
        ///   - freeInodes: the inodes not used
        public init(totalBytes: Int, freeBytes: Int, availableBytes: Int, inodes: Int, freeInodes: Int) {
            self.totalBytes = totalBytes
            self.freeBytes = freeBytes
            self.availableBytes = availableBytes
            self.inodes = inodes
            self.freeInodes = freeInodes
        }
    }
}

extension Host.Filesystem {
    /// The file system in the host's document; what is unknown is left out.
    public var json: JSONValue {
        var json = HostJSON()
        json.add("mount_point", mountPoint)
        json.add("source", source)
        json.add("type", type)
        json.add("device", number?.description)
        json.add("block_device", device)
        json.add("read_only", readOnly)
        json.add("project_quota", projectQuota)
        if network { json.add("network", true) }
        json.add("size_bytes", space?.totalBytes)
        json.add("free_bytes", space?.freeBytes)
        json.add("available_bytes", space?.availableBytes)
        json.add("inodes", space?.inodes)
        json.add("free_inodes", space?.freeInodes)
        return json.value
    }
}
