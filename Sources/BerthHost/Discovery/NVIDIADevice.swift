/// A GPU as NVIDIA's own driver shows it: `/proc/driver/nvidia/gpus/0000:06:00.0/information`.
struct NVIDIADevice: Equatable {
    /// Where it is.
    let address: PCIAddress
    /// `NVIDIA A100-SXM4-40GB`.
    var model: String?
    /// `GPU-…`; nil while the driver has not woken the card (`GPU-????????-…`).
    var uuid: String?
    /// The number of `/dev/nvidiaN`.
    var minor: Int?
    /// Whether the driver was told to leave it alone.
    var isExcluded = false
    /// Its MIG instances; empty where it is not cut up.
    var instances: [Instance] = []

    /// A MIG instance: a part of the GPU with compute units and memory of its own.
    struct Instance: Equatable {
        /// `gi1/ci0`: GPU instance and compute instance.
        let name: String
        /// The numbers of `/dev/nvidia-caps/nvidia-capN` that open the two.
        let capabilityMinors: [Int]
    }
}

extension NVIDIADevice {
    /// Every GPU that the driver holds.
    static func all(_ reader: HostReader) -> [NVIDIADevice] {
        let folder = "proc/driver/nvidia/gpus"
        return reader.names(folder).compactMap { NVIDIADevice(reader, folder: folder, name: $0) }
    }

    private init?(_ reader: HostReader, folder: String, name: String) {
        guard let text = reader.contents("\(folder)/\(name)/information") else { return nil }
        var fields: [String: String] = [:]
        text.forEachField { key, value in fields[key.text] = value.text }
        // Old drivers number the folders, and tell the place inside only.
        guard let address = PCIAddress(name) ?? fields["Bus Location"].flatMap({ PCIAddress($0) }) else {
            reader.noteWrong("\(folder)/\(name)/information", text, expected: "a GPU with its bus location")
            return nil
        }
        self.address = address
        model = fields["Model"].flatMap { $0.isEmpty || $0 == "Unknown" ? nil : $0 }
        uuid = fields["GPU UUID"].flatMap { $0.isEmpty || $0.contains("?") ? nil : $0 }
        minor = fields["Device Minor"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        isExcluded = (fields["GPU Excluded"] ?? fields["Blacklisted"]) == "Yes"
        if let minor { instances = NVIDIADevice.instances(reader, minor: minor) }
    }

    private static func instances(_ reader: HostReader, minor: Int) -> [Instance] {
        let folder = "proc/driver/nvidia/capabilities/gpu\(minor)/mig"
        var instances: [Instance] = []
        for gpu in reader.names(folder) where gpu.hasPrefix("gi") {
            for compute in reader.names("\(folder)/\(gpu)") where compute.hasPrefix("ci") {
                let files = ["\(folder)/\(gpu)/access", "\(folder)/\(gpu)/\(compute)/access"]
                let minors = files.compactMap { reader.capabilityMinor($0) }
                instances.append(Instance(name: "\(gpu)/\(compute)", capabilityMinors: minors))
            }
        }
        return instances
    }
}

extension HostReader {
    /// The number of the device file that opens a capability of NVIDIA's driver: `DeviceFileMinor: 12`.
    fileprivate func capabilityMinor(_ path: String) -> Int? {
        guard let text = contents(path) else { return nil }
        var minor: Int?
        text.forEachField { key, value in
            if key.equals("DeviceFileMinor") { minor = value.leadingInteger }
        }
        return minor
    }
}
