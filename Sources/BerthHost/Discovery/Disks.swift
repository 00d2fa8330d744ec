package import BerthModel

extension Host.Storage {
    /// Finds the disks and the other block devices: in sysfs, else in `/proc/partitions` or `/proc/diskstats`.
    ///
    /// What has no size is left out: a drive without a medium, a loop device without a file. Of drives and files that
    /// come and go an unknown size counts as none.
    package static func discover(_ reader: HostReader) -> Host.Storage {
        var devices = BlockDevice.all(reader)
        if devices.isEmpty { devices = BlockDevice.allOfProc(reader) }
        let locality = DeviceLocality(reader)
        var disks: [FoundDisk] = []
        var volumes: [Host.Volume] = []
        for device in devices where device.sizeBytes != 0 {
            if let volume = Host.Volume(reader, device) {
                if device.sizeBytes != nil || !volume.kind.comesAndGoes { volumes.append(volume) }
            } else {
                disks.append(FoundDisk(reader, device, locality))
            }
        }
        return Host.Storage(
            disks: FoundDisk.joined(disks, volumes, reader).inDeviceOrder(by: \.name),
            volumes: volumes.inDeviceOrder(by: \.name))
    }
}

extension Host.Volume.Kind {
    /// Whether such devices stand ready, empty, until something is put into them.
    fileprivate var comesAndGoes: Bool {
        switch self {
        case .loop, .ram, .zram, .network, .cdrom, .floppy, .removable, .virtual: true
        default: false
        }
    }
}

/// A disk, with what tells whether another is the same.
struct FoundDisk {
    var disk: Host.Disk
    let device: BlockDevice
}

extension FoundDisk {
    init(_ reader: HostReader, _ device: BlockDevice, _ locality: DeviceLocality) {
        self.device = device
        let path = device.path
        var disk = Host.Disk(name: device.name, number: device.number, sizeBytes: device.sizeBytes)
        disk.readOnly = device.readOnly
        disk.rotational = reader.flag("\(path)/queue/rotational")
        disk.model = reader.word("\(path)/device/model") ?? reader.word("\(path)/device/name")
        // A PCI device's vendor is a number.
        disk.vendor = reader.word("\(path)/device/vendor").flatMap { $0.hasPrefix("0x") ? nil : $0 }
        disk.state = reader.word("\(path)/device/state")
        disk.queue = Host.DiskQueue.discover(reader, in: "\(path)/queue")
        let place =
            device.place
            ?? reader.linkTarget("\(path)/device").map {
                DevicePath.following($0, at: "\(path)/device")
            }
        disk.transport = DiskTransport.name(reader, device: device, place: place, vendor: disk.vendor)
        if let place {
            disk.pci = DevicePath.pci(in: place)?.description
            disk.pcieSwitch = DevicePath.pcieSwitch(in: place)?.description
            disk.numaNode = locality.numaNode(at: DevicePath.dropping(1, from: place))
        }
        self.disk = disk
    }
}
