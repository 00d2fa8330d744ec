import Testing

@testable import BerthHost

@Suite("A PCI function")
struct PCIFunctionTests {
    private static let folder = "sys/bus/pci/devices/0000:06:00.0"

    @Test(
        "is known by its files, by its uevent, or by its modalias alone",
        arguments: [
            files(in: folder, ["class": "0x030200", "vendor": "0x10de", "device": "0x15f8"]),
            files(in: folder, ["class": "0x030200", "uevent": "PCI_CLASS=30200\nPCI_ID=10DE:15F8"]),
            files(in: folder, ["modalias": "pci:v000010DEd000015F8sv000010DEsd0000118Fbc03sc02i00"]),
        ])
    func sources(files: [String: String]) throws {
        let found = PCIFunction.candidates(try PlantedTree(files).reader())
        #expect(found.map(\.vendor) == ["10de"])
        #expect(found.map(\.device) == ["15f8"])
        #expect(found.map(\.classCode) == [0x030200])
    }

    @Test("is passed over when it is no display and no accelerator")
    func others() throws {
        let tree = try PlantedTree(
            files(in: "sys/bus/pci/devices/0000:00:00.0", ["class": "0x060000"])
                + files(in: "sys/bus/pci/devices/0000:00:01.0", ["class": "0x120000", "vendor": "0x1da3"]))
        #expect(PCIFunction.candidates(try tree.reader()).map(\.vendor) == ["1da3"])
    }

    @Test(
        "with rubbish for a class is unknown, and noted",
        arguments: ["0x", "-1", "+3", "0x123456789", "x", "\u{FFFD}\u{0}"])
    func rubbish(text: String) throws {
        let reader = try PlantedTree(files(in: Self.folder, ["class": text])).reader()
        #expect(PCIFunction.candidates(reader).isEmpty)
        #expect(reader.problems.count == 1)
    }

    @Test("with a short modalias is unknown", arguments: ["", "pci:", "pci:v000010DEd000015F8", "usb:v"])
    func shortModalias(text: String) throws {
        #expect(PCIFunction.candidates(try PlantedTree(files(in: Self.folder, ["modalias": text])).reader()).isEmpty)
    }
}
