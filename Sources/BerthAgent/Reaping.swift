internal import BerthCore
internal import BerthModel

/// Takes back what is over, before a request is refused for it: the kernel's word of an end may still be on its way.
extension Agent {
    /// Ends and frees every reservation whose last process is gone. Returns whether anything became free.
    func reap() async -> Bool {
        let held = state.reservations.values
        let over = held.filter { reservation in
            guard reservation.isLive else { return quarantined[reservation.id] == nil }
            return reservation.end == .empty && reservation.wasAttached
                && reservation.attached.allSatisfy { !isAlive($0) }
        }.map(\.id)
        var isFree = false
        for id in over {
            guard let reservation = state.reservations[id] else { continue }
            // What still runs, and has its time to end, is not waited for.
            guard await ports.enforcer.look(at: reservation).isEmpty else { continue }
            for process in reservation.attached { await noteExited(id, process) }
            await noteEmptied(id)
            guard state.reservations[id]?.isLive == false else { continue }
            await finish(id, grace: .zero)
            isFree = isFree || state.reservations[id] == nil
        }
        return isFree
    }

    /// Whether a process that was attached still lives. One that nobody can look at may.
    func isAlive(_ process: ProcessIdentity) -> Bool {
        if let handle = handles[process] { return handle.isAlive }
        do throws(AttachError) { return try ports.processes.process(process) != nil } catch { return true }
    }

    /// Has the core know what runs outside of every reservation, at most once a second.
    func measure() async {
        // What cannot be noted now is measured again.
        guard phase != .reloading else { return }
        let now = ports.clock.now().uptime
        if let measuredAt, now - measuredAt < 1000 { return }
        measuredAt = now
        guard let memory = await ports.enforcer.hostUse()?.unmanagedMemory else { return }
        settleLater(carryOut(.noteUnmanaged(memory)).stored)
    }
}
