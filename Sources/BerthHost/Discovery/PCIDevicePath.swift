/// Where a device is in `sys/devices`, read from the text of links: it works for links that lead nowhere too, as
/// they do in recordings.
package enum DevicePath {
    /// The path that a link leads to, without looking whether it is there.
    /// - Parameters:
    ///   - target: where the link points, as it is written
    ///   - path: the link itself, without a leading slash
    package static func following(_ target: String, at path: String) -> String {
        var parts = target.hasPrefix("/") ? [] : path.split(separator: "/").dropLast()
        for part in target.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// The path without its last `count` parts.
    package static func dropping(_ count: Int, from path: String) -> String {
        path.split(separator: "/").dropLast(count).joined(separator: "/")
    }

    /// The PCI function that a device is, or that it is the only device of, as with virtio. What hangs on USB is not
    /// the USB controller.
    package static func pci(at path: String) -> PCIAddress? {
        let parts = path.split(separator: "/").suffix(2)
        guard let last = parts.last, let first = parts.first else { return nil }
        return PCIAddress(last) ?? (last.hasPrefix("virtio") ? PCIAddress(first) : nil)
    }

    /// The PCIe switch that a device hangs on, by its upstream port, the first below the root port: what else has that in its path
    /// is reached without the host bridge. Nil where there is none: a switch is two bridges, its upstream and a downstream port.
    package static func pcieSwitch(in path: String) -> PCIAddress? {
        let addresses = path.split(separator: "/").compactMap { PCIAddress($0) }
        return addresses.count > 3 ? addresses[1] : nil
    }

    /// The PCI function that a device is or hangs on: the last one in its path.
    package static func pci(in path: String) -> PCIAddress? {
        for part in path.split(separator: "/").reversed() {
            if let address = PCIAddress(part) { return address }
        }
        return nil
    }
}

/// Finds the NUMA node of devices, and asks each folder only once.
///
/// The kernel hands a node down to every child, but only some buses show it: for a virtio device it stands one level
/// up, for a SCSI disk five.
package final class DeviceLocality {
    private let reader: HostReader
    private var known: [String: Int?] = [:]

    package init(_ reader: HostReader) { self.reader = reader }

    /// The node of the nearest device at or above a path that has one; nil where none has.
    package func numaNode(at path: String) -> Int? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts.count <= 64, parts.starts(with: ["sys", "devices"]) else { return nil }
        let folder = parts.joined(separator: "/")
        if let node = known[folder] { return node }
        let own = reader.integer("\(folder)/numa_node").flatMap { $0 >= 0 && $0 < 65_536 ? $0 : nil }
        let node = own ?? numaNode(at: parts.dropLast().joined(separator: "/"))
        known[folder] = .some(node)
        return node
    }
}
