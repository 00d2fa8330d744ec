internal import BerthModel

extension BlockDevice {
    /// Every block device of a host without sysfs: `/proc/partitions` has sizes, `/proc/diskstats` only names.
    /// Both list disks and partitions side by side, so that names tell them apart.
    static func allOfProc(_ reader: HostReader) -> [BlockDevice] {
        var devices = reader.contents("proc/partitions").map { table($0, sizeColumn: 2, nameColumn: 3) } ?? []
        if devices.isEmpty {
            devices = reader.contents("proc/diskstats").map { table($0, sizeColumn: nil, nameColumn: 2) } ?? []
        }
        let names = Set(devices.map(\.sysfsName))
        for index in devices.indices {
            // A name like `xvda1` without an `xvda` is a disk of its own.
            let disk = BlockDeviceName.disk(ofPartition: devices[index].sysfsName)
            if let disk, names.contains(disk) { devices[index].disk = disk }
        }
        return devices
    }

    private static func table(_ text: String, sizeColumn: Int?, nameColumn: Int) -> [BlockDevice] {
        var seen: Set<String> = []
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count > nameColumn, let major = Int(fields[0]), let minor = Int(fields[1]), major >= 0,
                minor >= 0
            else { return nil }
            let name = String(fields[nameColumn])
            guard !name.isEmpty, seen.insert(name).inserted else { return nil }
            var device = BlockDevice(sysfsName: name, path: "sys/class/block/\(name)", place: nil)
            device.number = Host.DeviceNumber(major: major, minor: minor)
            if let sizeColumn {
                // 1024 bytes each.
                let size = Int(fields[sizeColumn]).flatMap { $0 >= 0 ? $0.multipliedReportingOverflow(by: 1024) : nil }
                device.sizeBytes = size.flatMap { $0.overflow ? nil : $0.partialValue }
            }
            return device
        }
    }
}
