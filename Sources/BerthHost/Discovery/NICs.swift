internal import BerthKernel
package import BerthModel

extension Host.Network {
    /// Finds the network interfaces of this process's network namespace: in `/sys/class/net`, else in `/proc/net/dev`.
    package static func discover(_ reader: HostReader) -> Host.Network {
        // `bonding_masters` stands among the interfaces and is a file.
        let entries = reader.entries("sys/class/net").filter { $0.kind != .file }
        guard !entries.isEmpty else { return ofProc(reader) }
        let locality = DeviceLocality(reader)
        let names = Set(entries.map(\.name))
        var network = Host.Network()
        for entry in entries {
            let interface = NICPlace(reader, entry)
            let nic = Host.NIC.discover(reader, interface, among: names, locality)
            if interface.isHardware && nic.kind == nil {
                network.nics.append(nic)
            } else {
                network.virtualNICs.append(nic)
            }
        }
        network.sort()
        return network
    }

    private mutating func sort() {
        nics = nics.inDeviceOrder(by: \.name)
        virtualNICs = virtualNICs.inDeviceOrder(by: \.name)
    }

    /// Without sysfs only the names are known. What is called as hardware is taken for it.
    private static func ofProc(_ reader: HostReader) -> Host.Network {
        var network = Host.Network()
        var seen: Set<Substring> = []
        for line in (reader.contents("proc/net/dev") ?? "").split(separator: "\n") {
            // `  eth0:14948502   95077 …`; the two lines of the heading have no colon.
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmed
            guard !name.isEmpty, name.utf8.count < 16, seen.insert(name).inserted else { continue }
            let nic = Host.NIC(name: String(name), kind: NICKind.byName(name))
            if NICKind.isNamedAsHardware(name) { network.nics.append(nic) } else { network.virtualNICs.append(nic) }
        }
        network.sort()
        return network
    }
}

/// Where an interface is, and whether it is hardware.
struct NICPlace {
    let name: String
    /// The folder that its attributes are read from.
    let path: String
    /// Where the device behind it is below `sys/devices`; nil for none.
    let device: String?
    let isHardware: Bool

    /// An interface is hardware when a device is behind it and neither lies in `devices/virtual`. Where a recording
    /// does not say where the interface lies, its name has to tell.
    init(_ reader: HostReader, _ entry: Entry) {
        name = entry.name
        path = "sys/class/net/\(entry.name)"
        let link = entry.kind == .link ? reader.linkTarget(path) : nil
        if let place = link.map({ [path] in DevicePath.following($0, at: path) }) {
            // …/0000:02:00.0/net/eth0
            let parts = place.split(separator: "/")
            isHardware = !parts.contains("virtual") && !parts.contains { $0.hasPrefix("netdevsim") }
            device = isHardware ? parts.dropLast(parts.dropLast().last == "net" ? 2 : 1).joined(separator: "/") : nil
        } else if let target = reader.linkTarget("\(path)/device") {
            device = DevicePath.following(target, at: "\(path)/device")
            isHardware = true
        } else {
            device = nil
            isHardware = NICKind.isNamedAsHardware(entry.name[...])
        }
    }
}
