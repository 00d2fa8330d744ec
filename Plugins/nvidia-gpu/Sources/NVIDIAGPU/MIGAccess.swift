import BerthPluginKit
import Glibc

/// The device files that give access to MIG devices: the driver has one for each GPU instance and one for each compute
/// instance in it, and a program needs both beside the GPU's own (NVIDIA's MIG User Guide, "/dev based nvidia-capabilities").
struct MIGAccess: Sendable {
    /// What the driver's device files in /dev/nvidia-caps have as their major number; nil where it has none.
    private var major: Int64?
    /// Minor numbers, by what they give access to: `gpu0/gi1/ci0/access`.
    private var minors: [Substring: Int64]

    /// `minors` is the text of /proc/driver/nvidia-caps/mig-minors, `devices` that of /proc/devices.
    init(minors: String, devices: String) {
        let named = devices.split(separator: "\n").map { $0.split(separator: " ") }
        major = named.first { $0.count == 2 && $0[1] == "nvidia-caps" }.flatMap { Int64($0[0]) }
        let numbered = minors.split(separator: "\n").map { $0.split(separator: " ") }
        self.minors = Dictionary(
            numbered.compactMap { line in
                guard line.count == 2, let minor = Int64(line[1]) else { return nil }
                return (line[0], minor)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What the driver says now; nothing where there is none, or one without MIG.
    static func current() -> MIGAccess {
        MIGAccess(minors: text("/proc/driver/nvidia-caps/mig-minors"), devices: text("/proc/devices"))
    }

    /// Those of a compute instance, by the minor number of its GPU, the GPU instance's number and its own there.
    func devices(gpu: UInt32, instance: UInt32, compute: UInt32) -> [Device] {
        guard let major else { return [] }
        let whole = "gpu\(gpu)/gi\(instance)"
        return ["\(whole)/access", "\(whole)/ci\(compute)/access"].compactMap { name in
            minors[name[...]].map { Device(major: major, minor: $0) }
        }
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&block, 1, block.count, file), count > 0 { text += block.prefix(count) }
        return String(decoding: text, as: UTF8.self)
    }
}
