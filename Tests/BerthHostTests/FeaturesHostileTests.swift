import BerthHost
import BerthJSON
import BerthModel
import Foundation
import Support
import Testing

/// What is read comes from drivers, and from recordings of strangers.
@Suite("Hostile files")
struct FeaturesHostileTests {
    @Test("never stop discovery, and the document stays one")
    func rubbish() throws {
        var generator = SeededGenerator.named("hostile files never stop discovery")
        for _ in 0..<6 {
            var files = HostileTree.files
            for path in files.keys.sorted() where Bool.random(using: &generator) {
                files[path] = HostileTree.rubbish(files[path] ?? "", using: &generator)
            }
            var links = HostileTree.links
            for path in links.keys.sorted() where Int.random(in: 0..<8, using: &generator) == 0 {
                links[path] = HostileTree.targets.randomElement(using: &generator)
            }
            let reader = try PlantedTree(files, links: links).reader()
            let document = HostileTree.document(reader)
            #expect(try JSONValue(parsing: document.description) == document, "\(generator.note)")
        }
    }

    @Test("are noted, and the rest is found all the same")
    func found() throws {
        let reader = try PlantedTree(HostileTree.files, links: HostileTree.links).reader()
        let document = HostileTree.document(reader)
        #expect(reader.problems.isEmpty, "\(reader.problems)")
        for part in ["\"sda\"", "\"dm-0\"", "\"eth0\"", "\"0000:06:00.0\"", "\"0000:0a:00.0\"", "\"/data\"", "3.85"] {
            #expect(document.description.contains(part), "\(part)")
        }
        var broken = HostileTree.files
        for path in broken.keys where path.contains("/sda/") { broken[path] = "\u{0}rubbish\u{0}" }
        let other = try PlantedTree(broken, links: HostileTree.links).reader()
        #expect(HostileTree.document(other).description.contains("\"eth0\""))
        #expect(!other.problems.isEmpty)
    }
}

/// A small host with a bit of everything, to be broken.
private enum HostileTree {
    static func document(_ reader: HostReader) -> JSONValue {
        let storage = Host.Storage.discover(reader)
        let network = Host.Network.discover(reader)
        let (gpus, displays) = GPUs.discover(reader)
        return .array(
            storage.disks.map(\.json) + storage.volumes.map(\.json) + network.nics.map(\.json)
                + network.virtualNICs.map(\.json) + gpus.map(\.json) + displays.map(\.json)
                + Host.Filesystem.discover(reader).map(\.json)
                + [Host.Pressure.discover(reader).json, Host.Kernel.discover(reader).json]
                + reader.problems.map { .string($0) })
    }

    static let targets = ["", "/", "..", "../../../../../..", "/sys/class/net/eth0", "a", "\u{FFFD}", "x/./../y"]
        .map { $0.isEmpty ? "." : $0 }

