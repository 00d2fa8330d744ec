internal import BerthCore
package import BerthKernel
package import BerthModel
internal import Glibc

/// Bringing processes into leaves.
extension CgroupEnforcer {
    /// So much memory of a process that comes is not worth a word: a program that is about to become another one has it.
    private static let smallCharge: Int64 = 8 << 20

    /// Moves a process into the leaf of a reservation, and watches it; `whenExited` is called once when it ends.
    /// - Returns: what the receipts have become: the leaf does not hold what the process had in memory before
    /// - Throws: ESRCH where the process has ended, else what the kernel answered; it then is where it was
    package func attach(
        _ process: LiveProcess, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) throws(KernelError) -> [Receipt] {
        guard let leaf = leaves[reservation.id] else { throw KernelError("find", path(of: reservation), code: ENOENT) }
        let pid = process.identity.pid
        let charge = try charge(of: pid)
        let origin = try origin(of: pid)
        try leaf.group.move(pid)
        guard process.isAlive, try leaf.group.processesBelow().contains(pid) else {
            // The number may have become another process's, which must not stay.
            if try leaf.group.processes().contains(pid), !process.isAlive, let origin {
                try Group(at: origin).move(pid)
            }
            throw KernelError("attach process", "\(pid)", code: ESRCH)
        }
        try watch(process, of: reservation, whenExited: whenExited)
        return reservation.receipts.map { charge.noted(in: $0) }
    }

    /// Watches a process that is in the leaf already, or was.
    package func watch(
        _ process: LiveProcess, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) throws(KernelError) {
        guard let leaf = leaves[reservation.id] else { throw KernelError("find", path(of: reservation), code: ENOENT) }
        leaf.processes[process.identity] = try watch.whenEnded(process, whenExited)
    }

    /// The folder of the group that a process is in; nil where it cannot be seen from here.
    private func origin(of pid: Int32) throws(KernelError) -> String? {
        let line = try live.text("proc/\(pid)/cgroup").split(separator: "\n").first { $0.hasPrefix("0::/") }
        guard let path = line?.dropFirst(3), !path.hasSuffix(" (deleted)") else { return nil }
        let top = treeRoot.path.hasPrefix("/sys/fs/cgroup") ? "/sys/fs/cgroup" : treeRoot.path
        return path == "/" ? top : top + path
    }

    /// What a process brings that its new leaf does not hold.
    private struct Charge {
        var bytes: Int64 = 0
        var isExempt = false

        func noted(in receipt: Receipt) -> Receipt {
            guard receipt.type == .memory, receipt.status != .unsupported else { return receipt }
            var noted = receipt
            if bytes > CgroupEnforcer.smallCharge {
                noted.chargedElsewhere = (receipt.chargedElsewhere ?? 0) + bytes
                noted.status = .advisory
                noted.reason =
                    "memory that processes had before they were attached stays charged to where they came from"
            }
            if isExempt {
                noted.status = .advisory
                noted.reason =
                    "an attached process is exempt from the out-of-memory killer (oom_score_adj -1000): it is never "
                    + "killed at the limit"
            }
            return noted
        }
    }

    private func charge(of pid: Int32) throws(KernelError) -> Charge {
        var charge = Charge()
        for line in try live.text("proc/\(pid)/status").split(separator: "\n") {
            guard line.hasPrefix("RssAnon:") || line.hasPrefix("RssShmem:") else { continue }
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count == 3, let kibibytes = Int64(fields[1]) else { continue }
            charge.bytes += Int64(clamping: kibibytes.multipliedReportingOverflow(by: 1024).partialValue)
        }
        charge.isExempt = (try? live.text("proc/\(pid)/oom_score_adj").trimmed) == "-1000"
        return charge
    }
}

extension KernelError {
    /// The process has ended meanwhile.
    package var saysNoProcess: Bool { code == ESRCH }
}
