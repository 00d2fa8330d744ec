internal import BerthModel

extension Host.Volume {
    /// Reads what a block device that is no whole disk tells; nil for a whole disk.
    init?(_ reader: HostReader, _ device: BlockDevice) {
        guard let kind = Host.Volume.kind(device) else { return nil }
        self.init(name: device.name, kind: kind, number: device.number, sizeBytes: device.sizeBytes)
        readOnly = device.readOnly
        if let disk = device.disk {
            on = [disk.asDeviceName]
            return
        }
        rotational = reader.flag("\(device.path)/queue/rotational")
        on = reader.names("\(device.path)/slaves").map(\.asDeviceName)
        switch kind {
        case .map:
            if let uuid = reader.text("\(device.path)/dm/uuid"), !uuid.isEmpty {
                self.kind = BlockDeviceName.kind(ofMap: uuid)
            }
            mapName = reader.text("\(device.path)/dm/name").flatMap { $0.isEmpty ? nil : $0 }
        case .raid:
            level = reader.text("\(device.path)/md/level").flatMap { $0.isEmpty ? nil : $0 }
            missingMembers = reader.text("\(device.path)/md/degraded").flatMap { Int($0) }.flatMap {
                $0 >= 0 ? $0 : nil
            }
            if on.isEmpty {
                on = reader.names("\(device.path)/md").filter { $0.hasPrefix("dev-") }.map { String($0.dropFirst(4)) }
            }
        default: break
        }
        on = on.inDeviceOrder { $0 }
    }

    /// What a device is; nil for a whole disk.
    private static func kind(_ device: BlockDevice) -> Host.Volume.Kind? {
        let kind = BlockDeviceName.kind(device.name)
        // An eMMC's boot areas lie in its folder as partitions do.
        if device.disk != nil { return kind == .boot ? .boot : .partition }
        if let kind { return kind }
        if device.isVirtual { return .virtual }
        return device.isRemovable ?? false ? .removable : nil
    }
}
