/// Tells how a disk is attached, from where it sits among the devices, as lsblk and udev do.
enum DiskTransport {
    /// - Parameters:
    ///   - place: where the disk, or the device behind it, is below `sys/devices`
    ///   - vendor: the disk's vendor; SATA disks say `ATA`, whatever controller they are on
    static func name(_ reader: HostReader, device: BlockDevice, place: String?, vendor: String?) -> String? {
        let name = device.sysfsName
        if name.hasPrefix("nvme") {
            let fabric = reader.text("\(device.path)/device/transport")
            return fabric.map { $0 == "pcie" || $0.isEmpty ? "nvme" : "nvme-\($0)" } ?? "nvme"
        }
        let parts = place?.split(separator: "/") ?? []
        for (prefix, transport) in buses where parts.contains(where: { isNumbered($0, prefix) }) {
            return transport == "sas" && vendor == "ATA" ? "sata" : transport
        }
        for (prefix, transport) in drivers where isNumbered(name[...], prefix, letters: true) { return transport }
        return vendor == "ATA" ? "sata" : nil
    }

    /// Folders on the way to the disk, the most telling first: a USB disk hangs on a SCSI host too.
    private static let buses = [
        ("usb", "usb"), ("session", "iscsi"), ("rport-", "fc"), ("end_device-", "sas"), ("ata", "sata"),
        ("virtio", "virtio"), ("vbd-", "xen"), ("VMBUS:", "hyperv"), ("vmbus_", "hyperv"), ("mmc", "mmc"),
        ("fw", "firewire"), ("ide", "ide"),
    ]

    private static let drivers = [
        ("vd", "virtio"), ("xvd", "xen"), ("hd", "ide"), ("mmcblk", "mmc"), ("dasd", "ccw"),
    ]

    /// Whether a part of a path is such a device: the prefix with a number behind it, or a letter.
    private static func isNumbered(_ part: Substring, _ prefix: String, letters: Bool = false) -> Bool {
        guard part.hasPrefix(prefix) else { return false }
        guard let next = part.utf8.dropFirst(prefix.utf8.count).first else { return false }
        return (next >= 0x30 && next <= 0x39) || (letters && next >= 0x61 && next <= 0x7A)
            || prefix.hasSuffix(":")
    }
}
