internal import BerthCore
package import BerthKernel
package import BerthModel
internal import Glibc

/// Bringing processes into leaves.
extension CgroupEnforcer {
    /// What the receipts would become with a process in the leaf, which does not hold what that has in memory already.
    /// - Throws: ESRCH where the process has ended, else what the kernel answered
    package func receipts(
        with process: LiveProcess, in reservation: Reservation
    ) throws(KernelError) -> [Receipt] {
        let charge = try MemoryCharge(of: process.identity.pid, on: live)
        return reservation.receipts.map { charge.noted(in: $0) }
    }

    /// Moves a process into the leaf of a reservation, and watches it; `whenExited` is called once when it ends.
    /// - Returns: what the receipts have become: the leaf does not hold what the process had in memory before
    /// - Throws: ESRCH where the process has ended, else what the kernel answered; it then is where it was
    package func attach(
        _ process: LiveProcess, to reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) throws(KernelError) -> [Receipt] {
        guard let leaf = leaves[reservation.id] else { throw KernelError("find", path(of: reservation), code: ENOENT) }
        let pid = process.identity.pid
        let receipts = try receipts(with: process, in: reservation)
        let origin = try origin(of: pid)
        try leaf.group.move(pid)
        do throws(KernelError) {
            guard process.isAlive, try leaf.group.processesBelow().contains(pid) else {
                throw KernelError("attach process", "\(pid)", code: ESRCH)
            }
            try watch(process, of: reservation, whenExited: whenExited)
        } catch {
            // Whoever has the number now, another process it may be, must not stay.
            if let origin, CgroupEnforcer.isIn(leaf, process) { try CgroupEnforcer.moveBack(pid, to: origin) }
            throw error
        }
        return receipts
    }

    /// Whether the number of a process that was moved into a leaf is there. Where that cannot be read, one that lives is.
    private static func isIn(_ leaf: Leaf, _ process: LiveProcess) -> Bool {
        do throws(KernelError) { return try leaf.group.processesBelow().contains(process.identity.pid) } catch {
            return process.isAlive
        }
    }

    /// A process that has ended is nowhere any more.
    private static func moveBack(_ pid: Int32, to origin: String) throws(KernelError) {
        do throws(KernelError) { try Group(at: origin).move(pid) } catch {
            guard error.saysNoProcess else { throw error }
        }
    }

    /// Watches a process that is in the leaf already, or was.
    package func watch(
        _ process: LiveProcess, of reservation: Reservation, whenExited: @escaping @Sendable () -> Void
    ) throws(KernelError) {
        guard let leaf = leaves[reservation.id] else { throw KernelError("find", path(of: reservation), code: ENOENT) }
        let (id, identity) = (reservation.id, process.identity)
        let former = leaf.processes[identity]
        leaf.processes[identity] = try watch.whenEnded(process) { [weak self] in
            Task { await self?.forget(identity, of: id) }
            whenExited()
        }
        // One that had left and was brought back is watched already.
        if let former { watch.cancel(former) }
    }

    /// Those of the processes of a reservation that are alive and outside of its leaf; nil where that cannot be told.
    package func outside(_ processes: [LiveProcess], of id: ReservationID) -> Set<ProcessIdentity>? {
        guard let leaf = leaves[id] else { return nil }
        let place = String(leaf.group.path.dropFirst((tree?.root.path ?? treeRoot.path).count))
        var outside: Set<ProcessIdentity> = []
        do throws(KernelError) {
            for process in processes where try ProcessGroup.isOutside(process, of: place, on: live) {
                outside.insert(process.identity)
            }
        } catch {
            return nil
        }
        return outside
    }

    /// A leaf that serves one process after another keeps nothing of those that have ended.
    private func forget(_ process: ProcessIdentity, of id: ReservationID) {
        leaves[id]?.processes[process] = nil
    }

    /// The folder of the group that a process is in; nil where it cannot be seen from here.
    private func origin(of pid: Int32) throws(KernelError) -> String? {
        guard let group = ProcessGroup(parsing: try live.text("proc/\(pid)/cgroup")), !group.isRemoved else {
            return nil
        }
        let top = treeRoot.path.hasPrefix("/sys/fs/cgroup") ? "/sys/fs/cgroup" : treeRoot.path
        return group.path == "/" ? top : top + group.path
    }
}

extension KernelError {
    /// The process has ended meanwhile.
    package var saysNoProcess: Bool { code == ESRCH }
}
