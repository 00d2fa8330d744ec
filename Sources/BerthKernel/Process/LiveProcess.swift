package import BerthModel
internal import CLinux
internal import Glibc

/// A process that was alive when it was looked at, known by a descriptor that never means another one.
package final class LiveProcess: Sendable {
    /// Its number, start and boot.
    package let identity: ProcessIdentity
    /// Its users when it was looked at.
    package let status: ProcessStatus
    /// Whether it is a thread of the kernel, which nobody can move or end.
    package let isKernelThread: Bool
    private let pidfd: Descriptor

    /// - Parameters:
    ///   - pid: its number
    ///   - pidfd: a descriptor of it, whose owner this becomes; nil opens one
    ///   - boot: the boot id of this host
    ///   - startedBefore: refuses a process that started after this moment of CLOCK_BOOTTIME in milliseconds: the number
    ///     then is another process's than the one that was meant
    /// - Throws: ESRCH where there is no such process any more, else what the kernel answered
    package init(
        _ pid: Int32, pidfd: consuming Descriptor? = nil, boot: String, startedBefore: Int64? = nil
    ) throws(KernelError) {
        let path = "proc/\(pid)"
        guard pid > 0 else { throw KernelError("open process", "\(pid)", code: ESRCH) }
        let number = pidfd == nil ? berth_pidfd_open(pid) : -1
        let code = errno
        if let given = consume pidfd {
            self.pidfd = given
        } else {
            guard number >= 0 else { throw KernelError("open process", "\(pid)", code: code == EINVAL ? ESRCH : code) }
            self.pidfd = Descriptor(owning: number)
        }
        let root = try Root.live()
        let stat: ProcessStat
        do {
            stat = try ProcessStat(parsing: try root.text("\(path)/stat"))
            status = try ProcessStatus(parsing: try root.text("\(path)/status"))
        } catch let error as KernelError {
            throw error.code == ENOENT ? KernelError("open process", "\(pid)", code: ESRCH) : error
        } catch {
            throw KernelError("understand", "/\(path)/stat", code: EPROTO)
        }
        isKernelThread = stat.isKernelThread
        identity = ProcessIdentity(pid: pid, startTicks: stat.startTicks, boot: boot)
        // What was read was of the process behind the descriptor only if that still lives.
        guard !stat.isDead, LiveProcess.isAlive(self.pidfd) else {
            throw KernelError("open process", "\(pid)", code: ESRCH)
        }
        if let startedBefore, LiveProcess.milliseconds(ofTicks: stat.startTicks) > startedBefore {
            throw KernelError("open process", "\(pid)", code: ESRCH)
        }
    }

    /// Whether it still lives; a process that waits to be reaped does not.
    package var isAlive: Bool { LiveProcess.isAlive(pidfd) }

    /// Sends a signal: pidfd_send_signal(2).
    /// - Throws: ESRCH where it has ended
    package func signal(_ signal: Int32) throws(KernelError) {
        guard berth_pidfd_send_signal(pidfd.number, signal) == 0 else {
            throw KernelError("send signal \(signal) to process", "\(identity.pid)", code: errno)
        }
    }

    /// The descriptor's number, readable once the process has ended (pidfd_open(2)). Valid as long as this lives.
    package var descriptor: Int32 { pidfd.number }

    private static func isAlive(_ pidfd: borrowing Descriptor) -> Bool {
        var poll = pollfd(fd: pidfd.number, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 0
    }

    private static func milliseconds(ofTicks ticks: UInt64) -> Int64 {
        let perSecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let (product, overflow) = ticks.multipliedReportingOverflow(by: 1000)
        return overflow ? Int64.max : Int64(clamping: product / perSecond)
    }
}
