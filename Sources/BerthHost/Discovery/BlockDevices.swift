internal import BerthKernel
internal import BerthModel

/// One name below `/sys/class/block`, with what every block device tells.
struct BlockDevice {
    /// The name in sysfs, where a `/` is written `!`.
    let sysfsName: String
    /// The folder that its attributes are read from.
    let path: String
    /// Where it is below `sys/devices`; nil where that is not recorded.
    let place: String?
    /// The disk that it is a partition of; nil for a whole device.
    var disk: String?
    var number: Host.DeviceNumber?
    var sizeBytes: Int?
    var readOnly: Bool?
    var isRemovable: Bool?
    /// Whether it has no device file: one path of several to a disk that has.
    var isHidden: Bool?

    /// The name below `/dev`.
    var name: String { sysfsName.asDeviceName }

    /// Whether it is not hardware: `devices/virtual/block/loop0`. NVMe's joined disks are elsewhere in `virtual`.
    var isVirtual: Bool { place?.contains("/virtual/block/") ?? false }
}

extension BlockDevice {
    /// Every block device, by name. Old kernels and some recordings have disks in `sys/block` only.
    static func all(_ reader: HostReader) -> [BlockDevice] {
        let entries = reader.entries("sys/class/block")
        var seen = Set(entries.map(\.name))
        var devices = entries.map { BlockDevice(reader, $0, in: "sys/class/block", among: seen) }
        for entry in reader.entries("sys/block") where seen.insert(entry.name).inserted {
            let device = BlockDevice(reader, entry, in: "sys/block", among: seen)
            devices.append(device)
            guard entries.isEmpty else { continue }
            for part in reader.entries(device.path) where part.kind == .folder && part.name.hasPrefix(entry.name) {
                devices.append(BlockDevice(reader, part, in: device.path, among: seen))
            }
        }
        return devices
    }

    private init(_ reader: HostReader, _ entry: Entry, in folder: String, among names: Set<String>) {
        sysfsName = entry.name
        path = "\(folder)/\(entry.name)"
        place =
            entry.kind == .link
            ? reader.linkTarget(path).map { [path] in DevicePath.following($0, at: path) } : nil
        let uevent = Uevent(reader, in: path)
        number = BlockDevice.number(reader, uevent, in: path)
        sizeBytes = BlockDevice.size(reader, "\(path)/size")
        readOnly = reader.flag("\(path)/ro")
        // A partition's folder lies in its disk's: `…/block/sda/sda1`.
        let above = (place ?? path).split(separator: "/").dropLast().last.map(String.init)
        if let above, names.contains(above) {
            disk = above
        } else if place == nil, uevent?["DEVTYPE"] == "partition" || reader.exists("\(path)/partition") {
            disk = BlockDeviceName.disk(ofPartition: sysfsName)
        }
        guard disk == nil else { return }
        isRemovable = reader.flag("\(path)/removable")
        isHidden = reader.flag("\(path)/hidden")
    }

    private static func number(_ reader: HostReader, _ uevent: Uevent?, in path: String) -> Host.DeviceNumber? {
        var file = "uevent"
        var text = uevent?["MAJOR"].flatMap { major in uevent?["MINOR"].map { "\(major):\($0)" } }
        if text == nil {
            file = "dev"
            text = reader.text("\(path)/dev")
        }
        guard let text else { return nil }
        do throws(ParseError) {
            return try Host.DeviceNumber(parsing: text)
        } catch {
            reader.noteWrong("\(path)/\(file)", error)
            return nil
        }
    }

    /// The size counts 512 bytes, whatever the size of the sectors.
    private static func size(_ reader: HostReader, _ path: String) -> Int? {
        guard let sectors = reader.integer(path) else { return nil }
        let (bytes, overflow) = sectors.multipliedReportingOverflow(by: 512)
        guard sectors >= 0, !overflow else {
            reader.noteWrong(path, "\(sectors)", expected: "a number of 512-byte units")
            return nil
        }
        return bytes
    }
}

extension String {
    /// A name of sysfs as it is below `/dev`: `cciss!c0d0` is `cciss/c0d0`.
    var asDeviceName: String { contains("!" as Character) ? String(map { $0 == "!" ? "/" : $0 }) : self }

    /// A name below `/dev` as it is in sysfs.
    var asSysfsName: String { contains("/" as Character) ? String(map { $0 == "/" ? "!" : $0 }) : self }
}
