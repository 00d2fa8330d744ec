package import BerthModel

/// Whether the kernel divides the time of a disk among groups by their `io.weight`: a line of `io.cost.qos`, which only
/// the real root of the tree has.
package struct IOCost: Equatable, Sendable {
    package static let file = "io.cost.qos"

    /// The disk.
    package let device: Host.DeviceNumber
    /// Whether it does.
    package let isOn: Bool

    package init(device: Host.DeviceNumber, isOn: Bool) {
        self.device = device
        self.isOn = isOn
    }

    /// Reads one line: `8:0 enable=1 ctrl=auto rpct=0.00 …`. What else it says is how well it does so.
    package init(parsing line: String) throws(ParseError) {
        let fields = line.trimmed.split(separator: " ")
        guard let first = fields.first else { throw ParseError(line, expected: "a line such as 8:0 enable=1") }
        let device = try Host.DeviceNumber(parsing: first)
        let switches = fields.dropFirst().filter { $0.hasPrefix("enable=") }
        guard switches == ["enable=1"] || switches == ["enable=0"] else {
            throw ParseError(line, expected: "a line with enable=0 or enable=1")
        }
        self.init(device: device, isOn: switches == ["enable=1"])
    }

    /// The disks for which it is on, from the whole file: a line a disk for which it was ever switched on.
    package static func devices(parsing text: String) throws(ParseError) -> Set<Host.DeviceNumber> {
        var devices: Set<Host.DeviceNumber> = []
        for line in text.trimmed.split(separator: "\n") {
            let disk = try IOCost(parsing: String(line))
            if disk.isOn { devices.insert(disk.device) }
        }
        return devices
    }
}

extension IOCost: CustomStringConvertible {
    /// The line to write to the kernel.
    package var description: String { "\(device) enable=\(isOn ? 1 : 0)" }
}
