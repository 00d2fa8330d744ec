internal import BerthModel

/// Whether a file system writes back what a group has dirtied in that group's name, so that the kernel can hold the
/// group to its part (Documentation/admin-guide/cgroup-v2.rst, "Writeback").
enum CgroupWriteback {
    /// What sets SB_I_CGROUPWB, in Linux 6.1 and 6.12 alike; ext3 is served by the driver of ext4. Neither bcachefs nor
    /// any of the others does.
    private static let types: Set<String> = ["ext2", "ext3", "ext4", "btrfs", "f2fs", "xfs"]

    /// - Parameters:
    ///   - type: as in mountinfo
    ///   - options: those that it is mounted with, as far as they are known
    static func isDone(by type: String, options: Set<String> = []) -> Bool {
        // With its data in the journal ext4 goes without.
        types.contains(type) && !options.contains("data=journal")
    }
}

extension Mount {
    /// Whether something can be written here that goes to a disk in nobody's name. What another machine serves goes to
    /// no disk of this host, and an overlay writes to the file system below it, which does or does not.
    var isUnaccounted: Bool {
        !options.contains("ro") && !Mount.bootPlaces.contains(mountPoint)
            && FilesystemKind(type: type, major: number?.major, source: source) == .local
            && !CgroupWriteback.isDone(by: type, options: options)
    }

    /// What firmware and boot loader read, on every host that has UEFI: no workload writes there.
    private static let bootPlaces: Set<String> = ["/boot", "/boot/efi", "/boot/firmware", "/efi"]
}
