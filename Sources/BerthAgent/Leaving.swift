internal import BerthCore
internal import BerthModel

/// Attached processes that live outside of their leaf: a program can step out by its user's own manager, a container
/// engine or a login.
///
/// The kernel tells of no process that leaves while others stay. So they are looked for when a leaf empties, when a
/// reservation is verified, and when one is shown; at rest that costs nothing.
extension Agent {
    /// The last process of a leaf has ended, or has left it.
    func noteLeafEmptied(_ id: ReservationID) async {
        await noteOutside(id)
        await noteEmptied(id)
    }

    /// Looks before a reservation is shown. Whoever is busy with it is not waited for.
    func lookBeforeShowing(_ id: ReservationID) async {
        guard phase == .serving, waiting[id] == nil else { return }
        await noteOutside(id)
    }

    /// Looks which attached processes of a reservation live outside of its leaf, and notes what has changed.
    private func noteOutside(_ id: ReservationID) async {
        guard hasProcesses(id) else { return }
        await alone(with: id) { await self.lookOutside(id) }
    }

    /// The same, for who is alone with the reservation already: no process is being attached meanwhile.
    func lookOutside(_ id: ReservationID) async {
        guard hasProcesses(id), let reservation = state.reservations[id] else { return }
        let processes = reservation.attached.compactMap { process in
            handles[process] ?? (try? ports.processes.process(process)).flatMap { $0 }
        }
        guard var outside = await ports.enforcer.outside(processes, of: reservation) else { return }
        // One that has ended has not returned: its end, which is on its way, is what is to be noted.
        for process in reservation.left where !isAlive(process) { outside.insert(process) }
        settleLater(carryOut(.noteOutside(id, outside)).stored)
    }

    private func hasProcesses(_ id: ReservationID) -> Bool {
        guard let reservation = state.reservations[id] else { return false }
        return reservation.isLive && !reservation.attached.isEmpty
    }
}
