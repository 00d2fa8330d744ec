import BerthModel
import Testing

@testable import BerthHost

@Suite("The disks of a host")
struct DisksTests {
    /// A SCSI disk on a controller of its own, with its place and attributes.
    private static func scsi(
        _ name: String, host: Int, way: String = "", _ attributes: [String: String]
    ) -> (files: [String: String], links: [String: String]) {
        let place =
            "devices/pci0000:00/0000:0\(host):00.0/host\(host)/\(way)target\(host):0:0/\(host):0:0:7/block/\(name)"
        return (files(in: "sys/\(place)", attributes), ["sys/class/block/\(name)": "../../\(place)"])
    }

    private func discover(
        _ parts: [(files: [String: String], links: [String: String])], _ more: [String: String] = [:]
    ) throws -> Host.Storage {
        let tree = try PlantedTree(
            parts.reduce(more) { $0 + $1.files }, links: parts.reduce([:]) { $0 + $1.links })
        return Host.Storage.discover(try tree.reader())
    }

    @Test("have what their files tell, and a size in units of 512 bytes whatever the sectors")
    func attributes() throws {
        let storage = try discover(
            [
                Self.scsi(
                    "sda", host: 1, way: "port-1:0/end_device-1:0/",
                    [
                        "size": "1000", "dev": "8:0", "ro": "0", "removable": "0", "queue/rotational": "1",
                        "queue/logical_block_size": "4096", "queue/physical_block_size": "4096",
                        "queue/nr_requests": "64", "queue/max_sectors_kb": "1280", "queue/discard_max_bytes": "0",
                        "queue/scheduler": "none [mq-deadline] bfq", "device/model": "ST4000NM0033-9ZM",
                        "device/vendor": "SEAGATE", "device/state": "running", "queue/zoned": "none",
                    ])
            ], ["sys/devices/pci0000:00/0000:01:00.0/numa_node": "1\n"])
        let queue = Host.DiskQueue(
            logicalBlockBytes: 4096, physicalBlockBytes: 4096, requests: 64, largestRequestBytes: 1280 * 1024,
            scheduler: "mq-deadline", schedulers: ["none", "mq-deadline", "bfq"], discard: false)
        #expect(
            storage.disks == [
                Host.Disk(
                    name: "sda", number: Host.DeviceNumber(major: 8, minor: 0), sizeBytes: 512_000, rotational: true,
                    readOnly: false, model: "ST4000NM0033-9ZM", vendor: "SEAGATE", transport: "sas", state: "running",
                    pci: "0000:01:00.0", numaNode: 1, queue: queue)
            ])
    }

    @Test("are whole: partitions, drives without a medium, sticks and what lies in memory are none")
    func others() throws {
        let storage = try discover([
            Self.scsi(
                "sda", host: 1,
                ["size": "100", "sda1/size": "50", "sda1/uevent": "MAJOR=8\nMINOR=1\nDEVNAME=sda1\nDEVTYPE=partition"]),
            (
                [:],
                [
                    "sys/class/block/sda1":
                        "../../devices/pci0000:00/0000:01:00.0/host1/target1:0:0/1:0:0:7/block/sda/sda1"
                ]
            ),
            Self.scsi("sdb", host: 2, ["size": "0"]), Self.scsi("sdc", host: 3, ["size": "10", "removable": "1"]),
            Self.scsi("sr0", host: 4, ["size": "2097151", "removable": "1"]),
            (
                files(in: "sys/devices/virtual/block", ["zram0/size": "8", "new0/size": "8"]),
                [
                    "sys/class/block/zram0": "../../devices/virtual/block/zram0",
                    "sys/class/block/new0": "../../devices/virtual/block/new0",
                    // A recording that has the link only.
                    "sys/class/block/loop0": "../../devices/virtual/block/loop0",
                ]
            ),
        ])
        #expect(storage.disks.map(\.name) == ["sda"])
        #expect(
            storage.volumes.map { "\($0.name) \($0.kind)" } == [
                "new0 virtual", "sda1 partition", "sdc removable", "sr0 cdrom", "zram0 zram",
            ])
        #expect(storage.volumes.dropFirst().first?.number == Host.DeviceNumber(major: 8, minor: 1))
    }

    @Test("in `sys/block` alone have their partitions in their own folders")
    func oldLayout() throws {
        let disk = ["size": "100", "sda1/size": "50", "sda1/partition": "1", "sda2/start": "9", "sdaxe/foo": "1"]
        let storage = Host.Storage.discover(try PlantedTree(files(in: "sys/block/sda", disk)).reader())
        #expect(storage.disks.map(\.name) == ["sda"])
        #expect(storage.volumes.map(\.on) == [["sda"], ["sda"], ["sda"]])
    }

    @Test("that lie on others say what they lie on, and how they are made")
    func volumes() throws {
        let storage = try discover([
            (
                files(
                    in: "sys/block",
                    [
                        "dm-0/size": "8", "dm-0/dm/uuid": "LVM-abc", "dm-0/dm/name": "vg-root",
                        "dm-0/slaves/sda2/x": "",
                        "md0/size": "8", "md0/md/level": "raid5", "md0/md/degraded": "1", "md0/md/dev-sdw/state": "",
                        "md0/md/dev-sdv/state": "", "cciss!c0d0/size": "4",
                    ]), [:]
            )
        ])
        #expect(storage.disks.map(\.name) == ["cciss/c0d0"])
        let map = try #require(storage.volumes.first)
        #expect(map.kind == .lvm)
        #expect(map.mapName == "vg-root")
        #expect(map.on == ["sda2"])
        let raid = try #require(storage.volumes.last)
        #expect(raid.level == "raid5")
        #expect(raid.missingMembers == 1)
        #expect(raid.on == ["sdv", "sdw"])
    }

    @Test("whose files hold rubbish are there, without it, and it is noted")
    func rubbish() throws {
        let reader = try PlantedTree(
            files(
                in: "sys/block/sda",
                [
                    "size": "9223372036854775807", "dev": "8:-1", "ro": "7", "removable": "no",
                    "queue/max_sectors_kb": "9223372036854775807", "queue/nr_requests": "-1",
                    "queue/scheduler": "[] [x", "queue/rotational": "\u{0}\u{FFFD}",
                ])
        ).reader()
        let disk = try #require(Host.Storage.discover(reader).disks.first)
        #expect(disk == Host.Disk(name: "sda", queue: Host.DiskQueue(schedulers: ["[]", "[x"])))
        #expect(reader.problems.count == 6, "\(reader.problems)")
    }

    @Test(
        "are attached as their place says",
        arguments: [
            ("sda", "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0", nil, "sata"),
            ("sda", "pci0000:00/0000:00:1f.2/host4/target4:0:0/4:0:0:0", "ATA", "sata"),
            ("sda", "pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0", nil, "usb"),
            ("sda", "pci0000:00/0000:03:00.0/host0/port-0:1/end_device-0:1/target0:0:1/0:0:1:0", "ATA", "sata"),
            ("sda", "pci0000:00/0000:03:00.0/host0/rport-0:0-2/target0:0:0/0:0:0:1", nil, "fc"),
            ("sda", "platform/host3/session1/target3:0:0/3:0:0:1", nil, "iscsi"),
            ("sda", "pci0000:00/0000:00:05.0/virtio2/host2/target2:0:0/2:0:0:0", nil, "virtio"),
            ("vda", "platform/a000000.virtio_mmio/virtio0", nil, "virtio"),
            ("xvda", "vbd-51712", nil, "xen"), ("nvme0n1", "pci0000:00/0000:01:00.0/nvme/nvme0", nil, "nvme"),
            ("mmcblk0", "platform/soc/mmc_host/mmc0/mmc0:0001", nil, "mmc"),
            ("sda", "pci0000:00/0000:03:00.0/host2/target2:2:0/2:2:0:0", "DELL", nil),
        ] as [(String, String, String?, String?)])
    func transports(name: String, place: String, vendor: String?, transport: String?) throws {
        let folder = "devices/\(place)/block/\(name)"
        var attributes = ["size": "8"]
        attributes["device/vendor"] = vendor
        let storage = try discover([
            (files(in: "sys/\(folder)", attributes), ["sys/class/block/\(name)": "../../\(folder)"])
        ])
        #expect(storage.disks.map(\.transport) == [transport])
    }
}
