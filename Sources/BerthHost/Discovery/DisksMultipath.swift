internal import BerthModel

extension FoundDisk {
    /// Joins the paths to one disk into one: NVMe's hidden paths, the members of a multipath map, and SCSI disks that
    /// say they are the same.
    static func joined(_ found: [FoundDisk], _ volumes: [Host.Volume], _ reader: HostReader) -> [Host.Disk] {
        let groups = Groups(found, volumes, reader)
        return groups.members.map { members in
            let ordered = members.inDeviceOrder(by: \.disk.name)
            var disk = ordered[0].disk
            let hidden = groups.hidden[disk.name] ?? []
            if let path = hidden.first?.disk {
                // The joined disk of NVMe is nowhere; its paths are on PCI.
                disk.pci = disk.pci ?? path.pci
                disk.numaNode = disk.numaNode ?? path.numaNode
                disk.transport = path.transport ?? disk.transport
                disk.paths = hidden.map(\.disk.name).inDeviceOrder { $0 }
            }
            disk.multipath = groups.maps[disk.name]
            guard ordered.count > 1 else { return disk }
            disk.paths = ordered.map(\.disk.name)
            // What differs between the paths is not the disk's: each may start at another controller.
            if Set(ordered.map(\.disk.pci)).count > 1 { disk.pci = nil }
            if Set(ordered.map(\.disk.numaNode)).count > 1 { disk.numaNode = nil }
            return disk
        }
    }
}

/// Which of the disks are the same.
private struct Groups {
    /// Each disk with all its paths.
    private(set) var members: [[FoundDisk]] = []
    /// The map that joins a path, by the path's name.
    private(set) var maps: [String: String] = [:]
    /// NVMe's hidden paths by the name of the disk they lead to.
    private(set) var hidden: [String: [FoundDisk]] = [:]

    init(_ found: [FoundDisk], _ volumes: [Host.Volume], _ reader: HostReader) {
        let names = Set(found.map(\.disk.name))
        for volume in volumes where isMultipath(volume, found) {
            for path in volume.on { maps[path] = volume.name }
        }
        // Only disks that look alike are asked who they are.
        var alike: [Likeness: Int] = [:]
        for disk in found { alike[Likeness(disk), default: 0] += 1 }
        var places: [String: Int] = [:]
        for disk in found {
            if let head = BlockDeviceName.head(ofPath: disk.disk.name), names.contains(head) {
                hidden[head, default: []].append(disk)
                continue
            }
            // The disk that it leads to is not there while no path is usable.
            if disk.device.isHidden == true { continue }
            let isAlone = alike[Likeness(disk)] == 1
            let identity = maps[disk.disk.name].map { "map \($0)" } ?? (isAlone ? nil : disk.identity(reader))
            if let identity, let place = places[identity] {
                members[place].append(disk)
            } else {
                if let identity { places[identity] = members.count }
                members.append([disk])
            }
        }
    }
}

/// A map of the kind, or one without a UUID that is as large as each of several whole disks below it.
private func isMultipath(_ volume: Host.Volume, _ found: [FoundDisk]) -> Bool {
    if volume.kind == .multipath { return true }
    guard volume.kind == .map, volume.on.count > 1, let size = volume.sizeBytes else { return false }
    return volume.on.allSatisfy { name in found.contains { $0.disk.name == name && $0.disk.sizeBytes == size } }
}

/// What two paths to the same disk have in common at least.
private struct Likeness: Hashable {
    let sizeBytes: Int?
    let vendor: String?
    let model: String?

    init(_ found: FoundDisk) {
        sizeBytes = found.disk.sizeBytes
        vendor = found.disk.vendor
        model = found.disk.model
    }
}

extension FoundDisk {
    /// What tells this disk from all others, or nil. It is compared and then forgotten.
    ///
    /// First what the disk itself says (`wwid`: its page 0x83 as the kernel reads it), then what udev knew, and
    /// where neither is known the number of the unit behind a fibre channel port.
    fileprivate func identity(_ reader: HostReader) -> String? {
        // Docks for USB disks make up names that many of them share, and have no second path.
        guard disk.name.hasPrefix("sd"), disk.transport != "usb" else { return nil }
        let like = "\(disk.sizeBytes ?? 0) \(disk.vendor ?? "") \(disk.model ?? "")"
        if let name = reader.text("\(device.path)/device/wwid"), !name.isEmpty { return "wwid \(name) \(like)" }
        if let number = disk.number, let text = reader.contents("run/udev/data/b\(number)") {
            for key in ["E:ID_WWN_WITH_EXTENSION=", "E:ID_SERIAL="] {
                let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
                if let line, line.utf8.count > key.utf8.count { return "udev \(line) \(like)" }
            }
        }
        guard let parts = device.place?.split(separator: "/"), parts.contains(where: { $0.hasPrefix("rport-") }),
            parts.count > 3, let unit = parts[parts.count - 3].split(separator: ":").last
        else { return nil }
        // …/rport-0:0-1/target0:0:1/0:0:1:1087717409/block/sda
        return "unit \(unit) \(like)"
    }
}
