internal import BerthModel

extension State {
    /// Attached processes that are outside of the leaf and were not have left; those that were and are not have returned.
    /// Each is said once, however often it is seen.
    ///
    /// Nothing ends by it, also where enforcement is required: what the leaf holds is as it was, and the end would kill
    /// what still runs in it for one that left, and not that one. The receipts that are shown are advisory meanwhile.
    func noteOutside(_ id: ReservationID, _ outside: Set<ProcessIdentity>) -> Decision {
        guard let reservation = reservations[id], reservation.isLive else { return Decision(answer: .nothing) }
        let known = Set(reservation.left)
        let changes = reservation.attached.compactMap { process -> Event.Change? in
            switch (outside.contains(process), known.contains(process)) {
            case (true, false): .left(id, process)
            case (false, true): .returned(id, process)
            default: nil
            }
        }
        return Decision(changes: changes, answer: .nothing)
    }
}
