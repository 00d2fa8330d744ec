import BerthPluginKit

/// The Xid errors that GPUs have had: https://docs.nvidia.com/deploy/xid-errors
struct Xids: Hashable, Sendable {
    /// Those that a program causes by itself, and that say nothing of the GPU: the same as in NVIDIA's device plugin for
    /// Kubernetes.
    static let ofPrograms: Set<UInt64> = [13, 31, 43, 45, 68, 109]

    /// Those that say nothing of the GPU.
    var ignored = Xids.ofPrograms
    private var seen: [Place: UInt64] = [:]

    private struct Place: Hashable {
        var address: String
        var instance: UInt32?
    }

    /// Notes one; true where that changes what is granted.
    mutating func note(_ xid: UInt64, of address: String, _ instance: UInt32?) -> Bool {
        guard !ignored.contains(xid) else { return false }
        return seen.updateValue(xid, forKey: Place(address: address, instance: instance)) == nil
    }

    /// What is wrong with a GPU, or with an instance of it, for what it has had.
    func trouble(of address: String, _ instance: UInt32?) -> Card.Trouble? {
        seen[Place(address: address, instance: instance)].map { xid in
            Card.Trouble(
                state: .failed,
                reason: "Xid \(xid); see the kernel's log, and `berth plugin reload nvidia-gpu` once it is mended")
        }
    }
}
