internal import BerthHost
internal import BerthKernel
internal import CLibcap
internal import Glibc

/// Leaves the agent no more of root's capabilities(7) than ``AgentCapabilities`` names.
enum Capabilities {
    /// What is kept, as libcap counts.
    private static let kept = AgentCapabilities.kept.numbers.map(cap_value_t.init)

    /// Why capabilities could not be dropped.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// Drops all others from this thread for good: from what it has, may have, hands on, and from what any program that it
    /// might become could get. Does nothing for an ordinary user, who has none.
    ///
    /// Call it before there is any other thread: capset(2) acts on the calling one alone.
    static func drop() throws(Failure) {
        guard geteuid() == 0 else { return }
        try needSingleThread()
        try dropBounds()
        guard cap_reset_ambient() == 0 else { throw failure("clear the ambient capabilities") }
        guard let current = cap_get_proc(), let wanted = cap_init() else { throw failure("read the capabilities") }
        defer {
            cap_free(UnsafeMutableRawPointer(current))
            cap_free(UnsafeMutableRawPointer(wanted))
        }
        // A container's root may have less than root.
        var held = kept.filter { capability in
            var flag = CAP_CLEAR
            return cap_get_flag(current, capability, CAP_PERMITTED, &flag) == 0 && flag == CAP_SET
        }
        for set in [CAP_PERMITTED, CAP_EFFECTIVE] {
            guard cap_set_flag(wanted, set, Int32(held.count), &held, CAP_SET) == 0 else {
                throw failure("list the capabilities that are kept")
            }
        }
        guard cap_set_proc(wanted) == 0 else { throw failure("drop capabilities") }
    }

    /// Takes out of the bounding set what is not kept, where it still is in it.
    private static func dropBounds() throws(Failure) {
        // A container's root may have less than root, and then need not be able to drop what it could not take up.
        guard try has(CAP_SETPCAP) else { return }
        for capability in 0..<cap_max_bits() where !kept.contains(capability) && cap_get_bound(capability) > 0 {
            guard cap_drop_bound(capability) == 0 else {
                throw failure("drop capability \(capability) from the bounding set")
            }
        }
    }

    /// Whether this thread may use a capability.
    private static func has(_ capability: cap_value_t) throws(Failure) -> Bool {
        guard let current = cap_get_proc() else { throw failure("read the capabilities") }
        defer { cap_free(UnsafeMutableRawPointer(current)) }
        var flag = CAP_CLEAR
        guard cap_get_flag(current, capability, CAP_EFFECTIVE, &flag) == 0 else { throw failure("read a capability") }
        return flag == CAP_SET
    }

    private static func needSingleThread() throws(Failure) {
        let threads: Int
        do throws(KernelError) {
            threads = try Root.live().entries("proc/self/task").count
        } catch {
            throw Failure(description: "drop capabilities: \(error)")
        }
        guard threads == 1 else {
            throw Failure(description: "drop capabilities: there are \(threads) threads already, and it acts on one")
        }
    }

    private static func failure(_ tried: String) -> Failure { Failure(description: "\(tried): \(errorName(errno))") }
}
