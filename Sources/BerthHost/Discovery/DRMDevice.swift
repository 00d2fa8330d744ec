internal import BerthKernel

/// A device of the kernel's graphics layer, with the files by which it is opened: `/sys/class/drm`.
struct DRMDevice: Equatable {
    /// The folder that its attributes are read from: `sys/class/drm/card0/device`.
    let path: String
    /// Where it is below `sys/devices`; nil in recordings without that link.
    let place: String?
    /// The number of `/dev/dri/cardN`.
    var cardMinor: Int?
    /// The number of `/dev/dri/renderDN`.
    var renderMinor: Int?

    /// The PCI function it is.
    var pci: PCIAddress? { place.flatMap { DevicePath.pci(at: $0) } }

    /// The name of its card: `card0`.
    var card: String? { cardMinor.map { "card\($0)" } }

    /// The device files by which it is used.
    var nodes: [String] {
        [cardMinor.map { "/dev/dri/card\($0)" }, renderMinor.map { "/dev/dri/renderD\($0)" }].compactMap { $0 }
    }
}

extension DRMDevice {
    /// Every device, cards and render nodes of one device together, in the order of the names.
    static func all(_ reader: HostReader) -> [DRMDevice] {
        let folder = "sys/class/drm"
        var devices: [DRMDevice] = []
        var places: [String: Int] = [:]
        for entry in reader.entries(folder) {
            let card = number(of: entry.name, after: "card")
            let render = number(of: entry.name, after: "renderD")
            guard card != nil || render != nil else { continue }
            let path = "\(folder)/\(entry.name)/device"
            let place = place(reader, of: entry, in: folder)
            let index = places[place ?? path] ?? devices.endIndex
            if index == devices.endIndex {
                devices.append(DRMDevice(path: path, place: place))
                places[place ?? path] = index
            }
            devices[index].cardMinor = devices[index].cardMinor ?? card
            devices[index].renderMinor = devices[index].renderMinor ?? render
        }
        for index in devices.indices where devices[index].renderMinor == nil && devices[index].place == nil {
            // A recording of `card0` alone has the render node's name in the device's own folder.
            let names = reader.names("\(devices[index].path)/drm")
            devices[index].renderMinor = names.lazy.compactMap { number(of: $0, after: "renderD") }.first
        }
        return devices
    }

    /// The device's folder below `sys/devices`: two above the link's end, or where the `device` link leads.
    private static func place(_ reader: HostReader, of entry: Entry, in folder: String) -> String? {
        let path = "\(folder)/\(entry.name)"
        if entry.kind == .link {
            return reader.linkTarget(path).map { DevicePath.dropping(2, from: DevicePath.following($0, at: path)) }
        }
        guard entry.kind == .folder, let target = reader.linkTarget("\(path)/device") else { return nil }
        return DevicePath.following(target, at: "\(path)/device")
    }

    /// 128 of `renderD128`; nil for `card0-HDMI-A-1`.
    private static func number(of name: String, after prefix: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard !digits.isEmpty, digits.utf8.count <= 7, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        return Int(digits)
    }
}
