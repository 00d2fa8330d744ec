import Testing

@testable import BerthHost

@Suite("Writing back by group")
struct FilesystemsWritebackTests {
    @Test(
        "is what few file systems do",
        arguments: [
            ("ext2", true), ("ext3", true), ("ext4", true), ("xfs", true), ("btrfs", true), ("f2fs", true),
            ("vfat", false), ("exfat", false), ("ntfs3", false), ("fuseblk", false), ("zfs", false),
            ("bcachefs", false), ("", false),
        ])
    func types(type: String, isDone: Bool) { #expect(CgroupWriteback.isDone(by: type) == isDone) }

    @Test("is not done by ext4 with its data in the journal")
    func journal() {
        #expect(!CgroupWriteback.isDone(by: "ext4", options: ["rw", "data=journal"]))
        #expect(CgroupWriteback.isDone(by: "ext4", options: ["rw", "data=ordered"]))
    }

    @Test(
        "is missed at a mount only where something can be written to a disk of this host",
        arguments: [
            ("1 0 8:1 / /a rw - vfat /dev/sda1 rw", true), ("1 0 8:1 / /a rw - ext4 /dev/sda1 rw", false),
            ("1 0 8:1 / /a ro - vfat /dev/sda1 rw", false), ("1 0 8:1 / /a rw - vfat /dev/sda1 ro", false),
            ("1 0 7:0 / /a ro - squashfs /dev/loop0 ro", false), ("1 0 0:9 / / rw - overlay overlay rw", false),
            ("1 0 0:9 / /a rw - tmpfs tmpfs rw", false), ("1 0 0:9 / /a rw - nfs4 server:/a rw", false),
            ("1 0 0:9 / /a rw - fuse.sshfs x rw", false), ("1 0 0:9 / /a rw - zfs tank rw", true),
            ("1 0 8:1 / /boot/efi rw - vfat /dev/sda1 rw", false),
            ("1 0 8:1 / /a rw - fuseblk /dev/sda1 rw", true),
            ("1 0 8:1 / /a rw - ext4 /dev/sda1 rw,data=journal", true),
        ])
    func mounts(line: Substring, isUnaccounted: Bool) throws {
        #expect(try #require(Mounts.parse(mountinfo: line)).isUnaccounted == isUnaccounted)
    }
}