    static func rubbish(_ text: String, using generator: inout SeededGenerator) -> String {
        let numbers = [
            "-1", "0", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e9", "0x", "+1",
        ]
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return ""
        case 1: return numbers.randomElement(using: &generator) ?? ""
        case 2: return String(text.prefix(Int.random(in: 0...max(1, text.count), using: &generator)))
        case 3: return text + String(repeating: "\u{0}", count: 5)
        case 4: return String(repeating: text, count: 50)
        case 5:
            return text.split(separator: " ").map { _ in numbers.randomElement(using: &generator) ?? "" }
                .joined(separator: " ")
        case 6:
            return String(decoding: (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }, as: UTF8.self)
        default:
            let marks = ":.-=/,[]() \n\t\\#\u{301}".unicodeScalars.map(String.init)
            return text.map {
                Bool.random(using: &generator) ? String($0) : marks.randomElement(using: &generator) ?? ""
            }
            .joined()
        }
    }

    static let links = [
        "sys/class/block/sda": "../../devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda",
        "sys/class/block/sda1": "../../devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda/sda1",
        "sys/class/block/sdb": "../../devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/block/sdb",
        "sys/class/block/dm-0": "../../devices/virtual/block/dm-0",
        "sys/class/net/eth0": "../../devices/pci0000:00/0000:02:00.0/net/eth0",
        "sys/class/net/ib0": "../../devices/pci0000:00/0000:82:00.0/net/ib0",
        "sys/class/drm/card0": "../../devices/pci0000:00/0000:06:00.0/drm/card0",
        "sys/class/drm/renderD128": "../../devices/pci0000:00/0000:06:00.0/drm/renderD128",
        "sys/class/accel/accel0": "../../devices/pci0000:00/0000:19:00.0/accel/accel0",
        "sys/bus/pci/devices/0000:06:00.0": "../../../devices/pci0000:00/0000:06:00.0",
        "sys/devices/pci0000:00/0000:82:00.0/net/ib0/device": "../../../0000:82:00.0",
        "sys/devices/pci0000:00/0000:06:00.0/driver": "../../../bus/pci/drivers/amdgpu",
        "sys/dev/block/8:1": "../../devices/x/block/sda1",
    ]

    static let files =
        [
            "proc/self/mountinfo": """
            1 0 8:1 / /data rw,relatime - ext4 /dev/sda1 rw,prjquota
            2 0 0:41 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n
            """,
            "statvfs": "/data 1000 600 500 70 60\n",
            "proc/net/dev": "Inter-| Receive\n face |bytes\n eth0: 1 2\n", "proc/sys/kernel/osrelease": "6.12.9\n",
            "proc/partitions": "major minor #blocks name\n 8 0 100 sda\n 8 1 50 sda1\n",
            "proc/pressure/cpu": "some avg10=0.10 avg60=2.00 avg300=3.85 total=15\n",
            "proc/version": "Linux version 6.12.9 (a@b) (gcc) #1 SMP\n",
            "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
            "sys/kernel/security/lsm": "capability,landlock\n",
            "proc/driver/nvidia/gpus/0000:07:00.0/information": NVIDIADeviceTests.information,
            "proc/driver/nvidia/capabilities/gpu3/mig/gi1/ci0/access": "DeviceFileMinor: 13\n",
            "sys/class/kfd/kfd/topology/nodes/1/properties": "simd_count 8\nlocation_id 2560\ndrm_render_minor 130\n",
            "sys/class/kfd/kfd/topology/nodes/1/mem_banks/0/properties": "heap_type 1\nsize_in_bytes 100\n",
            "sys/class/kfd/kfd/topology/nodes/2/properties": "simd_count 8\nlocation_id 2561\ndrm_render_minor 131\n",
        ]
        + BerthHostTests.files(
            in: "sys/fs/cgroup", ["cgroup.controllers": "cpu", "a/cgroup.procs": "", "cgroup.procs": ""])
        + BerthHostTests.files(
            in: "sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda",
            [
                "size": "1000", "uevent": "MAJOR=8\nMINOR=0\nDEVTYPE=disk", "ro": "0", "removable": "0",
                "queue/rotational": "1", "queue/nr_requests": "64", "queue/max_sectors_kb": "1280",
                "queue/scheduler": "none [bfq]", "queue/discard_max_bytes": "0", "device/model": "M",
                "device/wwid": "naa.1",
                "sda1/size": "50", "sda1/uevent": "MAJOR=8\nMINOR=1\nDEVTYPE=partition",
            ])
        + BerthHostTests.files(
            in: "sys/devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/block/sdb",
            ["size": "1000", "dev": "8:16", "device/model": "M", "device/wwid": "naa.2"])
        + BerthHostTests.files(
            in: "sys/devices/virtual/block/dm-0",
            ["size": "1000", "dm/uuid": "mpath-1", "dm/name": "mpatha", "slaves/sda/x": ""])
        + BerthHostTests.files(
            in: "sys/devices/pci0000:00/0000:02:00.0",
            [
                "numa_node": "0", "net/eth0/type": "1", "net/eth0/speed": "1000", "net/eth0/mtu": "1500",
                "net/eth0/carrier": "1", "net/eth0/phys_port_name": "p0", "net/eth0/queues/rx-0/x": "",
            ])
        + BerthHostTests.files(
            in: "sys/devices/pci0000:00/0000:82:00.0",
            ["net/ib0/type": "32", "net/ib0/dev_id": "0x0", "infiniband/mlx4_0/ports/1/rate": "56 Gb/sec (4X FDR)"])
        + BerthHostTests.files(
            in: "sys/devices/pci0000:00/0000:06:00.0",
            [
                "class": "0x030000", "vendor": "0x1002", "device": "0x73bf", "mem_info_vram_total": "8573157376",
                "numa_node": "-1", "local_cpulist": "0-15", "aer_dev_fatal": "TLP 0\nTOTAL_ERR_FATAL 0",
                "current_link_speed": "8.0 GT/s PCIe", "ras/umc_err_count": "ue: 0\nce: 0",
                "uevent": "PCI_ID=1002:73BF\nPCI_SLOT_NAME=0000:06:00.0",
            ])
        + BerthHostTests.files(
            in: "sys/devices/pci0000:00/0000:19:00.0", ["class": "0x120000", "vendor": "0x1da3", "hard_reset_cnt": "1"])
}
