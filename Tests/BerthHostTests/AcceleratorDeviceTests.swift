import Testing

@testable import BerthHost

@Suite("An accelerator")
struct AcceleratorDeviceTests {
    @Test("is found in the kernel's class and in those of older drivers, control files left out")
    func classes() throws {
        let place = "../../devices/pci0000:00/0000:19:00.0"
        let tree = try PlantedTree(links: [
            "sys/class/accel/accel0": "\(place)/accel/accel0",
            "sys/class/habanalabs/hl0": "\(place)/habanalabs/hl0",
            "sys/class/habanalabs/hl_controlD0": "\(place)/habanalabs/hl_controlD0",
            "sys/class/neuron_device/neuron0": "../../devices/virtual/neuron_device/neuron0",
        ])
        let devices = AcceleratorDevice.all(try tree.reader())
        #expect(devices.map(\.node) == ["/dev/accel/accel0", "/dev/hl0", "/dev/neuron0"])
        #expect(devices.map(\.pci?.description) == ["0000:19:00.0", "0000:19:00.0", nil])
        #expect(devices.map(\.driverPath).prefix(2) == ["sys/class/accel/accel0/device", "sys/class/habanalabs/hl0"])
    }
}
