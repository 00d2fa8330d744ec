import BerthJSON
import BerthPluginKit

/// One GPU as NVML shows it at one moment.
struct Card: Hashable, Sendable {
    /// A MIG device.
    struct Part: Hashable, Sendable {
        var uuid: String
        /// `1g.10gb`.
        var profile: String
        /// Bytes of its memory; nil where that is not known.
        var memory: UInt64?
        var instance: UInt32?
        /// The device files that give access to it, beside the GPU's own.
        var access: [Device] = []
    }

    /// Its PCI address.
    var address: String
    var uuid: String
    var model: String
    /// Bytes of its memory; nil where NVML counts none, as of a GPU that shares the host's.
    var memory: UInt64?
    /// The number of its device file.
    var minor: UInt32?
    var parts: [Part] = []
    /// Why it is not to be granted; nil where it is.
    var trouble: Trouble?

    /// What is wrong with it.
    struct Trouble: Hashable, Sendable {
        var state: Unit.State
        var reason: String
    }

    /// The profile at the end of a MIG device's name: `NVIDIA A100-SXM4-40GB MIG 1g.5gb`.
    static func profile(_ name: String) -> String {
        name.split(separator: " ").last.map(String.init) ?? name
    }
}

extension Card {
    /// Looks at a GPU.
    init(_ device: NVML.Device, _ nvml: NVML, _ access: MIGAccess) throws {
        self.init(
            address: try nvml.address(device), uuid: try nvml.uuid(device), model: try nvml.name(device),
            memory: try nvml.totalMemory(device), minor: nvml.minor(device))
        let minor = minor
        parts = try nvml.parts(device).map { part in
            let instance = nvml.instance(part)
            var files: [Device] = []
            if let minor, let instance, let compute = nvml.computeInstance(part) {
                files = access.devices(gpu: minor, instance: instance, compute: compute)
            }
            return Part(
                uuid: try nvml.uuid(part), profile: Card.profile(try nvml.name(part)),
                memory: try? nvml.memory(part).total, instance: instance, access: files)
        }
        if let errors = try nvml.unmendedErrors(device), errors > 0 {
            trouble = Trouble(state: .failed, reason: "\(errors) memory errors that ECC could not mend")
        }
        switch nvml.remapping(device) {
        case (_, true): trouble = Trouble(state: .failed, reason: "broken rows of its memory could not be replaced")
        case (true, false):
            trouble =
                trouble ?? Trouble(state: .maintenance, reason: "it waits for a reset to replace rows of its memory")
        default: break
        }
    }

    /// The GPU and its parts, as units.
    func units(_ xids: Xids) -> [Unit] {
        // A whole is used by all its parts.
        let own = xids.trouble(of: address, nil) ?? trouble
        let whole = own ?? parts.lazy.compactMap(\.instance).compactMap { xids.trouble(of: address, $0) }.first
        var facts: [String: JSONValue] = ["uuid": .string(uuid), "model": .string(model), "vendor": "10de"]
        facts["vram"] = memory.map { JSONValue(Int64(clamping: $0)) }
        if !parts.isEmpty { facts["mig"] = true }
        // The kernel's list of numbers (Documentation/admin-guide/devices.txt) has 195 for NVIDIA.
        let devices = minor.map { [Device(major: 195, minor: Int64($0))] } ?? []
        let unit = Unit(
            address, state: whole?.state ?? .available, reason: whole?.reason, capabilities: facts,
            devices: devices + parts.flatMap(\.access))
        return [unit]
            + parts.map { part in
                let trouble = own ?? part.instance.flatMap { xids.trouble(of: address, $0) }
                var facts: [String: JSONValue] = [
                    "uuid": .string(part.uuid), "model": .string(model), "vendor": "10de",
                    "partition": .string(part.profile), "pci": .string(address),
                ]
                facts["vram"] = part.memory.map { JSONValue(Int64(clamping: $0)) }
                return Unit(
                    part.uuid, state: trouble?.state ?? .available, reason: trouble?.reason, capabilities: facts,
                    parent: address, devices: devices + part.access)
            }
    }
}
