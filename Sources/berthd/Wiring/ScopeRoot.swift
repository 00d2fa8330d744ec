internal import BerthHost
internal import BerthKernel
internal import Glibc

/// The tree in the scope that systemd keeps for the workloads.
struct ScopeRoot: TreeRoot {
    let scope: WorkloadsScope
    let path: String

    /// The slice: what a partition below takes must be granted by it too.
    var exclusiveAncestors: [String] { [String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])] }

    func open() async throws(KernelError) -> Group {
        let folder: String
        do throws(ScopeError) {
            folder = try await scope.ensure()
        } catch {
            throw KernelError("make (\(error))", path, code: EREMOTEIO)
        }
        return try Group(at: folder)
    }

    /// By systemd, for it puts its own values back at every reload.
    func protect(_ memory: MemoryProtection) async throws(KernelError) {
        do throws(ScopeError) {
            try await scope.protect(memory)
        } catch {
            throw KernelError(
                "protect \(memory.low) bytes of memory through systemd (\(error)) of", path, code: EREMOTEIO)
        }
    }
}
