import BerthJSON
import BerthModel
import Testing

@testable import BerthHost

@Suite("Paths to one disk")
struct DisksMultipathTests {
    /// Sixteen paths to two volumes, as a host with four adapters and an array with two ports has them.
    private func tree(
        _ attributes: (_ name: String, _ volume: Int) -> [String: String], way: String = "",
        more: [String: String] = [:]
    ) throws -> PlantedTree {
        var planted = more
        var links: [String: String] = [:]
        for index in 0..<16 {
            let name = "sd\(Character(UnicodeScalar(UInt8(97 + index))))"
            let (volume, host) = (index % 2, index / 2)
            let place =
                "devices/pci0000:00/0000:0\(host):00.0/host\(host)/\(way)target\(host):0:0/\(host):0:0:10\(volume)"
            let all = ["size": "1000", "dev": "8:\(index * 16)", "device/vendor": "IBM"] + attributes(name, volume)
            planted = planted + files(in: "sys/\(place)/block/\(name)", all)
            links["sys/class/block/\(name)"] = "../../\(place)/block/\(name)"
        }
        return try PlantedTree(planted, links: links)
    }

    private static let even = stride(from: 0, to: 16, by: 2).map { "sd\(Character(UnicodeScalar(UInt8(97 + $0))))" }

    @Test("count once when the disk names itself, and the name is not kept")
    func names() throws {
        let reader = try tree({ ["device/wwid": "naa.60050768\($1)"] }).reader()
        let storage = Host.Storage.discover(reader)
        #expect(storage.disks.map(\.name) == ["sda", "sdb"])
        #expect(storage.disks.first?.paths == Self.even)
        #expect(storage.disks.first?.pci == nil)
        #expect(storage.disks.allSatisfy { !$0.json.description.contains("60050768") })
    }

    @Test("count once when udev knew the disk")
    func udev() throws {
        var known: [String: String] = [:]
        for index in 0..<16 { known["run/udev/data/b8:\(index * 16)"] = "W:1\nE:ID_SERIAL=36005\(index % 2)\n" }
        let storage = Host.Storage.discover(try tree({ _, _ in [:] }, more: known).reader())
        #expect(storage.disks.map(\.paths.count) == [8, 8])
    }

    @Test("count once when they lead to the same unit behind fibre channel ports, where nothing else tells")
    func units() throws {
        let storage = Host.Storage.discover(try tree({ _, _ in [:] }, way: "rport-0:0-1/").reader())
        #expect(storage.disks.map(\.name) == ["sda", "sdb"])
    }

    @Test("count not at all where NVMe hides them and no path of the disk is usable")
    func hiddenAlone() throws {
        let path = files(in: "sys/class/block/nvme3c3n1", ["size": "1000", "dev": "259:3", "hidden": "1"])
        let plain = files(in: "sys/class/block/nvme4n1", ["size": "1000", "dev": "259:4", "hidden": "0"])
        #expect(Host.Storage.discover(try PlantedTree(path + plain).reader()).disks.map(\.name) == ["nvme4n1"])
    }

    @Test("count once below a multipath map")
    func map() throws {
        let slaves = Dictionary(uniqueKeysWithValues: Self.even.map { ("slaves/\($0)/x", "") })
        let map = files(in: "sys/class/block/dm-3", slaves + ["size": "1000", "dm/uuid": "mpath-36005"])
        let storage = Host.Storage.discover(try tree({ _, _ in [:] }, more: map).reader())
        #expect(storage.disks.count == 1 + 8)
        #expect(storage.disks.first?.multipath == "dm-3")
        #expect(storage.volumes.map(\.kind) == [.multipath])
    }

    @Test("stay disks of their own where nothing says they are the same, or where they differ in size")
    func different() throws {
        #expect(Host.Storage.discover(try tree({ _, _ in [:] }).reader()).disks.count == 16)
        let sized = try tree({ name, _ in ["device/wwid": "same", "size": "\(name.utf8.last ?? 0)"] }).reader()
        #expect(Host.Storage.discover(sized).disks.count == 16)
        #expect(Host.Storage.discover(try tree({ _, _ in ["device/wwid": ""] }).reader()).disks.count == 16)
        let docks = try tree({ _, _ in ["device/wwid": "naa.5000000000000001"] }, way: "usb1/1-2/").reader()
        #expect(Host.Storage.discover(docks).disks.count == 16)
    }

    @Test("of NVMe are hidden, and tell where the disk is")
    func nvme() throws {
        let path = "devices/pci0000:00/0000:01:00.0/nvme/nvme1/nvme0c1n1"
        let head = "devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1"
        let tree = try PlantedTree(
            files(in: "sys/\(path)", ["size": "1000"]) + files(in: "sys/\(head)", ["size": "1000"])
                + ["sys/devices/pci0000:00/0000:01:00.0/numa_node": "1\n"],
            links: ["sys/class/block/nvme0c1n1": "../../\(path)", "sys/class/block/nvme0n1": "../../\(head)"])
        let disks = Host.Storage.discover(try tree.reader()).disks
        #expect(disks.map(\.name) == ["nvme0n1"])
        #expect(disks.first?.paths == ["nvme0c1n1"])
        #expect(disks.first?.pci == "0000:01:00.0")
        #expect(disks.first?.numaNode == 1)
    }
}
