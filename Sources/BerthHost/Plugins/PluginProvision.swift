internal import BerthCore
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
    /// The most disks whose rates are narrowed.
    static let mostDisks = 64

    let provision: BerthModel.Provision
    /// Folders below the plugin's own that are to have a size.
    let folders: [(path: FolderPath, bytes: Int64)]

    /// Reads the answer to `allocate`.
    /// - Parameter bounds: what it may narrow; nil for what it may of a user's reservation of which nothing else is known
    init(
        _ answer: JSONValue, of type: Manifest.ProvidedType?, within bounds: NarrowingBounds?
    ) throws(PluginSupervisor.CallFailure) {
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
                !value.unicodeScalars.contains(where: PluginProvision.isControl)
            else { throw .failed(Failure("the value of \(name) is too long, or has control characters")) }
        }
        folders = try PluginProvision.folders(wanted.quotas)
        guard wanted.devices.count <= PluginProvision.mostDevices else {
            throw .failed(
                Failure("it gives \(wanted.devices.count) devices; \(PluginProvision.mostDevices) are the most"))
        }
        provision = BerthModel.Provision(
            environment: wanted.environment, devices: try wanted.devices.map(PluginProvision.device),
            cgroup: try PluginProvision.narrowing(wanted.cgroup, within: bounds))
    }

    /// Whether it is a control character, or one that turns how what stands beside it reads.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7f...0x9f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private static func narrowing(
        _ wanted: BerthPluginKit.Narrowing, within bounds: NarrowingBounds?
    ) throws(PluginSupervisor.CallFailure) -> BerthModel.Narrowing {
        let narrowing = try read(wanted)
        guard let bounds else {
            let most = BerthModel.Narrowing.unaskedPids
            guard let pids = narrowing.pids, pids > most else { return narrowing }
            throw .failed(
                Failure("it gives pids.max \(pids.units), and \(most.units) are the most where none are asked"))
        }
        do throws(NarrowingBounds.Passed) { return try bounds.narrowing(narrowing) } catch {
            throw .failed(Failure(error.reason, hint: "ask for as much, or have the plugin give less"))
        }
    }

    /// What a plugin narrows, whatever was granted.
    private static func read(
        _ wanted: BerthPluginKit.Narrowing
    ) throws(PluginSupervisor.CallFailure) -> BerthModel.Narrowing {
        let narrowing: BerthModel.Narrowing
        do throws(JSONFieldError) {
            narrowing = try BerthModel.Narrowing.reader.read(wanted.json, at: JSONPointer(["cgroup"]))
        } catch {
            throw .failed(Failure("its answer to allocate makes no sense: \("\(error)".excerpt)"))
        }
        guard narrowing.storage.count <= mostDisks else {
            throw .failed(Failure("it gives io.max of \(narrowing.storage.count) disks; \(mostDisks) are the most"))
        }
        return narrowing
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
