internal import BerthKernel
internal import BerthModel
internal import Glibc

/// What a cgroup tree and its kernel can hold, as far as a plan depends on it.
struct TreeFacts: Equatable {
    /// Controllers that cannot be used, each with the reason.
    var missing: [String: String] = [:]
    /// Whether groups have `cpuset.cpus.exclusive` (Linux 6.7).
    var hasExclusiveCPUs = false
    /// Device numbers of disks, by name.
    var devices: [String: Host.DeviceNumber] = [:]
    /// What those disks are like now; read anew for each plan with a disk in it.
    var disks = DiskFacts()
    /// How much is behind one step of `cpu.weight`, in steps of ten millicores: siblings are scaled down together on hosts
    /// where one of them could pass the kernel's largest weight.
    var weightScale = 1
    /// The size of a page in bytes: the kernel counts memory in pages.
    var pageBytes: Int64 = 4096
    /// The ceiling on processes of a user who asked for none.
    var unaskedPids = Narrowing.unaskedPids.units

    /// The weight of an amount of CPU time among its siblings.
    func weight(_ amount: Quantity) -> CPUWeight {
        CPUWeight.of(millicores: Int(clamping: amount.units / Int64(max(weightScale, 1))))
    }

    /// An amount of memory in whole pages, rounded up.
    func pages(_ amount: Quantity) -> MemoryLimit {
        .bytes(UInt64((max(amount.units, 0) + pageBytes - 1) / pageBytes * pageBytes))
    }

    /// The scale at which the whole host's CPU time is within the kernel's largest weight.
    static func weightScale(of cpu: Quantity) -> Int {
        let most = Int64(CPUWeight.range.upperBound) * 10
        return Int((max(cpu.units, 0) + most - 1) / most)
    }
}
