internal import CLinux
internal import Glibc

/// What the kernel says to the question which process is at the other end of a Unix socket: SO_PEERPIDFD.
package enum PeerProcess: ~Copyable, Sendable {
    /// A descriptor of the process, alive or not yet reaped.
    case process(Descriptor)
    /// The kernel is older than 6.5 and cannot say.
    case unsupported
    /// The process is gone.
    case gone

    /// - Throws: where no descriptor could be made
    package init(socket: Int32) throws(KernelError) {
        let pidfd = berth_peer_pidfd(socket)
        guard pidfd < 0 else {
            self = .process(Descriptor(owning: pidfd))
            return
        }
        switch errno {
        case ENOPROTOOPT: self = .unsupported
        case ESRCH, ENODATA, EINVAL: self = .gone
        case let code: throw KernelError("get SO_PEERPIDFD of", "a Unix socket", code: code)
        }
    }
}
