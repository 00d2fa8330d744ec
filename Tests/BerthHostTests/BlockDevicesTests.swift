import BerthModel
import Testing

@testable import BerthHost

@Suite("A block device's name")
struct BlockDevicesTests {
    @Test(
        "tells what it is",
        arguments: [
            ("sda", nil), ("nvme0n1", nil), ("vda", nil), ("xvda", nil), ("dasda", nil), ("mmcblk0", nil),
            ("cciss/c0d0", nil), ("dm-0", .map), ("md127", .raid), ("md_d0", .raid), ("loop0", .loop), ("ram15", .ram),
            ("zram0", .zram), ("nbd3", .network), ("rbd0", .network), ("etherd/e0.0", .network), ("sr0", .cdrom),
            ("fd0", .floppy), ("zd16", .zvol), ("pmem0.1", .pmem), ("pmem0s", .pmem), ("mmcblk0boot1", .boot),
            ("mmcblk0rpmb", .boot), ("mtdblock0", .flash), ("bcache0", .bcache), ("", nil), ("md", nil), ("loop", nil),
        ] as [(String, Host.Volume.Kind?)])
    func kinds(name: String, kind: Host.Volume.Kind?) {
        #expect(BlockDeviceName.kind(name) == kind)
    }

    @Test(
        "of a map tells by its UUID",
        arguments: [
            ("LVM-3zSHSR5Nbf4j", .lvm), ("CRYPT-LUKS2-1", .crypt), ("CRYPT-VERITY-2", .verity),
            ("mpath-3600", .multipath),
            ("part1-mpath-3600", .partition), ("partner-1", .map), ("DMRAID-1", .dmraid), ("stratis-1", .map),
            ("", .map),
        ] as [(String, Host.Volume.Kind)])
    func maps(uuid: String, kind: Host.Volume.Kind) {
        #expect(BlockDeviceName.kind(ofMap: uuid) == kind)
    }

    @Test(
        "tells the disk it may be a partition of",
        arguments: [
            ("sda1", "sda"), ("vdb15", "vdb"), ("nvme0n1p1", "nvme0n1"), ("mmcblk0p2", "mmcblk0"), ("md0p1", "md0"),
            ("cciss/c0d0p1", "cciss/c0d0"), ("sdp1", "sdp"), ("sda", nil), ("", nil), ("1", nil), ("p1", "p"),
        ] as [(String, String?)])
    func partitions(name: String, disk: String?) {
        #expect(BlockDeviceName.disk(ofPartition: name) == disk)
    }

    @Test("tells the disk that a hidden path of NVMe leads to")
    func paths() {
        #expect(BlockDeviceName.head(ofPath: "nvme0c1n2") == "nvme0n2")
        #expect(BlockDeviceName.head(ofPath: "nvme0n1") == nil)
        #expect(BlockDeviceName.head(ofPath: "nvme") == nil)
    }

    @Test("sorts as people sort")
    func order() {
        let names = ["sdaa", "sda10", "nvme10n1", "sdz", "sda2", "nvme2n1", "sda", "99999999999999999999", ""]
        #expect(
            names.inDeviceOrder { $0 } == [
                "", "99999999999999999999", "nvme2n1", "nvme10n1", "sda", "sda2", "sda10", "sdz", "sdaa",
            ])
    }
}

@Suite("A host without sysfs")
struct BlockDevicesProcTests {
    @Test("has its disks in /proc/partitions, told from partitions by their names")
    func partitions() throws {
        let tree = try PlantedTree([
            "proc/partitions": """
            major minor  #blocks  name

               8        0  488386584 sda
               8        1     512000 sda1
             202        1    1048576 xvdb1
             259        0    1000204 nvme0n1
             259        1       1024 nvme0n1p1
               7        0          0 loop0
               1        0      65536 ram0
              11        0    1048575 sr0
             253        0  400000000 dm-0
               8       16 99999999999999999999 sdb
               8       32 -5 sdc
               8       48
            rubbish
            """
        ])
        let storage = Host.Storage.discover(try tree.reader())
        #expect(storage.disks.map(\.name) == ["nvme0n1", "sda", "sdb", "sdc", "xvdb1"])
        #expect(storage.disks.map(\.sizeBytes) == [1_000_204 * 1024, 488_386_584 * 1024, nil, nil, 1_048_576 * 1024])
        #expect(storage.volumes.map(\.name) == ["dm-0", "nvme0n1p1", "ram0", "sda1", "sr0"])
        #expect(storage.volumes.first { $0.name == "sda1" }?.on == ["sda"])
    }

    @Test("has their names at least in /proc/diskstats, each once")
    func diskstats() throws {
        let tree = try PlantedTree([
            "proc/diskstats": "   8 0 sda 1 2 3\n 8 1 sda1 1\n 7 0 loop0 0 0\n 8 0 sda 1\n 2 0 fd0 1\n 253 0 dm-0 1\n"
        ])
        let storage = Host.Storage.discover(try tree.reader())
        #expect(storage.disks.map(\.name) == ["sda"])
        #expect(storage.volumes.map(\.name) == ["dm-0", "sda1"])
    }
}
