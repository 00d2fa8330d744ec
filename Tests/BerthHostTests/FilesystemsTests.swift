import BerthKernel
import BerthModel
import Testing

@testable import BerthHost

@Suite("The file systems of a host")
struct FilesystemsTests {
    private func discover(_ lines: [String], _ more: [String: String] = [:]) throws -> [Host.Filesystem] {
        let files = ["proc/self/mountinfo": lines.joined(separator: "\n")] + more
        return Host.Filesystem.discover(try PlantedTree(files).reader())
    }

    @Test("are each listed once, at the place that shows their root, then at the shortest")
    func once() throws {
        let found = try discover([
            "1 0 8:1 /srv /export rw - ext4 /dev/sda1 rw", "2 0 8:1 / /mnt/disk rw - ext4 /dev/sda1 rw",
            "3 0 8:1 / /data rw - ext4 /dev/sda1 rw", "4 0 0:35 /@home /home rw - btrfs /dev/sdb rw",
            "5 0 0:35 /@ / rw - btrfs /dev/sdb rw", "6 0 0:41 / /tank rw - zfs tank rw",
            "7 0 0:42 / /tank/a rw - zfs tank/a rw",
        ])
        #expect(found.map(\.mountPoint) == ["/", "/data", "/tank"])
        #expect(found.map(\.device) == ["sdb", "sda1", nil])
    }

    @Test("are real ones: those of the kernel, in memory, or over another one are left out")
    func pseudo() throws {
        let kinds = [
            "proc", "sysfs", "devtmpfs", "tmpfs", "cgroup2", "overlay", "nsfs", "ramfs", "bpf", "autofs", "fuse.lxcfs",
            "hugetlbfs", "fuse.fuse-overlayfs", "efivarfs", "rpc_pipefs", "somethingnewfs",
        ]
        let lines = kinds.enumerated().map { "1 0 0:\($0) / /\($0) rw - \($1) \($1) rw" }
        #expect(try discover(lines + ["1 0 8:1 / / rw - ext4 /dev/sda1 rw"]).map(\.mountPoint) == ["/"])
    }

    @Test("that others serve are listed, and never asked, nor what lies below them")
    func served() throws {
        let mounts = [
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw", "2 0 0:50 / /nfs rw - nfs4 server:/x rw",
            "3 0 8:2 / /nfs/disk rw - ext4 /dev/sda2 rw", "4 0 0:51 / /s3 rw - fuse.s3fs s3fs rw",
            "5 0 8:3 / /nfsdisk rw - ext4 /dev/sda3 rw", "6 0 0:52 / /c rw - 9p C: rw",
        ]
        let reader = try PlantedTree(["proc/self/mountinfo": mounts.joined(separator: "\n")]).reader()
        var asked: [String] = []
        let spaces = FilesystemSpaces {
            asked.append($0.mountPoint)
            return nil
        }
        let found = Host.Filesystem.discover(reader, spaces: spaces)
        #expect(found.filter(\.network).map(\.mountPoint) == ["/c", "/nfs", "/s3"])
        #expect(asked.sorted() == ["/", "/nfsdisk"])
    }

    @Test("of a container are those that show, and its overlay only where none does")
    func container() throws {
        let overlay = "1 0 0:60 / / rw - overlay overlay rw,lowerdir=/a"
        #expect(try discover([overlay]).map(\.type) == ["overlay"])
        let hosts = "2 1 254:1 /var/lib/docker/x/hosts /etc/hosts rw - ext4 /dev/vda1 rw"
        #expect(try discover([overlay, hosts]).map(\.mountPoint) == ["/etc/hosts"])
    }

    @Test("at the same place hide each other, but for the last")
    func hidden() throws {
        let found = try discover(["1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw", "2 1 8:2 / /mnt rw - xfs /dev/sdb2 rw"])
        #expect(found.map(\.type) == ["xfs"])
    }

    @Test("say whether they can be written and have project quotas, by either list of options")
    func options() throws {
        let found = try discover([
            "1 0 8:1 / /a rw,relatime - xfs /dev/sda1 rw,prjquota", "2 0 8:2 / /b ro - ext4 /dev/sda2 rw",
            "3 0 8:3 / /c rw - ext4 /dev/sda3 ro",
        ])
        #expect(found.map(\.projectQuota) == [true, false, false])
        #expect(found.map(\.readOnly) == [false, true, true])
    }

    @Test("have the kernel's name of their device, whatever they were mounted as")
    func devices() throws {
        let tree = try PlantedTree(
            [
                "proc/self/mountinfo": """
                1 0 253:0 / / rw - ext4 /dev/mapper/vg-root rw
                2 0 8:2 / /b rw - ext4 /dev/root rw
                3 0 104:0 / /c rw - ext4 /dev/cciss/c0d0 rw
                """
            ],
            links: [
                "sys/dev/block/253:0": "../../devices/virtual/block/dm-0",
                "sys/dev/block/104:0": "../../devices/x/block/cciss!c0d0",
            ])
        let found = Host.Filesystem.discover(try tree.reader())
        #expect(found.map(\.device) == ["dm-0", nil, "cciss/c0d0"])
    }

    @Test("have the room that was recorded, and a recording can be made of them again")
    func recording() throws {
        let space = Host.FilesystemSpace(
            totalBytes: 1000, freeBytes: 600, availableBytes: 500, inodes: 70, freeInodes: 60)
        let made = FilesystemSpaces.text(of: [
            Host.Filesystem(mountPoint: "/my disk", source: "x", type: "ext4", space: space),
            Host.Filesystem(mountPoint: "/unknown", source: "x", type: "ext4"),
        ])
        #expect(made == "/my\\040disk 1000 600 500 70 60\n")
        let found = try discover(["1 0 8:1 / /my\\040disk rw - ext4 /dev/sda1 rw"], ["statvfs": made])
        #expect(found.map(\.space) == [space])
    }

    @Test(
        "have no room that a broken recording tells",
        arguments: ["/ 1 2 3 4", "/ 1 2 3 4 5 6", "/ 1 2 3 4 -5", "/ 1 2 3 4 99999999999999999999", "\u{FFFD}"])
    func brokenRecording(line: String) throws {
        let reader = try PlantedTree(["statvfs": line]).reader()
        #expect(FilesystemSpaces.parse(line, reader).isEmpty)
        #expect(reader.problems.count == 1)
    }

    @Test("of this machine have room, and what is not what the table says has none")
    func live() throws {
        let reader = HostReader(root: try .live())
        let found = Host.Filesystem.discover(reader)
        #expect(found.contains { $0.space.map { $0.totalBytes > 0 && $0.availableBytes <= $0.totalBytes } ?? false })
        let wrong = Mount(
            number: Host.DeviceNumber(major: 4095, minor: 1), mountPoint: "/", options: [], type: "ext4", source: "")
        #expect(FilesystemSpaces.of(reader)(wrong) == nil)
    }
}
