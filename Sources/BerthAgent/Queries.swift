internal import BerthCore
package import BerthModel

/// What clients look at.
extension Agent {
    /// One reservation, live or ended.
    package func reservation(_ id: ReservationID, for peer: Peer) async throws(AgentError) -> ReservationView {
        try need(.observe, peer)
        let found: Reservation?
        if let held = state.reservations[id] { found = held } else { found = try await endedReservation(id) }
        guard let found else { throw .refused(.unknown(id)) }
        let caller = roles.caller(peer)
        guard found.user == caller.user || caller.isAdmin else { throw .refused(.notYours(id)) }
        await lookBeforeShowing(id)
        if let held = state.reservations[id] { return await viewWithUsage(held) }
        return await viewWithUsage(try await endedReservation(id) ?? found)
    }

    /// Live reservations, or those of one state; a user's own, an admin's all. Oldest first; of ended ones the latest
    /// thousand.
    package func reservations(
        in wanted: Reservation.State?, for peer: Peer
    ) async throws(AgentError) -> [ReservationView] {
        try need(.observe, peer)
        let caller = roles.caller(peer)
        var found = state.reservations.values.filter { reservation in
            (reservation.user == caller.user || caller.isAdmin)
                && (wanted.map { $0 == reservation.state } ?? reservation.isLive)
        }
        if let wanted, !wanted.isLive {
            // One that is freed while the ledger is read is in both.
            let seen = Set(found.map(\.id))
            do throws(LedgerError) {
                found += try await ports.ledger.ended(
                    state: wanted, user: caller.isAdmin ? nil : caller.user, limit: 1000
                ).filter { !seen.contains($0.id) }
            } catch {
                throw .ledger(error)
            }
        }
        found.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        return found.map(view)
    }

    /// What there is, what is held of it, and what is free, by type.
    package func resources(for peer: Peer) async throws(AgentError) -> [ResourceReport] {
        try need(.observe, peer)
        await measure()
        return ResourceReport.all(state, use: await ports.enforcer.hostUse(), quarantined: Set(quarantined.keys))
    }

    /// A reservation that has ended and holds nothing.
    func endedReservation(_ id: ReservationID) async throws(AgentError) -> Reservation? {
        do throws(LedgerError) { return try await ports.ledger.ended(id) } catch { throw .ledger(error) }
    }

    /// The reservation as it is now, live or just ended.
    func current(_ id: ReservationID) async throws(AgentError) -> ReservationView {
        if let held = state.reservations[id] { return view(held) }
        if let ended = try await endedReservation(id) { return view(ended) }
        throw .refused(.unknown(id))
    }

    func view(_ reservation: Reservation) -> ReservationView {
        var environment = reservation.environment(on: state.capacity)
        let isHeld = state.reservations[reservation.id] != nil
        let cgroup = isHeld ? ports.enforcer.path(of: reservation) : nil
        environment["BERTH_CGROUP"] = cgroup
        return ReservationView(
            reservation: reservation, environment: environment, usage: reservation.usage, cgroup: cgroup,
            quarantined: quarantined[reservation.id] ?? [])
    }

    private func viewWithUsage(_ reservation: Reservation) async -> ReservationView {
        var view = view(reservation)
        if state.reservations[reservation.id] != nil {
            view.usage = await ports.enforcer.usage(of: reservation)
            view.providedUsage = await providedUsage(reservation)
        }
        return view
    }
}
