import BerthHost
import Testing

@Suite("Where a device is")
struct PCIDevicePathTests {
    @Test(
        "follows from the text of a link",
        arguments: [
            ("../../devices/virtual/net/lo", "sys/class/net/lo", "sys/devices/virtual/net/lo"),
            ("../devices/a/./b", "sys/block/b", "sys/devices/a/b"), ("/sys/x", "sys/class/y", "sys/x"),
            ("../../../../../../etc/passwd", "sys/class/net/lo", "etc/passwd"),
        ])
    func following(target: String, link: String, place: String) {
        #expect(DevicePath.following(target, at: link) == place)
    }

    @Test("has the nearest PCI function, which a SCSI address is not")
    func pci() {
        let place = "sys/devices/pci0000:00/0000:00:1c.0/0000:03:00.0/host2/target2:2:0/2:2:0:0/block/sda"
        #expect(DevicePath.pci(in: place)?.description == "0000:03:00.0")
        #expect(DevicePath.pci(in: "sys/devices/virtual/block/dm-0") == nil)
    }

    @Test("has the outermost PCIe switch, which is two bridges below a root port")
    func pcieSwitch() {
        let port = "sys/devices/pci0000:3a/0000:3a:00.0"
        let below = "\(port)/0000:3b:00.0/0000:3c:04.0"
        #expect(DevicePath.pcieSwitch(in: "\(below)/0000:3d:00.0/net/eth0")?.description == "0000:3b:00.0")
        #expect(
            DevicePath.pcieSwitch(in: "\(below)/0000:3d:00.0/0000:3e:00.0/0000:3f:00.0")?.description
                == "0000:3b:00.0")
        for path in [below, "\(port)/0000:3b:00.0", port, "sys/devices/virtual/net/lo", ""] {
            #expect(DevicePath.pcieSwitch(in: path) == nil)
        }
    }

    @Test("is a PCI function of its own only right on PCI or as its virtio device, not on USB")
    func own() {
        #expect(DevicePath.pci(at: "sys/devices/pci0000:00/0000:04:00.0")?.description == "0000:04:00.0")
        #expect(DevicePath.pci(at: "sys/devices/pci0000:00/0000:04:00.0/virtio1")?.description == "0000:04:00.0")
        #expect(DevicePath.pci(at: "sys/devices/pci0000:00/0000:04:00.0/usb1") == nil)
        #expect(DevicePath.pci(at: "") == nil)
    }

    @Test("has the NUMA node of the nearest folder above that knows one, and -1 knows none")
    func locality() throws {
        let tree = try PlantedTree([
            "sys/devices/pci0000:00/0000:00:01.0/numa_node": "1\n",
            "sys/devices/pci0000:00/0000:00:01.0/0000:02:00.0/numa_node": "-1\n",
            "sys/devices/pci0000:00/0000:00:02.0/numa_node": "rubbish\n",
        ])
        let reader = try tree.reader()
        let locality = DeviceLocality(reader)
        let card = "sys/devices/pci0000:00/0000:00:01.0/0000:02:00.0"
        #expect(locality.numaNode(at: "\(card)/virtio1") == 1)
        #expect(locality.numaNode(at: "\(card)/virtio1") == 1)
        #expect(reader.problems.isEmpty)
        #expect(locality.numaNode(at: "sys/devices/pci0000:00/0000:00:02.0") == nil)
        #expect(reader.problems.count == 1)
        #expect(locality.numaNode(at: "etc") == nil)
    }
}
