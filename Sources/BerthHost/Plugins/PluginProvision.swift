internal import BerthJSON
internal import BerthKernel
internal import BerthModel
internal import BerthPluginKit

/// What a provider wants for the programs of a reservation, held to what its manifest says and to what any may.
struct PluginProvision {
    /// The longest value of a variable, in bytes.
    static let longestValue = 4096
    /// The most devices.
    static let mostDevices = 64

    let provision: BerthModel.Provision
    /// Folders below the plugin's own that are to have a size.
    let folders: [(path: FolderPath, bytes: Int64)]

    /// Reads the answer to `allocate`.
    init(_ answer: JSONValue, of type: Manifest.ProvidedType?) throws(PluginSupervisor.CallFailure) {
        let wanted: BerthPluginKit.Provision
        do throws(JSONFieldError) { wanted = try BerthPluginKit.Provision.reader.read(answer) } catch {
            throw .failed(Failure("its answer to allocate makes no sense: \(error)"))
        }
        let allowed = Set(type?.environment ?? [])
        for (name, value) in wanted.environment {
            guard allowed.contains(name) else {
                throw .failed(Failure("it sets \(name), which its manifest does not name"))
            }
            guard value.utf8.count <= PluginProvision.longestValue,
                value.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
            else { throw .failed(Failure("the value of \(name) is too long, or has control characters")) }
        }
        guard wanted.cgroup.isEmpty else {
            throw .failed(Failure("it wants cgroup values, which this agent cannot give yet"))
        }
        folders = try PluginProvision.folders(wanted.quotas)
        guard wanted.devices.count <= PluginProvision.mostDevices else {
            throw .failed(
                Failure("it gives \(wanted.devices.count) devices; \(PluginProvision.mostDevices) are the most"))
        }
        provision = BerthModel.Provision(
            environment: wanted.environment, devices: try wanted.devices.map(PluginProvision.device))
    }

    private static func device(
        _ device: BerthPluginKit.Device
    ) throws(PluginSupervisor.CallFailure) -> DeviceNode {
        guard let node = DeviceNode(device) else {
            throw .failed(Failure("it gives a device \(device.major):\(device.minor), which there cannot be"))
        }
        return node
    }
}

extension DeviceNode {
    /// A device as a plugin says it; nil for a number that no device has.
    init?(_ device: BerthPluginKit.Device) {
        guard (0..<1 << 12).contains(device.major), (0..<1 << 20).contains(device.minor) else { return nil }
        self.init(isBlock: device.isBlock, Host.DeviceNumber(major: Int(device.major), minor: Int(device.minor)))
    }
}
