internal import CLinux
internal import Glibc

/// Whether the kernel knows processes by descriptors, tried on this process and a socket of its own.
package enum PidfdSupport {
    /// pidfd_open(2), since Linux 5.3; nil where a filter or a limit answers for the kernel.
    package static var opensProcesses: Bool? {
        let number = berth_pidfd_open(getpid())
        return answer(number)
    }

    /// SO_PEERPIDFD, since Linux 6.5; nil where no socket could be made.
    package static var opensPeers: Bool? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        let first = Descriptor(owning: ends[0])
        let second = Descriptor(owning: ends[1])
        let isThere = answer(berth_peer_pidfd(first.number))
        _ = consume second
        return isThere
    }

    private static func answer(_ number: Int32) -> Bool? {
        guard number < 0 else {
            _ = Descriptor(owning: number)
            return true
        }
        return errno == ENOSYS || errno == ENOPROTOOPT ? false : nil
    }
}
