internal import BerthJSON
internal import BerthModel

/// What a reservation's document gives a program: its environment, and CPUs to keep to.
struct GrantedEnvironment {
    /// The variables that the agent names, as far as they can be set and could not load code into the program.
    let variables: [(name: String, value: String)]
    /// How many threads programs should start; only where CPU time is held.
    let threads: [(name: String, value: String)]
    /// The exclusive CPUs, where nothing but the program itself keeps to them.
    let unheldCPUs: CPUSet?

    init(_ reservation: JSONValue) {
        variables = (reservation["env"]?.members ?? [:]).compactMap { name, value in
            guard let value = value.text, GrantedEnvironment.isHarmless(name), !value.utf8.contains(0) else {
                return nil
            }
            return (name, value)
        }
        let cpu = reservation["resources"]?["cpu"]
        if let count = GrantedEnvironment.threadCount(cpu) {
            threads = [("OMP_NUM_THREADS", "\(count)"), ("GOMAXPROCS", "\(count)")]
        } else {
            threads = []
        }
        // A cpuset keeps the program to its CPUs also where nothing keeps others off them, and an affinity beside it would
        // stay when the reservation grows.
        let isHeld = (reservation["receipts"]?.elements ?? []).contains {
            $0["type"]?.text == "cpu"
                && ($0["status"]?.text == Receipt.Status.enforced.rawValue || $0["values"]?["cpuset.cpus"] != nil)
        }
        let cpus = cpu?["cpus"]?.text.flatMap { try? CPUSet(parsing: $0) } ?? []
        unheldCPUs = isHeld || cpus.isEmpty ? nil : cpus
    }

    /// Variables that tell programs which devices are theirs: what was set before speaks of others.
    private static let deviceLists: Set<String> = [
        "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "ZE_AFFINITY_MASK", "ONEAPI_DEVICE_SELECTOR",
        "HABANA_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES", "NEURON_RT_VISIBLE_CORES", "TPU_VISIBLE_CHIPS",
    ]

    /// Those that are set whatever was set before: Berth's own, and the devices. Any other is a plugin's, and never goes over
    /// one that is there.
    static func isAlwaysSet(_ name: String) -> Bool { name.hasPrefix("BERTH_") || deviceLists.contains(name) }

    /// `[A-Z_][A-Z0-9_]*`, and none of those by which a loader or an interpreter takes code.
    private static func isHarmless(_ name: String) -> Bool {
        guard let first = name.utf8.first, first == 0x5F || 0x41...0x5A ~= first,
            name.utf8.allSatisfy({ $0 == 0x5F || 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 })
        else { return false }
        return !["PATH", "HOME", "IFS", "ENV", "BASH_ENV", "GLIBC_TUNABLES"].contains(name)
            && !["LD_", "PYTHON", "PERL", "NODE_", "GIT_"].contains { name.hasPrefix($0) }
    }

    /// The ceiling in whole CPUs, rounded up; at least one.
    private static func threadCount(_ cpu: JSONValue?) -> Int64? {
        guard let quantity = cpu?["limit"] ?? cpu?["amount"], let cpus = try? Measure.cpus.quantity(quantity) else {
            return nil
        }
        return max(1, (cpus.units + 999) / 1000)
    }
}
