import Testing

@testable import BerthHost

@Suite("A DRM device")
struct DRMDeviceTests {
    @Test("has its card and its render node, and connectors are none")
    func pairing() throws {
        let place = "../../devices/pci0000:00/0000:00:01.0/0000:0b:00.0/drm"
        let tree = try PlantedTree(links: [
            "sys/class/drm/card0": "\(place)/card0", "sys/class/drm/renderD128": "\(place)/renderD128",
            "sys/class/drm/card0-HDMI-A-1": "\(place)/card0/card0-HDMI-A-1",
            "sys/class/drm/version": "\(place)/version",
        ])
        let devices = DRMDevice.all(try tree.reader())
        #expect(devices.map(\.nodes) == [["/dev/dri/card0", "/dev/dri/renderD128"]])
        #expect(devices.map(\.pci?.description) == ["0000:0b:00.0"])
    }

    @Test("recorded alone, as a folder, has its render node in the device's own folder")
    func folder() throws {
        let tree = try PlantedTree(folders: [
            "sys/class/drm/card0/device/drm/card0", "sys/class/drm/card0/device/drm/renderD129",
        ])
        let devices = DRMDevice.all(try tree.reader())
        #expect(devices.map(\.renderMinor) == [129])
        #expect(devices.map(\.place) == [nil])
    }

    @Test("is not taken for the USB controller it hangs on")
    func usb() throws {
        let place = "../../devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/drm/card1"
        let tree = try PlantedTree(links: ["sys/class/drm/card1": place])
        #expect(DRMDevice.all(try tree.reader()).map(\.pci) == [nil])
    }

    @Test("has a number that is one", arguments: ["card", "card-1", "cardx", "renderD", "card99999999", "renderD+1"])
    func numbers(name: String) throws {
        #expect(DRMDevice.all(try PlantedTree(folders: ["sys/class/drm/\(name)"]).reader()).isEmpty)
    }
}
