import Testing

@testable import BerthHost

@Suite("The disks that a file system lies on")
struct DisksBelowTests {
    /// Two disks, a partition, a volume over both, a file on the volume as a device, and a disk with a slash in its name.
    private static let tree = files(
        in: "sys/devices/pci0",
        [
            "block/sda/dev": "8:0", "block/sda/sda1/partition": "1", "block/sdb/dev": "8:16",
            "block/dm-0/slaves/sda1/dev": "8:1", "block/dm-0/slaves/sdb/dev": "8:16",
            "block/loop0/loop/backing_file": "/data/x/disk.img", "block/loop1/loop/backing_file": "/run/disk.img",
            "block/loop2/loop/backing_file": "/gone/disk.img", "block/cciss!c0d0/dev": "104:0",
        ])
    private static let links = Dictionary(
        uniqueKeysWithValues: [
            ("8:0", "sda"), ("8:1", "sda/sda1"), ("8:16", "sdb"), ("253:0", "dm-0"), ("7:0", "loop0"), ("7:1", "loop1"),
            ("7:2", "loop2"), ("104:0", "cciss!c0d0"),
        ].flatMap { number, path -> [(String, String)] in
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return [
                ("sys/dev/block/\(number)", "../../devices/pci0/block/\(path)"),
                ("sys/class/block/\(name)", "../../devices/pci0/block/\(path)"),
            ]
        })
    private static let mounts = [
        "1 0 8:0 / / rw - ext4 /dev/sda rw", "2 1 8:16 / /data rw - ext4 /dev/sdb rw",
        "3 2 253:0 / /data/x rw - xfs /dev/mapper/x rw", "4 1 0:20 / /run rw - tmpfs tmpfs rw",
        "5 1 0:30 / /gone rw - zfs tank rw",
    ].compactMap { Mounts.parse(mountinfo: Substring($0)) }

    @Test(
        "are found through partitions, maps and files",
        arguments: [
            ("8:0", ["sda"]), ("8:1", ["sda"]), ("253:0", ["sda", "sdb"]), ("7:0", ["sda", "sdb"]), ("7:1", []),
            ("7:2", nil), ("104:0", ["cciss/c0d0"]), ("9:9", nil),
        ] as [(String, Set<String>?)])
    func disks(number: String, disks: Set<String>?) throws {
        let reader = try PlantedTree(DisksBelowTests.tree, links: DisksBelowTests.links).reader()
        let below = DisksBelow(reader: reader, mounts: DisksBelowTests.mounts)
        let mount = try #require(Mounts.parse(mountinfo: "9 1 \(number) / /m rw - vfat /dev/x rw"))
        #expect(below.disks(of: mount) == disks)
    }

    @Test(
        "are known by the source where there is no number, and else not",
        arguments: [
            ("bcachefs /dev/sda1:/dev/sdb", ["sda", "sdb"]), ("zfs tank/a", nil), ("reiser4 /dev/mapper/x", nil),
            ("tmpfs tmpfs", []), ("nfs4 server:/x", []),
        ] as [(String, Set<String>?)])
    func sources(source: String, disks: Set<String>?) throws {
        let reader = try PlantedTree(DisksBelowTests.tree, links: DisksBelowTests.links).reader()
        let below = DisksBelow(reader: reader, mounts: [])
        let mount = try #require(Mounts.parse(mountinfo: "9 1 0:50 / /m rw - \(source) rw"))
        #expect(below.disks(of: mount) == disks)
    }
}
