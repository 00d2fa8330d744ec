internal import BerthAgent
internal import CLinux
internal import Glibc

/// A descriptor of the process at the other end, closed when nobody needs it any more.
final class PeerDescriptor: Sendable {
    private let number: Int32

    /// What the kernel says to the question who is there.
    enum Answer: Sendable {
        /// The process, alive or not yet reaped.
        case process(PeerDescriptor)
        /// The kernel is older than 6.5 and cannot say.
        case unsupported
        /// The process is gone.
        case gone
        /// No descriptor could be made; the name of the error.
        case failed(String)
    }

    private init(owning number: Int32) { self.number = number }

    deinit { close(number) }

    /// Asks for the peer of a socket: SO_PEERPIDFD.
    static func of(socket: Int32) -> Answer {
        let pidfd = berth_peer_pidfd(socket)
        guard pidfd < 0 else { return .process(PeerDescriptor(owning: pidfd)) }
        switch errno {
        case ENOPROTOOPT: return .unsupported
        case ESRCH, ENODATA, EINVAL: return .gone
        case let code: return .failed(berth_error_name(code).map { String(cString: $0) } ?? "\(code)")
        }
    }

    /// Another descriptor of the process, for whoever takes it to close.
    func duplicate() throws(AttachError) -> Int32 {
        let number = berth_duplicate(number)
        guard number >= 0 else {
            throw .kernel("fcntl F_DUPFD_CLOEXEC of a pidfd: \(String(cString: strerror(errno)))")
        }
        return number
    }
}
