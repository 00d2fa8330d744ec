/// A device of the kernel's accelerator layer, or of a driver that has a class of its own.
struct AcceleratorDevice: Equatable {
    /// The folder with its attributes: `sys/class/accel/accel0/device`.
    let path: String
    /// The folder with the driver's own attributes: the same, or `sys/class/habanalabs/hl0`.
    let driverPath: String
    /// The PCI function it is.
    let pci: PCIAddress?
    /// The device file by which it is used: `/dev/accel/accel0`.
    let node: String

    /// The classes that are looked into, with the name of a device in them and the folder of its file.
    private static let classes = [
        ("accel", "accel", "/dev/accel"), ("habanalabs", "hl", "/dev"), ("neuron_device", "neuron", "/dev"),
    ]

    /// Every device of those classes.
    static func all(_ reader: HostReader) -> [AcceleratorDevice] {
        classes.flatMap { folder, prefix, files in
            reader.names("sys/class/\(folder)").compactMap { name in
                // Beside `hl0` stands `hl_controlD0`, another file of the same device.
                let digits = name.utf8.dropFirst(prefix.utf8.count)
                guard name.hasPrefix(prefix), !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                    return nil
                }
                let path = "sys/class/\(folder)/\(name)"
                // `…/0000:19:00.0/accel/accel0`
                let place = reader.linkTarget(path).map {
                    DevicePath.dropping(2, from: DevicePath.following($0, at: path))
                }
                return AcceleratorDevice(
                    path: "\(path)/device", driverPath: folder == "accel" ? "\(path)/device" : path,
                    pci: place.flatMap { DevicePath.pci(at: $0) }, node: "\(files)/\(name)")
            }
        }
    }
}
